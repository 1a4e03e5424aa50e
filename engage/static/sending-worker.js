// Sends what the phone keeps when the network is back, though the page was closed. It controls no page and keeps none.
importScripts("/sending/outbox.js");

const tell = async () => {
  for (const page of await self.clients.matchAll({ includeUncontrolled: true })) page.postMessage("engage-outbox");
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("sync", (event) => {
  if (event.tag === "engage-outbox") event.waitUntil(self.engageOutbox.flush(tell));
});
