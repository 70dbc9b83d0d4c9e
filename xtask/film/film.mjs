// Plays one script against the running demo. With a folder for pictures it also records: pictures are taken one after
// another and each is given its time in the film by the script, so that a slow machine makes the same film as a fast one,
// waiting is cut, and the captions' times are those of the very pictures.

import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile, symlink, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { BAR, HEIGHT, SCALE, VIEW, WIDTH, bar, draw, terminal, title } from './stage.mjs';

const job = JSON.parse(await readFile(process.argv[2], 'utf8'));
const { chromium } = createRequire(join(job.modules, 'x.js'))('playwright-core');

const PATIENCE = 120_000;
/** Pictures a second. */
const RATE = 10;
/** Characters that are read in a second, and the least that a caption stays. */
const READING = 6;
const LEAST = 2.6;

const kept = { ...job.places, shopdir: job.folder };
const fill = (text) => text.replace(/\{(\w+)\}/g, (whole, name) => kept[name] ?? whole);

/**
 * Scrolls there at once. Playwright's own way waits until the element stands still for two frames; a page at rest gets one
 * frame a second, and a live page has put a new element there by then.
 */
const reached = (element) => element.evaluate((found) => found.scrollIntoViewIfNeeded());

class Film {
  ticks = 0;
  /** What is shown when: a picture of the page, one of the bar, and for how many ticks. */
  shots = [];
  cues = [];
  pointer = { x: VIEW.width / 2, y: VIEW.height / 2, down: false };
  lines = [];
  shops = [];
  bars = new Map();
  words = [];

  constructor(browser, page, console_, drawing) {
    Object.assign(this, { browser, page, console: console_, drawing, active: page, records: Boolean(job.pictures) });
    page.setDefaultTimeout(PATIENCE);
  }

  place() {
    if (this.active === this.console) return '終端機';
    const url = this.page.url();
    if (url.startsWith(job.places.payuni)) return 'PAYUNi 沙盒';
    if (url.startsWith(job.places.google)) return 'Google 沙盒';
    const path = url.slice(job.places.shop.length);
    if (path.startsWith('/learn')) return '金流之書';
    if (path.startsWith('/lab')) return '攻擊實驗室';
    if (path.startsWith('/admin')) return '後台';
    return url.startsWith(job.places.shop) ? '商店' : '';
  }

  async barFor(place) {
    const key = JSON.stringify([place, this.words]);
    if (!this.bars.has(key)) {
      const file = join(job.pictures, `bar-${this.bars.size}.png`);
      await this.drawing.setViewportSize({ width: WIDTH, height: BAR });
      await this.drawing.setContent(bar(place, this.words));
      await this.drawing.screenshot({ path: file });
      this.bars.set(key, file);
    }
    return this.bars.get(key);
  }

  /** Takes a picture and shows it for so long. A page that is just changing is asked again. */
  async shoot(seconds) {
    if (!this.records) return;
    const file = join(job.pictures, `page-${this.shots.length}.png`);
    for (let attempt = 1; ; attempt++) {
      try {
        if (this.active === this.page)
          await this.page.evaluate(draw, { pointer: this.pointer, mark: '[data-film-mark]' });
        await this.active.screenshot({ path: file, caret: 'initial', scale: 'device' });
        break;
      } catch (error) {
        if (attempt === 5) throw error;
        await this.active.waitForLoadState('load');
      }
    }
    const ticks = Math.max(1, Math.round(seconds * RATE));
    this.shots.push({ page: file, bar: await this.barFor(this.place()), ticks });
    this.ticks += ticks;
  }

  async settle() {
    await this.page.waitForLoadState('load');
    if (this.records) {
      await this.page.evaluate(() => Promise.all([document.fonts.ready, ...[...document.images]
        .filter((image) => image.loading !== 'lazy' && !image.complete)
        .map((image) => new Promise((done) => { image.onload = done; image.onerror = done; }))])).catch(() => {});
    }
  }

  /** Brings an element into the middle, a little at a time where it is far. */
  async into(element) {
    if (!this.records) return reached(element);
    const distance = await element.evaluate((found) => {
      const at = found.getBoundingClientRect();
      if (at.top >= 40 && at.bottom <= innerHeight - 24) return 0;
      const most = document.documentElement.scrollHeight - innerHeight - scrollY;
      const wanted = at.height > innerHeight - 90 ? at.top - 40 : at.top - (innerHeight - at.height) / 2;
      return Math.max(-scrollY, Math.min(most, wanted));
    });
    const steps = Math.abs(distance) < 40 ? 1 : 4;
    for (let step = 0; step < steps && distance !== 0; step++) {
      await this.page.evaluate((by) => scrollBy({ top: by, behavior: 'instant' }), distance / steps);
      await this.shoot(0.1);
    }
    // What scrolls inside something else is not reached by the page.
    await reached(element);
  }

  async point(element) {
    if (!this.records) return;
    await this.into(element);
    const box = await element.boundingBox();
    if (!box) throw new Error('it cannot be pointed at');
    const to = { x: box.x + Math.min(box.width / 2, 240), y: box.y + box.height / 2 };
    const from = { ...this.pointer };
    for (let step = 1; step <= 4; step++) {
      const part = 0.5 - Math.cos((Math.PI * step) / 4) / 2;
      this.pointer = { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part, down: false };
      await this.shoot(0.1);
    }
  }

  found(selector) {
    this.active = this.page;
    return this.page.locator(fill(selector)).first();
  }

  async unmark() {
    await this.page.evaluate(() => document.querySelectorAll('[data-film-mark]')
      .forEach((marked) => marked.removeAttribute('data-film-mark'))).catch(() => {});
  }

  async act(act) {
    const [[name, what]] = Object.entries(act);
    await this[name](what);
  }

  async go(address) {
    this.active = this.page;
    await this.page.goto(fill(address));
    await this.settle();
    await this.shoot(0.5);
  }

  async click(selector) {
    const element = this.found(selector);
    await element.waitFor();
    await this.point(element);
    this.pointer.down = true;
    await this.shoot(0.3);
    this.pointer.down = false;
    await this.unmark();
    await element.click();
    await this.settle();
    await this.shoot(0.4);
  }

  async type({ into, text }) {
    const element = this.found(into);
    await element.waitFor();
    await this.point(element);
    await element.click();
    await element.fill('');
    const all = [...fill(text)];
    for (let at = 0; at < all.length; at += 4) {
      await element.pressSequentially(all.slice(at, at + 4).join(''));
      await this.shoot(0.1);
    }
  }

  async choose({ from, text }) {
    const element = this.found(from);
    await element.waitFor();
    await this.point(element);
    await element.selectOption({ label: fill(text) });
    await this.shoot(0.5);
  }

  async see(selector) {
    await this.found(selector).waitFor();
    await this.settle();
    await this.shoot(0.4);
  }

  async read(text) {
    this.active = this.page;
    await this.page.getByText(fill(text)).filter({ visible: true }).first().waitFor();
    await this.settle();
    await this.shoot(0.4);
  }

  async reread(text) {
    this.active = this.page;
    const until = Date.now() + PATIENCE;
    const wanted = fill(text);
    while (!(await this.page.locator('body').innerText()).includes(wanted)) {
      if (Date.now() > until) throw new Error(`never read ${wanted}`);
      await new Promise((done) => setTimeout(done, 300));
      await this.page.reload();
    }
    await this.settle();
    await this.shoot(0.4);
  }

  async show(selector) {
    const element = this.found(selector);
    await element.waitFor();
    if (!(await element.evaluate((found) => Boolean(found.innerText?.trim() || found.querySelector?.('svg, img') || found.matches('svg, img, input, video')))))
      throw new Error(`${selector} shows nothing`);
    await this.unmark();
    await this.into(element);
    await element.evaluate((found) => found.setAttribute('data-film-mark', ''));
    await this.shoot(0.6);
  }

  async keep({ text, of }) {
    const element = this.found(of);
    await element.waitFor();
    kept[text] = (await element.innerText()).trim();
  }

  async control({ of, path, body }) {
    const answer = await fetch(`${job.places[of]}/_sandbox/${fill(path)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`the sandbox answers ${answer.status}: ${await answer.text()}`);
  }

  async run({ command, says }) {
    this.active = this.console;
    const line = fill(command);
    const all = [...line];
    this.lines.push({ typed: '', open: true });
    const last = this.lines.at(-1);
    if (this.records) {
      for (let at = 0; at < all.length; at += 4) {
        last.typed = all.slice(0, at + 4).join('');
        await this.console.setContent(terminal(this.lines));
        await this.shoot(0.1);
      }
    }
    Object.assign(last, { typed: line, open: false });
    const said = await heard(line);
    if (!said.includes(fill(says))) throw new Error(`\`${line}\` does not say ${fill(says)}, but:\n${said}`);
    this.lines.push(...said.trimEnd().split('\n').map((one) => ({ said: one })));
    await this.console.setContent(terminal(this.lines));
    await this.shoot(1.2);
  }

  /** Opens another shop, in a folder below: from now on it is the one that is meant. */
  async open(folder) {
    const child = spawn(join(job.programs, 'jinliu'), ['--port', '0', '--payuni-port', '0', '--google-port', '0'],
      { cwd: join(job.folder, folder), env: { ...process.env, RUST_LOG: 'error' }, stdio: ['ignore', 'pipe', 'ignore'] });
    this.shops.push(child);
    let said = '';
    const origins = await new Promise((known, fail) => {
      child.on('close', () => fail(new Error('the shop does not open')));
      child.stdout.setEncoding('utf8').on('data', (text) => {
        said += text;
        const found = said.match(/http:\/\/localhost:\d+/g) ?? [];
        if (found.length >= 3) known(found);
      });
    });
    [job.places.shop, job.places.payuni, job.places.google] = origins;
    Object.assign(kept, job.places);
  }

  async scene({ words, do: acts }) {
    const start = this.ticks;
    this.words = words;
    await this.unmark();
    if (this.ticks > 0) await this.shoot(0.5);
    for (const act of acts) {
      try {
        await this.act(act);
      } catch (error) {
        const scene = await this.page.locator('body').innerText().catch(() => '');
        throw new Error(`at 「${words.join('')}」, ${JSON.stringify(act)}: ${error.message}\n  at ${this.page.url()}, which says:\n${scene.slice(0, 1500)}`);
      }
    }
    const letters = words.join('').replaceAll(/\s/g, '').length;
    const wanted = Math.ceil(Math.max(LEAST, letters / READING + 0.8) * RATE);
    const rest = Math.max(wanted - (this.ticks - start), 8);
    await this.shoot(rest / RATE);
    if (this.records) this.cues.push({ start: (start * 1000) / RATE, end: (this.ticks * 1000) / RATE, words });
  }

  /** The title's picture, cut into the page's part and the bar's. */
  async opening() {
    if (!this.records) return;
    const [page, below] = ['title.png', 'title-bar.png'].map((name) => join(job.pictures, name));
    await this.drawing.setViewportSize({ width: WIDTH, height: HEIGHT });
    await this.drawing.setContent(title(job.script));
    await this.drawing.screenshot({ path: job.poster });
    await this.drawing.screenshot({ path: page, clip: { x: 0, y: 0, width: WIDTH, height: HEIGHT - BAR } });
    await this.drawing.screenshot({ path: below, clip: { x: 0, y: HEIGHT - BAR, width: WIDTH, height: BAR } });
    this.shots.push({ page, bar: below, ticks: 3 * RATE });
    this.ticks += 3 * RATE;
  }

  /** Puts the pictures together: two rows of numbered names, a name for each tick. */
  async develop() {
    const folder = join(job.pictures, 'ticks');
    await mkdir(folder);
    let tick = 0;
    for (const shot of this.shots) {
      for (let n = 0; n < shot.ticks; n++, tick++) {
        await symlink(shot.page, join(folder, `page-${tick}.png`));
        await symlink(shot.bar, join(folder, `bar-${tick}.png`));
      }
    }
    await done(job.ffmpeg, ['-y', '-loglevel', 'error',
      '-framerate', String(RATE), '-i', join(folder, 'page-%d.png'),
      '-framerate', String(RATE), '-i', join(folder, 'bar-%d.png'),
      // Of pictures that are the same, one in five is enough to play, to jump to and to end at the right time.
      '-filter_complex', 'vstack,mpdecimate=max=4:hi=64:lo=64:frac=0,format=yuv420p', '-vsync', 'vfr',
      '-an', '-c:v', 'libvpx-vp9', '-crf', '34', '-b:v', '0',
      '-g', '40', '-deadline', 'good', '-cpu-used', '5', '-row-mt', '1', '-threads', '2', job.film]);
    await rm(folder, { recursive: true });
  }
}

/** What a command says, without the names of this machine's folders. */
function heard(command) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NO_COLOR: '1', RUST_LOG: 'error', JINLIU: job.root, PATH: `${job.programs}:${process.env.PATH}` };
    const child = spawn('sh', ['-c', command], { cwd: job.folder, env, timeout: 3 * PATIENCE });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => { said += text; });
    child.on('error', reject);
    child.on('close', () => resolve(said.replaceAll(job.folder, '~/shop').replaceAll(job.root, '~/jinliu')));
  });
}

function done(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
  });
}

const browser = await chromium.launch({
  executablePath: job.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--hide-scrollbars',
    '--force-prefers-reduced-motion', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1'],
});
let film;
try {
  const context = await browser.newContext({ viewport: VIEW, deviceScaleFactor: SCALE, locale: 'zh-TW',
    timezoneId: 'Asia/Taipei', colorScheme: 'light', reducedMotion: 'reduce' });
  const plain = await browser.newContext({ locale: 'zh-TW' });
  film = new Film(browser, await context.newPage(), await context.newPage(), await plain.newPage());
  await film.console.setContent(terminal([]));
  await film.opening();
  for (const scene of job.script.scenes) await film.scene(scene);
  if (film.records) await film.develop();
  await writeFile(job.result, JSON.stringify({ cues: film.cues, length: film.ticks / RATE }));
} finally {
  for (const shop of film?.shops ?? []) shop.kill('SIGKILL');
  await browser.close();
}
