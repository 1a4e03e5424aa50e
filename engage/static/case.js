// The case page while it is open: colleagues at the same case see each other, a change is told before a form is sent, a
// ready reply goes into the answer box at once. Nothing depends on it.
const EVERY = 10000;
const STILL_TYPING = 15000;
const place = document.getElementById("looks");
const forms = [...document.querySelectorAll("main form")];
let typedAt = 0;

function fields(more) {
  const body = new FormData();
  body.set("csrf_token", place.dataset.token);
  body.set("version", place.dataset.version);
  for (const [name, value] of Object.entries(more)) body.set(name, value);
  return new URLSearchParams(body);
}

function tell(list, sentences) {
  const now = sentences.map((sentence) => {
    const line = document.createElement("li");
    line.dir = "auto";
    line.textContent = sentence;
    return line;
  });
  // Written anew only when it says something else: screen readers read what is written.
  if ([...list.children].map((line) => line.textContent).join("\n") !== sentences.join("\n")) list.replaceChildren(...now);
}

async function look() {
  if (document.hidden) return;
  const typing = Date.now() - typedAt < STILL_TYPING ? "1" : "0";
  try {
    const answer = await fetch(place.dataset.to, { method: "POST", body: fields({ typing }) });
    if (!answer.ok || !answer.headers.get("Content-Type").includes("json")) return;
    const { said, changed } = await answer.json();
    tell(place.querySelector("ul"), said);
    const notice = document.getElementById("changed");
    notice.hidden = !changed;
    if (changed && notice.firstElementChild.textContent !== changed) notice.firstElementChild.textContent = changed;
  } catch {
    // The network is away; the next look may find it.
  }
}

function fill(event) {
  const box = document.getElementById("answer-text");
  const typed = box.value.trim();
  event.preventDefault();
  box.value = typed ? `${typed}\n\n${event.currentTarget.dataset.text}` : event.currentTarget.dataset.text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  event.currentTarget.closest("details").open = false;
  box.focus();
}

for (const button of document.querySelectorAll("button[name=reply]")) button.addEventListener("click", fill);
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
if (place) {
  for (const form of forms) form.addEventListener("input", () => (typedAt = Date.now()));
  addEventListener("pagehide", () => navigator.sendBeacon(place.dataset.to, fields({ leaving: "1" })));
  addEventListener("pageshow", (event) => event.persisted && look());
  document.addEventListener("visibilitychange", look);
  setInterval(look, EVERY);
}
