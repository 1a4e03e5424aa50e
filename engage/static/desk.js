// The desk by keyboard: j and k move through the cases, Enter opens one, x chooses it, and letters begin an act. While
// somebody types, every key is theirs. Nothing depends on it.
const TYPED_IN = "input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]";
const OF_A_CASE = {
  c: 'form[action$="/claim"] button',
  r: "#answer-text",
  n: "#note-text",
  t: "#queue",
  e: "#disposition",
};
const help = document.getElementById("keys-panel");
const table = document.getElementById("cases");
let last = null;

const links = () => [...document.querySelectorAll("#cases .what a")];
const byId = (id) => document.getElementById(id);

function current() {
  const row = document.activeElement && document.activeElement.closest("#cases tbody tr");
  if (row) last = row.dataset.reference;
  return row || (last && byId(`row-${last}`)) || null;
}

function move(step) {
  const all = links();
  if (!all.length) return;
  const row = current();
  const at = row ? all.findIndex((link) => row.contains(link)) : -1;
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  current();
}

const boxOf = (row) => row.querySelector("input[name=case]");
const chosen = () => [...document.querySelectorAll("#cases input[name=case]:checked")];

function choose() {
  const row = current();
  if (row) boxOf(row).checked = !boxOf(row).checked;
}

// What is in a closed part of the page is opened first.
function goTo(target) {
  if (!target) return false;
  for (let part = target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  target.focus();
  target.scrollIntoView({ block: "center" });
  return true;
}

function actOnRows(key) {
  const row = current();
  if (key === "c") {
    const none = !chosen().length;
    if (none && row) boxOf(row).checked = true;
    if (chosen().length) document.querySelector('#batch button[value="claim"]').click();
  } else if (chosen().length && (key === "t" || key === "e")) {
    goTo(byId(key === "t" ? "batch-queue" : "batch-disposition"));
  } else if (row) {
    const target = { r: "answer-text", n: "note-text", t: "queue", e: "disposition" }[key];
    location.assign(`${row.querySelector(".what a").getAttribute("href")}#${target}`);
  }
}

function actOnCase(key) {
  const target = document.querySelector(OF_A_CASE[key]);
  if (target && key === "c") target.click();
  else goTo(target);
}

function showHelp() {
  if (!help) return;
  if (help.open) help.close();
  else help.showModal();
}

function press(event) {
  const { key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest(TYPED_IN) || (help && help.open && key !== "?")) return;
  const acts = {
    "?": showHelp,
    "/": () => goTo(byId("search")),
    ...(table
      ? { j: () => move(1), k: () => move(-1), x: choose }
      : {}),
  };
  for (const letter of "crnte") acts[letter] = () => (table ? actOnRows(letter) : actOnCase(letter));
  if (!Object.hasOwn(acts, key)) return;
  event.preventDefault();
  acts[key]();
}

document.addEventListener("keydown", press);
document.addEventListener("focusin", current);
const keys = byId("keys");
if (keys) {
  keys.hidden = false;
  byId("keys-button").addEventListener("click", showHelp);
}
if (!table && location.hash.length > 1) goTo(byId(location.hash.slice(1)));
