// Questions with feedback, a score, progress, and buttons that copy. All of it stays in this browser.
(() => {
  'use strict';
  const KEY = 'jinliu.learn';
  const main = document.querySelector('main.learn');
  if (!main) return;
  const words = (name) => main.getAttribute('data-words-' + name) || '';

  // {page: {number: letter}}; where nothing can be kept, it is kept for this page only.
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem(KEY)) || {}; } catch { kept = {}; }
  if (typeof kept !== 'object' || Array.isArray(kept)) kept = {};
  const keep = () => { try { localStorage.setItem(KEY, JSON.stringify(kept)); } catch { /* private window */ } };
  const of = (page) => (kept[page] && typeof kept[page] === 'object' ? kept[page] : {});

  for (const part of document.querySelectorAll('[data-scripted]')) part.hidden = false;

  // Copy.
  for (const fence of document.querySelectorAll('[data-copy]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = words('copy');
    button.addEventListener('click', async () => {
      const text = fence.querySelector('code').textContent.trimEnd();
      try { await navigator.clipboard.writeText(text); } catch { getSelection().selectAllChildren(fence.querySelector('code')); return; }
      button.textContent = words('copied');
      setTimeout(() => { button.textContent = words('copy'); }, 1600);
    });
    fence.append(button);
  }

  // Questions.
  const judge = (field, letter) => {
    const right = field.dataset.right === letter;
    field.classList.toggle('right', right);
    field.classList.toggle('wrong', !right);
    field.querySelector('.verdict').textContent = right ? words('right') : words('wrong');
    field.querySelector('details').open = true;
    return right;
  };
  const clear = (field) => {
    field.classList.remove('right', 'wrong');
    field.querySelector('.verdict').textContent = '';
    field.querySelector('details').open = false;
  };
  const quiz = document.querySelector('.quiz');
  if (quiz) {
    const page = quiz.dataset.page;
    const exam = quiz.hasAttribute('data-exam');
    const fields = [...quiz.querySelectorAll('fieldset')];
    const chosen = (field) => (field.querySelector('input:checked') || {}).value;
    for (const field of fields) {
      const before = of(page)[field.dataset.question];
      const input = [...field.querySelectorAll('input')].find((one) => one.value === before);
      if (input) {
        input.checked = true;
        if (!exam) judge(field, before);
      }
      field.addEventListener('change', () => {
        kept[page] = { ...of(page), [field.dataset.question]: chosen(field) };
        keep();
        if (!exam) judge(field, chosen(field));
      });
    }
    const submit = quiz.querySelector('[data-submit]');
    const again = quiz.querySelector('[data-again]');
    if (submit) {
      const score = quiz.querySelector('.score');
      submit.addEventListener('click', () => {
        const n = fields.filter((field) => judge(field, chosen(field))).length;
        score.textContent = words('score').replace('{n}', n).replace('{all}', fields.length);
        again.hidden = false;
        score.scrollIntoView({ block: 'center' });
      });
      again.addEventListener('click', () => {
        for (const field of fields) {
          clear(field);
          for (const input of field.querySelectorAll('input')) input.checked = false;
        }
        delete kept[page];
        keep();
        score.textContent = '';
        again.hidden = true;
        fields[0].querySelector('input').focus();
      });
    }
  }

  // Progress over the chapters.
  const show = () => {
    for (const line of document.querySelectorAll('[data-chapter]')) {
      const pages = Object.keys(kept).filter((page) => page.startsWith(line.dataset.chapter + '/'));
      const all = Number(line.dataset.all);
      const n = Math.min(all, pages.reduce((sum, page) => sum + Object.keys(of(page)).length, 0));
      line.querySelector('progress').value = n;
      line.querySelector('span').textContent = line.dataset.words.replace('{n}', n).replace('{all}', all);
    }
  };
  show();
  const forget = document.querySelector('[data-forget]');
  if (forget) forget.addEventListener('click', () => { kept = {}; try { localStorage.removeItem(KEY); } catch { /* nothing was kept */ } show(); });

  // Beside the text there is room for the contents.
  const toc = document.querySelector('[data-toc]');
  const wide = matchMedia('(min-width: 960px)');
  if (toc) {
    const fit = () => { toc.open = wide.matches; };
    fit();
    wide.addEventListener('change', fit);
  }
})();
