// Leaves quickly, by the button or Esc pressed twice: the page empties at once, and another site takes its place in the
// history. Pages of discreet posters follow their links in one place of the history, so that nothing of them stays there.
(() => {
  const way = document.getElementById("leave");
  if (!way) return;
  const SOON = 1500;
  let pressed = -SOON;

  function leave() {
    document.title = "\u2026";
    document.body.replaceChildren();
    location.replace(way.href);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || link.target || link.download) return;
    const within = link.origin === location.origin && !link.getAttribute("href").startsWith("#");
    if (link !== way && !(within && document.body.classList.contains("quiet"))) return;
    event.preventDefault();
    if (link === way) leave();
    else location.replace(link.href);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || event.repeat) return;
    if (event.timeStamp - pressed < SOON) leave();
    pressed = event.timeStamp;
  });
})();
