// What a viewer sees besides the page itself: the pointer, the mark, the caption's bar, the terminal, the title.

export const WIDTH = 1280;
export const HEIGHT = 720;
export const BAR = 100;
/** Pages are laid out this wide and shown larger, so that they can be read in a small player. */
export const SCALE = 1.25;
export const VIEW = { width: WIDTH / SCALE, height: (HEIGHT - BAR) / SCALE };

const FONT = '"Noto Sans CJK TC", "PingFang TC", "Microsoft JhengHei", sans-serif';
const MONO = '"Noto Sans Mono CJK TC", "DejaVu Sans Mono", monospace';

const escape = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Draws the pointer and the mark on whatever page is open; runs in the page. */
export function draw({ pointer, mark }) {
  const put = (id, make) => {
    let element = document.getElementById(id);
    if (!element) {
      element = make();
      element.id = id;
      element.setAttribute('aria-hidden', 'true');
      document.documentElement.append(element);
    }
    return element;
  };
  const box = put('film-mark', () => {
    const made = document.createElement('div');
    Object.assign(made.style, {
      position: 'fixed', zIndex: '2147483646', pointerEvents: 'none', boxSizing: 'border-box',
      border: '3px solid #e2562b', borderRadius: '8px', boxShadow: '0 0 0 4px rgba(226, 86, 43, .22)',
    });
    return made;
  });
  const found = mark && document.querySelector(mark);
  const at = found?.getBoundingClientRect();
  box.style.display = at ? 'block' : 'none';
  if (at) {
    // Of something larger than the screen, the mark still shows all four sides.
    const left = Math.max(at.left - 6, 3);
    const top = Math.max(at.top - 6, 3);
    const right = Math.min(at.right + 6, innerWidth - 3);
    const bottom = Math.min(at.bottom + 6, innerHeight - 3);
    Object.assign(box.style, {
      left: `${left}px`, top: `${top}px`, width: `${right - left}px`, height: `${bottom - top}px`,
    });
  }
  const arrow = put('film-pointer', () => {
    const space = 'http://www.w3.org/2000/svg';
    const made = document.createElementNS(space, 'svg');
    made.setAttribute('viewBox', '0 0 24 24');
    Object.assign(made.style, {
      position: 'fixed', zIndex: '2147483647', pointerEvents: 'none', width: '30px', height: '30px',
      filter: 'drop-shadow(0 1px 2px rgba(0, 0, 0, .45))',
    });
    const ring = document.createElementNS(space, 'circle');
    for (const [name, value] of Object.entries({ cx: 4, cy: 3, r: 4, fill: 'none', stroke: '#e2562b', 'stroke-width': 2 }))
      ring.setAttribute(name, value);
    const path = document.createElementNS(space, 'path');
    path.setAttribute('d', 'M4 2v17l4.4-4 2.9 6.6 2.9-1.3-2.9-6.4H18z');
    path.setAttribute('fill', '#111');
    path.setAttribute('stroke', '#fff');
    path.setAttribute('stroke-width', '1.3');
    made.append(path, ring);
    made.style.overflow = 'visible';
    return made;
  });
  arrow.style.display = pointer ? 'block' : 'none';
  if (pointer) {
    arrow.style.left = `${pointer.x - 5}px`;
    arrow.style.top = `${pointer.y - 3}px`;
    arrow.lastChild.setAttribute('r', pointer.down ? 11 : 4);
    arrow.lastChild.style.display = pointer.down ? 'block' : 'none';
  }
}

/** The bar below the page: where we are, and the words. */
export function bar(place, words) {
  const lines = words.map((line) => `<p>${escape(line)}</p>`).join('');
  return `<!doctype html><html lang="zh-Hant-TW"><meta charset="utf-8"><style>
    * { margin: 0; box-sizing: border-box }
    body { width: ${WIDTH}px; height: ${BAR}px; background: #14212b; color: #fff; font-family: ${FONT};
      display: grid; grid-template-columns: 190px 1fr 190px; align-items: center }
    b { justify-self: start; margin-left: 22px; padding: 4px 13px; border-radius: 99px; font: 600 19px/1.3 ${FONT};
      background: #2a4152; color: #d5e7f3 }
    div { text-align: center; font-size: 31px; line-height: 1.36; font-weight: 500 }
    </style><body><b ${place ? '' : 'hidden'}>${escape(place)}</b><div>${lines}</div></body></html>`;
}

/** A terminal with what was typed and said so far. */
export function terminal(lines) {
  const shown = lines.map((line) => (line.typed === undefined
    ? `<p>${escape(line.said) || ' '}</p>`
    : `<p><i>$</i> ${escape(line.typed)}${line.open ? '<u> </u>' : ''}</p>`)).join('');
  return `<!doctype html><html lang="zh-Hant-TW"><meta charset="utf-8"><style>
    * { margin: 0; box-sizing: border-box }
    body { height: 100vh; background: #10181f; color: #dbe4ea; font: 15px/1.5 ${MONO}; padding: 14px 18px;
      display: flex; flex-direction: column; justify-content: flex-end; overflow: hidden }
    main { margin-bottom: auto }
    p { white-space: pre-wrap; overflow-wrap: anywhere }
    i { color: #7fd18c; font-style: normal } u { background: #dbe4ea; text-decoration: none }
    </style><body><main>${shown}</main></body></html>`;
}

/** The first picture of a film, which is also its poster. */
export function title({ number, title: words, summary }) {
  return `<!doctype html><html lang="zh-Hant-TW"><meta charset="utf-8"><style>
    * { margin: 0; box-sizing: border-box }
    body { width: ${WIDTH}px; height: ${HEIGHT}px; background: #14212b; color: #fff; font-family: ${FONT};
      padding: 150px 120px; position: relative }
    small { font-size: 26px; color: #9fc3da; letter-spacing: .06em } h1 { font-size: 74px; margin: 18px 0 26px; line-height: 1.25 }
    p { font-size: 32px; line-height: 1.6; color: #dbe7ef; max-width: 900px }
    svg { position: absolute; right: 96px; bottom: 84px; width: 120px }
    </style><body><small>金流之書　短片 ${escape(number)}</small><h1>${escape(words)}</h1><p>${escape(summary)}</p>
    <svg viewBox="0 0 100 100"><circle cx="50" cy="50" r="48" fill="#e2562b"/><path d="M40 30l34 20-34 20z" fill="#fff"/></svg></body></html>`;
}
