// Progressive only: every page works without it.
(() => {
  const left = document.querySelector("#countdown");
  if (left) {
    const end = Date.now() + Number(left.dataset.seconds) * 1000;
    const tick = () => {
      const s = Math.max(0, Math.round((end - Date.now()) / 1000));
      left.textContent = `${Math.floor(s / 60)} 分 ${String(s % 60).padStart(2, "0")} 秒`;
    };
    tick();
    setInterval(tick, 1000);
  }
  const back = document.querySelector("form[data-auto]");
  if (back) setTimeout(() => back.submit(), 400);
})();
