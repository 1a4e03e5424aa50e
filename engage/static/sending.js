// Send anyway: a report that cannot go now is kept on the phone and goes by itself. Without this script the form is sent
// as forms are.
(() => {
  const outbox = self.engageOutbox;
  const said = document.getElementById("sending");
  if (!outbox || !said || !("indexedDB" in window) || !AbortSignal.timeout) return;
  const words = said.dataset;
  const AGAIN = 30000;
  let mine = ""; // the key of the report that was written on this page
  let swapped = "";
  let timer = 0;

  const line = (mark, text) => {
    const item = document.createElement("li");
    item.textContent = `${mark} ${text}`;
    return item;
  };

  const ofFile = (one, file, number) => {
    const name = words.photo.replace("#", number);
    if (file.state === "sent") return line("✓", `${name}: ${words.sent}`);
    if (file.state === "unreadable") return line("✓", `${name}: ${words.unreadable}`);
    if (file.state === "refused") return line("✗", `${name}: ${words.refused}`);
    const share = file.size ? Math.floor((100 * (file.received || 0)) / file.size) : 0;
    return line("…", `${name}: ${share} %`);
  };

  function show(one, waits) {
    const list = document.createElement("ul");
    list.className = "sending";
    const state = one.words === "sent" ? line("✓", words.sent) : line("…", waits ? words.waits : words.sending);
    list.append(state, ...one.files.map((file, at) => ofFile(one, file, at + 1)));
    const place = document.getElementById("files-arrived") || said;
    place.replaceChildren(list);
    place.hidden = false;
    if (one.words === "sent" && waits && !outbox.isDone(one)) place.append(paragraph(words.waits));
    if (one.words !== "sent" && waits) place.append(again(), ...(one.sms ? [byText(one)] : []));
  }

  const paragraph = (text) => Object.assign(document.createElement("p"), { textContent: text });

  function again() {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words.again });
    button.addEventListener("click", sendAll);
    return button;
  }

  function byText(one) {
    const link = Object.assign(document.createElement("a"), { href: one.sms, textContent: words.byText });
    link.className = "button second";
    return link;
  }

  // The answer of the server takes the place of the form, as if the browser had gone there.
  function swap(one) {
    if (!one.page || swapped === one.page) return;
    swapped = one.page;
    const files = document.getElementById("files-chosen");
    const answer = new DOMParser().parseFromString(one.page, "text/html");
    const form = document.getElementById("report");
    if (form && one.words === "refused" && !answer.getElementById("report")) { // too much at once: the words stay
      said.replaceChildren(paragraph(answer.querySelector("h1").textContent));
      form.hidden = false;
      return form.elements.text.focus();
    }
    document.title = answer.title;
    document.querySelector("main").replaceWith(answer.querySelector("main"));
    const empty = document.querySelector("input[name=files]");
    if (empty && files) empty.replaceWith(files);
    const first = document.querySelector("[autofocus]") || document.querySelector(".trouble, h1");
    if (first) { first.tabIndex = first.tabIndex < 0 ? -1 : first.tabIndex; first.focus(); }
    for (const script of answer.head.querySelectorAll("script[src]")) {
      if (document.querySelector(`script[src="${script.getAttribute("src")}"]`)) continue;
      document.head.append(Object.assign(document.createElement("script"), { src: script.src, async: false }));
    }
  }

  // A report of an earlier page does not take this one away, on which somebody may be writing: it is shown on request.
  function offer(one) {
    const name = `kept-${one.key}`;
    if (document.getElementById(name)) return;
    const button = Object.assign(document.createElement("button"), { type: "button", id: name });
    button.className = "second";
    button.textContent = one.words === "sent" ? words.arrived : words.again;
    button.addEventListener("click", async () => {
      mine = one.key;
      await told(one);
    });
    said.append(button);
    said.hidden = false;
  }

  async function told(one) {
    if (one.key !== mine) return one.words && outbox.isDone(one) ? offer(one) : undefined;
    if (one.words) swap(one);
    if (one.words === "refused") return outbox.forget(one);
    if (!document.getElementById("sending") && !document.getElementById("files-arrived")) return;
    show(one, false);
    if (outbox.isDone(one)) await outbox.forget(one); // it was shown here, so nothing of it stays on the phone
  }

  async function sendAll() {
    clearTimeout(timer);
    try {
      await outbox.flush(told);
    } catch {
      const waiting = (await outbox.all()).filter((one) => !outbox.isDone(one));
      const own = waiting.find((one) => one.key === mine);
      if (own || (waiting.length && !mine)) show(own || waiting[0], true);
      timer = setTimeout(sendAll, AGAIN);
      await later();
    }
  }

  async function later() {
    try {
      const worker = await navigator.serviceWorker.register("/sending/worker.js");
      await worker.sync.register("engage-outbox");
    } catch { /* this browser sends when the page is open again */ }
  }

  const written = (form, submitter) => {
    const fields = new FormData(form, submitter);
    const plain = new URLSearchParams();
    for (const [name, value] of fields) if (typeof value === "string") plain.append(name, value);
    return [fields, plain];
  };

  const randomKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  async function send(form, submitter) {
    const [fields, plain] = written(form, submitter);
    const files = fields.getAll("files").filter((file) => file.size);
    const sms = words.sms ? words.sms + encodeURIComponent(fields.get("text")) : "";
    const one = {
      key: fields.get("key"), url: location.pathname, body: plain.toString(), sms, evidence: fields.has("evidence"),
      files: files.slice(0, 5).map((blob) => ({ key: randomKey(), blob, size: blob.size })),
    };
    await outbox.keep(one);
    mine = one.key;
    form.hidden = true;
    show(one, false);
    await later();
    await sendAll();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target, name = event.submitter ? event.submitter.name : "";
    if (form.id !== "report" || ["show_in", "elsewhere"].includes(name) || !form.elements.text.value.trim()) return;
    event.preventDefault();
    const chosen = form.elements.files;
    if (chosen) chosen.id = "files-chosen";
    send(form, event.submitter).catch(() => form.submit()); // no store on this phone: it goes the plain way, now or never
  });

  async function begin() {
    const kept = await outbox.all();
    for (const one of kept.filter(outbox.isDone)) await told(one);
    if (kept.some((one) => !outbox.isDone(one))) await sendAll();
  }

  window.addEventListener("online", sendAll);
  if ("serviceWorker" in navigator) navigator.serviceWorker.addEventListener("message", () => begin());
  begin();
})();
