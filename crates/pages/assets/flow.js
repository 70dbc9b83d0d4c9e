// Goes through an order's hops one by one, with buttons and keys, and says where it is. Without it the same links load pages.
(() => {
  "use strict";
  const hops = () => [...document.querySelectorAll(".hops > li")];
  const here = () => document.querySelector(".hops > li[aria-current=step]");
  const wanted = () => {
    const mark = /^#hop-(\d+)$/.exec(location.hash);
    return mark ? mark[1] : new URLSearchParams(location.search).get("hop");
  };

  // The links say where they lead, and the place between them says where the reader is.
  function links() {
    const all = hops();
    const at = all.indexOf(here());
    document.querySelectorAll("[data-step]").forEach((link) => {
      const to = all[at + Number(link.dataset.step)];
      const may = to && (at >= 0 || link.dataset.step === "1");
      if (may) {
        link.href = to.querySelector(".more a").href;
        link.removeAttribute("aria-disabled");
        link.removeAttribute("role");
      } else {
        link.removeAttribute("href");
        link.setAttribute("aria-disabled", "true");
        link.setAttribute("role", "link");
      }
    });
    const place = document.getElementById("step-all");
    if (place && at >= 0) place.textContent = all[at].dataset.said.split("：")[0];
  }

  function mark(hop) {
    const old = here();
    if (old) old.removeAttribute("aria-current");
    hop.setAttribute("aria-current", "step");
    links();
  }

  function show(hop, focus) {
    // Of a long order only the hops around one are opened: the others are a page of their own.
    if (hop.dataset.shut) { location.assign(hop.dataset.shut); return; }
    mark(hop);
    hop.querySelectorAll("details").forEach((el) => { el.open = true; });
    const address = new URL(hop.querySelector(".more a").href);
    history.replaceState(null, "", address.pathname + address.search + address.hash);
    hop.scrollIntoView({ block: "start" });
    if (focus) hop.focus({ preventScroll: true });
    const said = document.getElementById("said");
    if (said) said.textContent = hop.dataset.said;
  }

  function go(by, focus) {
    const all = hops();
    const at = all.indexOf(here());
    const to = at < 0 ? (by > 0 ? all[0] : null) : all[at + by];
    if (to) show(to, focus);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-step]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(Number(link.dataset.step), false);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const at = event.target;
    if (at.closest("input,select,textarea,pre,[contenteditable]")) return;
    // Letters only where the reader already is among the hops: elsewhere they may be somebody's own commands.
    const among = at.closest(".hops,.stepper");
    const by = { ArrowRight: 1, ArrowLeft: -1, j: among && 1, k: among && -1 }[event.key];
    if (!by || !hops().length) return;
    event.preventDefault();
    go(by, true);
  });

  // The page was fetched anew: the reader stays where they were.
  document.addEventListener("renewed", () => {
    const hop = wanted() && document.getElementById("hop-" + wanted());
    if (hop) mark(hop);
  });

  let shut = [];
  window.addEventListener("beforeprint", () => {
    shut = [...document.querySelectorAll("main details:not([open])")];
    shut.forEach((el) => { el.open = true; });
  });
  window.addEventListener("afterprint", () => { shut.forEach((el) => { el.open = false; }); shut = []; });

  const first = wanted() && document.getElementById("hop-" + wanted());
  if (first && first !== here()) show(first, false);
})();
