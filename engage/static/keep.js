// The access code stays on this phone where its owner wants it to, and is forgotten with one tap.
(() => {
  const PLACE = "engage-access-code";
  let kept = null;
  try { kept = localStorage.getItem(PLACE); } catch { return; }

  function keeper(button) {
    const code = document.getElementById(button.dataset.keeps).textContent.trim();
    const show = () => { button.textContent = localStorage.getItem(PLACE) === code ? button.dataset.forget : button.dataset.keep; };
    button.hidden = false;
    show();
    button.addEventListener("click", () => {
      if (localStorage.getItem(PLACE) === code) localStorage.removeItem(PLACE); else localStorage.setItem(PLACE, code);
      show();
    });
  }

  function offer(place) {
    if (!kept) return;
    place.hidden = false;
    place.querySelector("[data-use]").addEventListener("click", () => {
      const field = document.getElementById("access_code");
      field.value = kept;
      field.form.requestSubmit();
    });
    place.querySelector("[data-forget]").addEventListener("click", () => {
      localStorage.removeItem(PLACE);
      place.hidden = true;
      document.getElementById("access_code").focus();
    });
  }

  for (const button of document.querySelectorAll("[data-keeps]")) keeper(button);
  for (const place of document.querySelectorAll("[data-kept]")) offer(place);
})();
