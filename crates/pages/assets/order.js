// Follows an order's page: on each event it fetches the page again and swaps its <main>.
(() => {
  "use strict";
  // The explorer changes the address as its reader goes on.
  const here = () => location.pathname + location.search;
  let source = null;
  let timer = 0;
  let busy = false;
  let again = false;

  // What works only with script is hidden until there is script.
  function reveal() {
    const ready = (el) => { el.hidden = false; };
    document.querySelectorAll("[data-script],[data-print]").forEach(ready);
    if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(ready);
  }

  async function renew() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(here(), { headers: { accept: "text/html" }, credentials: "same-origin" });
      // A redirect means that the session ended: the whole page is the place to say so.
      if (answer.redirected) { location.reload(); return; }
      if (!answer.ok) return;
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = next.querySelector("main[id=main]");
      const old = document.getElementById("main");
      if (!fresh || !old) return;
      const focused = document.activeElement && old.contains(document.activeElement);
      const place = focused && document.activeElement.id;
      const status = old.querySelector("[role=status]");
      const said = fresh.querySelector("[role=status]");
      // The live region stays in the document, so that a screen reader reads its new words.
      if (status && said) {
        if (status.innerHTML !== said.innerHTML) status.innerHTML = said.innerHTML;
        said.replaceWith(status);
      }
      // What the reader has opened stays open.
      old.querySelectorAll("details[id][open]").forEach((el) => {
        const same = fresh.querySelector("#" + CSS.escape(el.id));
        if (same) same.open = true;
      });
      old.replaceWith(fresh);
      document.title = next.title;
      reveal();
      document.dispatchEvent(new Event("renewed"));
      if (focused) {
        const same = place && fresh.querySelector("#" + CSS.escape(place));
        if (same) same.focus({ preventScroll: true });
        if (!same || document.activeElement !== same) {
          fresh.tabIndex = -1;
          fresh.focus({ preventScroll: true });
        }
      }
      if (!fresh.dataset.live) stop();
      else if (fresh.dataset.poll !== old.dataset.poll) look();
    } catch (_) {
      // Offline: the next event or the next poll tries again.
    } finally {
      busy = false;
      if (again) { again = false; renew(); }
    }
  }

  // Behind a proxy that swallows events the page still comes up to date.
  function look() {
    clearInterval(timer);
    const main = document.getElementById("main");
    timer = setInterval(() => { if (!document.hidden) renew(); }, Number(main.dataset.poll) || 20000);
  }

  function stop() {
    if (source) source.close();
    source = null;
    clearInterval(timer);
  }

  function follow() {
    const main = document.getElementById("main");
    if (!main || !main.dataset.live || source) return;
    source = new EventSource(main.dataset.live);
    source.onmessage = renew;
    source.addEventListener("order", renew);
    look();
  }

  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => {
        const words = copy.textContent;
        if (words === copy.dataset.copied) return;
        copy.textContent = copy.dataset.copied;
        setTimeout(() => { copy.textContent = words; }, 2000);
      }, () => { copy.hidden = true; });
    }
    if (event.target.closest("[data-print]")) window.print();
  });
  // A page from the back-forward cache shows an old state.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) { stop(); renew().then(follow); }
  });
  window.addEventListener("pagehide", stop);
  reveal();
  follow();
})();
