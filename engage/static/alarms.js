// Alarms on a page that stays open: the bar is looked up again, and rings and marks the title for one's own watch only.
const bar = document.getElementById("alarms");
const MARK = "⚠ ";
const EVERY = 15000;
let etag = "";

const own = () => [...bar.querySelectorAll("[data-mine]")].map((one) => one.dataset.ring);

function ring() {
  try {
    const sound = new AudioContext();
    for (const [at, pitch] of [[0, 880], [0.25, 660], [0.5, 880]]) {
      const tone = new OscillatorNode(sound, { frequency: pitch });
      const volume = new GainNode(sound, { gain: 0.2 });
      tone.connect(volume).connect(sound.destination);
      tone.start(sound.currentTime + at);
      tone.stop(sound.currentTime + at + 0.2);
    }
    setTimeout(() => sound.close(), 2000);
  } catch {
    // No sound here: the bar and the title tell it all the same.
  }
}

function mark() {
  const plain = document.title.startsWith(MARK) ? document.title.slice(MARK.length) : document.title;
  document.title = own().length ? MARK + plain : plain;
}

async function look() {
  const answer = await fetch(bar.dataset.from, { headers: etag ? { "If-None-Match": etag } : {} });
  if (answer.redirected) return clearInterval(looking);
  if (answer.status !== 200) return;
  const found = await answer.text();
  if (bar.contains(document.activeElement)) return; // whoever is about to press a button finds it where it is
  const before = new Set(own());
  const open = bar.querySelector("details")?.open;
  bar.innerHTML = found;
  for (const back of bar.querySelectorAll("[name=back]")) back.value = location.pathname + location.search;
  if (open) bar.querySelector("details")?.setAttribute("open", "");
  bar.hidden = !found.trim();
  etag = answer.headers.get("ETag");
  mark();
  if (own().some((one) => !before.has(one))) ring();
}

const looking = bar && setInterval(() => look().catch(() => {}), EVERY);
if (bar) mark();
