// Somebody quicker than the bot check waits for its token here, instead of being refused.
(() => {
  "use strict";
  const token = (form) => form.querySelector('[name="cf-turnstile-response"]');
  let waiting = 0;

  function rest() {
    clearInterval(waiting);
    waiting = 0;
    document.querySelectorAll("form.buy button").forEach((button) => button.removeAttribute("aria-disabled"));
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.buy");
    if (!form || !form.querySelector(".cf-turnstile")) return;
    const held = token(form);
    if (held && held.value) return;
    event.preventDefault();
    if (waiting) return;
    form.querySelector("button").setAttribute("aria-disabled", "true");
    const until = Date.now() + 10000;
    waiting = setInterval(() => {
      const held = token(form);
      if (!(held && held.value) && Date.now() < until) return;
      rest();
      // Without a token the shop says what to do.
      if (held && held.value) form.requestSubmit();
      else form.submit();
    }, 100);
  });
  window.addEventListener("pageshow", rest);
})();
