// A page of cases stays true while it is open: every ten seconds it asks what is new, changed or gone since what it
// shows. Place, selection, focus and what is being typed stay as they are. Nothing depends on it.
const EVERY = 10000;
const live = document.getElementById("live");
const body = document.querySelector("#cases tbody");
const title = document.title.replace(/^⚠ /, "");
let tag = "";

const rowOf = (reference) => document.getElementById(`row-${reference}`);

function drawn(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  return holder.content.querySelector("tr");
}

// Words that somebody marks in a row would be lost with it: it is drawn anew when they are done.
function isBeingRead(row) {
  const selection = document.getSelection();
  return selection && !selection.isCollapsed && selection.containsNode(row, true);
}

function replace(old, fresh) {
  const had = old.contains(document.activeElement) ? document.activeElement : null;
  const box = old.querySelector("input[name=case]");
  fresh.querySelector("input[name=case]").checked = Boolean(box && box.checked);
  old.replaceWith(fresh);
  if (had) fresh.querySelector(had.matches("input") ? "input[name=case]" : ".what a").focus({ preventScroll: true });
}

function remove(row) {
  if (row.contains(document.activeElement)) {
    const near = row.nextElementSibling || row.previousElementSibling;
    if (near) near.querySelector(".what a").focus({ preventScroll: true });
  }
  row.remove();
}

// The first row in sight stays where it is on the screen, whatever comes or goes above it.
function holdingStill(change) {
  const anchor = [...body.rows].find((row) => row.getBoundingClientRect().bottom > 0);
  const before = anchor ? anchor.getBoundingClientRect().top : 0;
  const atTop = window.scrollY === 0;
  change();
  if (anchor && anchor.isConnected && !atTop) window.scrollBy(0, anchor.getBoundingClientRect().top - before);
}

function arrange(told) {
  const wanted = new Set(told.order);
  const held = new Set();
  for (const row of [...body.rows]) if (!wanted.has(row.dataset.reference)) remove(row);
  let at = body.rows[0] || null;
  for (const reference of told.order) {
    let row = rowOf(reference);
    const html = told.rows[reference];
    if (row && html && isBeingRead(row)) held.add(reference);
    else if (html) {
      const fresh = drawn(html);
      if (row) {
        if (row === at) at = fresh;
        replace(row, fresh);
      } else if (told.fresh !== false) fresh.classList.add("fresh");
      row = fresh;
    }
    if (!row) continue;
    if (row === at) at = row.nextElementSibling;
    else {
      const focused = row.contains(document.activeElement) ? document.activeElement : null;
      body.insertBefore(row, at);
      if (focused) focused.focus({ preventScroll: true });
    }
  }
  return held;
}

function without(cursor, told, held) {
  if (!held.size) return cursor;
  const parts = cursor.split(".");
  return parts.filter((_, place) => !held.has(told.order[place])).join(".");
}

// An alarm of one's own watch is marked before the title by another script, and stays there.
function entitle(needed) {
  const mark = document.title.startsWith("⚠ ") ? "⚠ " : "";
  document.title = mark + (needed > 0 ? `(${needed}) ${title}` : title);
}

async function look() {
  const since = new URLSearchParams({ since: live.dataset.cursor });
  const address = live.dataset.changes + (live.dataset.changes.includes("?") ? "&" : "?") + since;
  const answer = await fetch(address, { headers: tag ? { "If-None-Match": tag } : {}, redirect: "error" });
  if (answer.status !== 200) return;
  const told = await answer.json();
  let held = new Set();
  holdingStill(() => (held = arrange(told)));
  live.dataset.cursor = without(told.cursor, told, held);
  tag = held.size ? "" : answer.headers.get("ETag") || "";
  document.getElementById("cases").hidden = !told.order.length;
  document.getElementById("empty").hidden = Boolean(told.order.length);
  if (told.note) document.getElementById("news").textContent = told.note;
  entitle(told.needed);
}

if (live && body) {
  entitle(Number(live.dataset.needed));
  setInterval(() => {
    if (document.visibilityState === "visible" || live.dataset.always) look().catch(() => {});
  }, Number(live.dataset.every) || EVERY);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") look().catch(() => {});
  });
}
