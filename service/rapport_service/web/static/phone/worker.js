/**
 * Service worker: keeps the files of the phone app, so that it opens without a network.
 *
 * The service puts VERSION and ASSETS (address -> SHA-256, base64url) before this text.
 * Only these addresses are answered here. Everything else, `/v1`, `/results`, `/admin`
 * and `/docs` among it, goes to the network as if there were no worker.
 */
const CACHE = `rapport-${VERSION}`;

async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...hash))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** Fetches a file past every cache; anything but the very bytes is refused. */
async function fetchAsset(path) {
  const reply = await fetch(path, { cache: "no-cache", credentials: "omit" });
  const bytes = await reply.arrayBuffer();
  // A login page in between, or a server of another version, has other bytes.
  if (!reply.ok || (await digest(bytes)) !== ASSETS[path]) {
    throw new Error(`not the file of this version: ${path}`);
  }
  const headers = new Headers(reply.headers);
  // They described the bytes on the wire.
  for (const name of ["Content-Encoding", "Content-Length", "Vary"]) headers.delete(name);
  return new Response(bytes, { headers });
}

async function keepAssets() {
  const paths = Object.keys(ASSETS);
  const files = await Promise.all(paths.map(fetchAsset));
  const cache = await caches.open(CACHE);
  await Promise.all(paths.map((path, at) => cache.put(path, files[at])));
}

async function forgetOthers() {
  for (const name of await caches.keys()) {
    if (name.startsWith("rapport-") && name !== CACHE) await caches.delete(name);
  }
  await self.clients.claim();
}

async function answer(path, request) {
  // A cache that is broken, as after a full disk, must not keep the app from the network.
  const kept = await caches.match(path, { cacheName: CACHE }).catch(() => undefined);
  return kept ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(keepAssets()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));
// A page says so once nothing is open and nothing waits; never by itself.
self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});
self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== self.location.origin) return;
  if (Object.hasOwn(ASSETS, pathname)) {
    event.respondWith(answer(pathname, event.request));
  }
});
