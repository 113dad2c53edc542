/**
 * The service worker: registered, and replaced only when nobody is in the middle of
 * something and nothing waits to be sent. A page under a new worker starts afresh.
 */
const FORM_LOCK = "rapport-form";

let registration = null;
let isBusyHere = () => false;
let release = null;
let offline = navigator.serviceWorker?.controller ? "yes" : "wait";

/** Whether the app opens without signal: `yes`, `no`, or `wait` until it is here whole. */
export const opensOffline = () => offline;

/** Registers the worker. @param {() => boolean} isBusy whether somebody is, here */
export async function watchUpdates(app, isBusy) {
  isBusyHere = isBusy;
  try {
    const { serviceWorker } = navigator;
    const wasControlled = Boolean(serviceWorker.controller);
    serviceWorker.addEventListener("controllerchange", () => {
      if (wasControlled && !isBusyHere()) location.reload();
    });
    registration = await serviceWorker.register("/sw.js");
    registration.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker?.addEventListener("statechange", () => keepUpdated(app));
    });
    await keepUpdated(app);
    await serviceWorker.ready;
    offline = "yes";
  } catch (error) {
    offline = registration || navigator.serviceWorker?.controller ? offline : "no";
    console.warn("no service worker", error);
  }
  app.show();
}

/** Lets a waiting worker take over, if nobody is busy in any tab and nothing waits. */
export async function keepUpdated({ phone }) {
  // What waits may be of a person who has left this phone.
  const isUnsent = () => phone.hasUnsent().catch(() => true);
  if (!registration?.waiting || isBusyHere() || (await isUnsent())) return;
  await navigator.locks?.request(FORM_LOCK, { ifAvailable: true }, (lock) => {
    if (lock) registration.waiting?.postMessage("take-over");
  });
}

/** Other tabs see by a shared lock that something is open in this one. */
export function holdWhileOpen(isOpen) {
  if (isOpen && !release) {
    const held = new Promise((resolve) => { release = resolve; });
    navigator.locks?.request(FORM_LOCK, { mode: "shared" }, () => held);
  } else if (!isOpen && release) {
    release();
    release = null;
  }
}
