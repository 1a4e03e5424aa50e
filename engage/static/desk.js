// The queue page by keyboard: j and k move through the cases, Enter opens one. Nothing depends on it.
const links = [...document.querySelectorAll("#cases .what a")];
const typing = (target) => target.closest("input, select, textarea, [contenteditable]");

function move(step) {
  const at = links.findIndex((link) => link === document.activeElement);
  const next = links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

if (links.length) {
  document.getElementById("keys").hidden = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const step = { j: 1, k: -1 }[event.key];
    if (step) {
      event.preventDefault();
      move(step);
    }
  });
}
