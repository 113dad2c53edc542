/**
 * The service worker: registered, and replaced only when nobody is in the middle of
 * something and nothing waits to be sent. A page under a new worker starts afresh.
 */
const FORM_LOCK = "rapport-form";

let registration = null;
let isOpenForm = () => false;
let release = null;

/** Registers the worker. @param {() => boolean} isForm whether a form is open here */
export async function watchUpdates(app, isForm) {
  isOpenForm = isForm;
  if (!("serviceWorker" in navigator)) return;
  const wasControlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (wasControlled && !isOpenForm()) location.reload();
  });
  try {
    registration = await navigator.serviceWorker.register("/sw.js");
    registration.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker?.addEventListener("statechange", () => keepUpdated(app));
    });
    await keepUpdated(app);
  } catch (error) {
    console.warn("no service worker", error); // the app works, but not offline
  }
}

/** Lets a waiting worker take over, if no tab has a form open and nothing waits. */
export async function keepUpdated(app) {
  const isWaiting = ({ state }) => state === "waiting" || state === "withdrawing";
  if (!registration?.waiting || isOpenForm() || app.data?.items.some(isWaiting)) return;
  await navigator.locks?.request(FORM_LOCK, { ifAvailable: true }, (lock) => {
    if (lock) registration.waiting?.postMessage("take-over");
  });
}

/** Other tabs see by a shared lock that a form is open in this one. */
export function holdWhileOpen() {
  if (isOpenForm() && !release) {
    const held = new Promise((resolve) => { release = resolve; });
    navigator.locks?.request(FORM_LOCK, { mode: "shared" }, () => held);
  } else if (!isOpenForm() && release) {
    release();
    release = null;
  }
}
