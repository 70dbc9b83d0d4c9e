// Plays the recorded films from the book's own pages, as a reader's browser does.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const job = JSON.parse(await readFile(process.argv[2], 'utf8'));
const { chromium } = createRequire(join(job.modules, 'x.js'))('playwright-core');

const PATIENCE = 60_000;
/** Seconds by which the film may end beside its last caption. */
const APART = 0.5;

/** Runs in the page: loads the film, plays a little, jumps into its middle, and says what it is. */
async function watch(patience) {
  const video = document.querySelector('figure.film video');
  const within = (what, promise) => Promise.race([promise, new Promise((_, no) => setTimeout(() => no(new Error(`no ${what}`)), patience))]);
  const event = (target, name) => new Promise((done, fail) => {
    target.addEventListener(name, done, { once: true });
    video.addEventListener('error', () => fail(new Error(video.error?.message || 'the film does not load')), { once: true });
  });
  const track = video.querySelector('track');
  const captions = event(track, 'load');
  track.track.mode = 'hidden';
  const loaded = event(video, 'loadedmetadata');
  video.preload = 'auto';
  video.load();
  await within('metadata', loaded);
  await within('captions', captions);
  video.muted = true;
  await within('playing', video.play());
  await within('progress', new Promise((done) => {
    const look = () => (video.currentTime > 0.3 ? done() : requestAnimationFrame(look));
    look();
  }));
  video.pause();
  const sought = event(video, 'seeked');
  const middle = video.duration / 2;
  video.currentTime = middle;
  await within('jump', sought);
  const there = Math.abs(video.currentTime - middle) < 0.2;
  const cues = [...track.track.cues].map(({ startTime, endTime, text }) => ({ start: startTime, end: endTime, text }));
  return { width: video.videoWidth, height: video.videoHeight, length: video.duration, there, cues };
}

function faults(film, seen) {
  const found = [];
  if (seen.width !== 1280 || seen.height !== 720) found.push(`it is ${seen.width}×${seen.height}`);
  if (seen.length < 60 || seen.length > 180) found.push(`it lasts ${seen.length} s`);
  if (!seen.there) found.push('it cannot be jumped in');
  const end = film.cues.at(-1)?.end / 1000;
  if (!(Math.abs(seen.length - end) <= APART)) found.push(`it lasts ${seen.length} s and its captions ${end} s`);
  const near = (one, other) => Math.abs(one.start * 1000 - other.start) < 10 && Math.abs(one.end * 1000 - other.end) < 10 && one.text === other.text;
  if (seen.cues.length !== film.cues.length || !seen.cues.every((cue, at) => near(cue, film.cues[at])))
    found.push('the browser reads other captions');
  if (seen.cues.some((cue, at) => at > 0 && cue.start < seen.cues[at - 1].end)) found.push('captions overlap');
  return found.map((fault) => `${film.name}: ${fault}`);
}

const browser = await chromium.launch({
  executablePath: job.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--autoplay-policy=no-user-gesture-required',
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1'],
});
const all = [];
try {
  for (const film of job.films) {
    const page = await browser.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.on('console', (said) => { if (said.type() === 'error') all.push(`${film.name}: the browser complains: ${said.text()}`); });
    try {
      await page.goto(`${job.shop}/learn/films/${film.name}`);
      all.push(...faults(film, await page.evaluate(watch, PATIENCE)));
    } catch (error) {
      all.push(`${film.name}: ${error.message}`);
    }
    await page.close();
  }
} finally {
  await browser.close();
}
if (all.length > 0) {
  console.error(all.join('\n'));
  process.exitCode = 1;
}
