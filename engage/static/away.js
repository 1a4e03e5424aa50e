// Without a network, an officer who scans a poster gets the page of inspections that was opened last. It is dropped as
// soon as anybody has to sign in on this phone.
const KEPT = "engage-inspections";
const ROUND = "/desk/posters/inspect";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll([ROUND, ...event.data])));
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (event.request.mode === "navigate") {
    if (address.pathname === "/desk/sign-in") event.waitUntil(caches.delete(KEPT));
    if (address.pathname !== ROUND && !/^\/p\/[^/]+(\/[^/]+)?$/i.test(address.pathname)) return;
    event.respondWith(fetch(event.request).catch(async () => (await caches.match(ROUND)) || Response.error()));
  } else if (address.pathname.startsWith("/static/")) {
    event.respondWith(fetch(event.request).catch(async () => (await caches.match(event.request)) || Response.error()));
  }
});
