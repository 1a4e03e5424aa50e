// Reports on their way: kept on the phone until they have arrived, each exactly once. The page and its worker share this.
// The words go first; then each file in parts, which go on where they stopped. The form's key tells a report sent twice.
self.engageOutbox = (() => {
  const PART = 500000;
  const PATIENCE = 30000;

  function opened() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open("engage-outbox", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("reports", { keyPath: "key" });
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  async function store(mode, act) {
    const database = await opened();
    try {
      return await new Promise((resolve, reject) => {
        const change = database.transaction("reports", mode);
        const asked = act(change.objectStore("reports"));
        change.oncomplete = () => resolve(asked.result);
        change.onerror = change.onabort = () => reject(change.error);
      });
    } finally {
      database.close();
    }
  }

  const all = () => store("readonly", (reports) => reports.getAll());
  const keep = (one) => store("readwrite", (reports) => reports.put(one));
  const forget = (one) => store("readwrite", (reports) => reports.delete(one.key));
  const ask = (address, about) => fetch(address, { ...about, signal: AbortSignal.timeout(PATIENCE) });

  async function sendWords(one, tries = 3) {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const answer = await ask(one.url, { method: "POST", headers, body: one.body });
    if (answer.status >= 500 || answer.status === 429) throw new Error("later");
    const form = answer.headers.get("Engage-Form"); // it was kept for long: the server asks for it once more
    if (form && tries) {
      const body = new URLSearchParams(one.body);
      body.set("form", form);
      one.body = body.toString();
      await new Promise((go) => setTimeout(go, 1000 * Number(answer.headers.get("Retry-After") || 0)));
      return sendWords(one, tries - 1);
    }
    one.page = await answer.text();
    const upload = /data-upload="([^"]+)"/.exec(one.page);
    one.upload = answer.ok && upload ? upload[1] : "";
    one.words = one.upload ? "sent" : "refused";
  }

  async function sendFile(one, file, told) {
    const address = one.upload + file.key;
    let here = await standing(address);
    while (here && !here.done) {
      const part = file.blob.slice(here.received, here.received + PART);
      const query = `?size=${file.blob.size}&at=${here.received}${one.evidence ? "&evidence=1" : ""}`;
      here = await standing(address + query, { method: "PUT", body: part });
      file.received = here && here.received;
      await told(one);
    }
    return here ? (here.readable ? "sent" : "unreadable") : "refused";
  }

  // How far a file is, as the server says; null where it does not take it, now or ever.
  async function standing(address, about) {
    const answer = await ask(address, about);
    if (answer.status >= 500 || answer.status === 429) throw new Error("later");
    return answer.ok ? answer.json() : null;
  }

  async function deliver(one, told) {
    if (!one.words) {
      await sendWords(one);
      await keep(one);
      await told(one);
    }
    if (one.words === "refused") return;
    for (const file of one.files.filter((file) => !file.state)) {
      file.state = await sendFile(one, file, told);
      file.blob = null;
      await keep(one);
      await told(one);
    }
  }

  const isDone = (one) => one.words === "refused" || (one.words === "sent" && one.files.every((file) => file.state));

  // Sends all that waits; where somebody else is at it already, that one goes on. One that cannot go now keeps no other
  // back; throws when there was one.
  async function flush(told) {
    const work = async () => {
      let trouble = null;
      for (const one of await all()) if (!isDone(one)) await deliver(one, told).catch((problem) => { trouble = problem; });
      if (trouble) throw trouble;
    };
    if (!navigator.locks) return work();
    return navigator.locks.request("engage-outbox", work);
  }

  return { all, keep, forget, flush, isDone };
})();
