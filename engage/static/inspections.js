// Inspections that could not be sent are kept on the phone and sent, each once, when there is a network again.
const form = document.getElementById("inspect");
const told = document.getElementById("inspect-told");
const LONGEST_SIDE = 1600;

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("engage-inspections", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept", { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function kept(mode, act) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const change = database.transaction("kept", mode);
      const asked = act(change.objectStore("kept"));
      change.oncomplete = () => resolve(asked.result);
      change.onerror = change.onabort = () => reject(change.error);
    });
  } finally {
    database.close();
  }
}

// A camera's picture is ten times larger than anybody needs to see a sticker.
async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve) => canvas.toBlob((blob) => resolve(blob || file), "image/jpeg", 0.85));
  } catch {
    return file;
  }
}

// What has come is forgotten here; so is what can never be taken, once its officer has read why.
async function send(one) {
  const body = new FormData();
  for (const [name, value] of Object.entries(one)) {
    if (name === "photo") { if (value) body.append(name, value, "photo.jpg"); } else body.append(name, value);
  }
  body.set("csrf_token", form.elements.csrf_token.value);
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
  const said = await answer.json();
  if (said.written || answer.status === 422 || answer.status === 404) await kept("readwrite", (store) => store.delete(one.key));
  if (!said.written) throw Object.assign(new Error(said.trouble), { sentence: said.trouble });
  return said.trouble;
}

let sending = false;
async function sendAll() {
  if (sending) return;
  sending = true;
  let last = "";
  try {
    for (const one of await kept("readonly", (store) => store.getAll())) {
      last = (await send(one)) || form.dataset.sent;
    }
  } catch (trouble) {
    last = trouble.sentence || form.dataset.kept;
  } finally {
    sending = false;
  }
  if (last) told.textContent = last;
}

async function save(event) {
  event.preventDefault();
  const typed = new FormData(form);
  const photo = typed.get("photo");
  const one = { made_at: String(Date.now()) };
  for (const name of ["key", "code", "found", "note"]) one[name] = typed.get(name) || "";
  one.photo = photo && photo.size ? await smaller(photo) : null;
  try {
    await kept("readwrite", (store) => store.put(one));
  } catch {
    form.submit(); // no store on this phone: it goes the plain way, now or never
    return;
  }
  form.reset();
  form.elements.key.value = Array.from(crypto.getRandomValues(new Uint8Array(18)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  await sendAll();
}

// This page stands for any poster's own while there is no network; which one was scanned, its address says.
function choose() {
  const choice = form.elements.code;
  const scanned = /^\/p\/([0-9a-z]{5})/i.exec(location.pathname);
  if (choice.tagName !== "SELECT" || !scanned) return;
  const code = scanned[1].toUpperCase();
  if (![...choice.options].some((option) => option.value === code)) choice.add(new Option(code, code));
  choice.value = code;
}

async function stayWithoutNetwork() {
  const worker = await navigator.serviceWorker.register(form.dataset.away, { scope: "/" });
  await navigator.serviceWorker.ready;
  (worker.active || worker.waiting).postMessage(form.dataset.needed.split(" "));
}

if (form && "indexedDB" in window) {
  choose();
  if ("serviceWorker" in navigator && form.dataset.away && navigator.onLine) stayWithoutNetwork().catch(() => {});
  form.addEventListener("submit", save);
  window.addEventListener("online", sendAll);
  sendAll();
}
