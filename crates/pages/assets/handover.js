// Posts the form to the gateway once. Coming back to this page does not post it again.
(() => {
  "use strict";
  const form = document.getElementById("handover");
  if (!form) return;
  const button = form.querySelector("button");
  const words = button.textContent;
  let sent = false;

  form.addEventListener("submit", (event) => {
    if (sent) { event.preventDefault(); return; }
    sent = true;
    button.textContent = button.dataset.busy;
    button.setAttribute("aria-disabled", "true");
    document.body.classList.add("leaving");
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    sent = false;
    button.textContent = words;
    button.removeAttribute("aria-disabled");
    document.body.classList.remove("leaving");
  });
  const [visit] = performance.getEntriesByType("navigation");
  if (!visit || (visit.type !== "back_forward" && visit.type !== "reload")) form.requestSubmit();
})();
