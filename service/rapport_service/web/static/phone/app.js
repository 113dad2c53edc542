/**
 * The phone app: opens what the phone keeps, shows one screen at a time, and asks for a
 * sync when there may be a signal. The rules are in `core/`; here is what people see.
 */
import { codeFromFragment } from "./core/codes.js";
import { openPhone } from "./core/phone.js";
import { h } from "./dom.js";
import { closeBlank, isBlank, showBlank } from "./screens/blank.js";
import { platform } from "./install.js";
import { preferredLanguage, writer } from "./messages/index.js";
import * as answerScreen from "./screens/became.js";
import * as codeScreens from "./screens/code.js";
import * as deviceScreens from "./screens/device.js";
import * as homeScreens from "./screens/home.js";
import * as questionScreens from "./screens/question.js";
import * as resultScreens from "./screens/results.js";
import { frame, problemScreen, simplify } from "./screens/frame.js";
import { holdWhileOpen, keepUpdated, watchUpdates } from "./updates.js";

const SCREENS = {
  ...codeScreens.screens,
  ...homeScreens.screens,
  ...questionScreens.screens,
  ...answerScreen.screens,
  ...resultScreens.screens,
  ...deviceScreens.screens,
};

/** Screens where somebody is in the middle of something. */
const FORMS = ["promise", "question", "context", "review"];

/** What every screen gets. */
const app = {
  platform,
  phone: null,
  /** What the phone keeps, read anew before each picture. */
  data: null,
  /** Where we are: `{ screen, ... }`, kept in the history and in no address. */
  view: { screen: "start" },
  /** A code that came by a link, until it is used. */
  code: sessionStorage.getItem("code") ?? "",
  /** The code of the problem that stopped the last sync. */
  trouble: null,
  get isSyncing() { return running.length > 0; },
  get isSending() { return running.some(({ send }) => send); },
  words: writer(preferredLanguage()),
  go,
  back: () => (history.state?.depth ? history.back() : go("start", {}, true)),
  show,
  refresh,
  sync,
  say,
  run,
  setLanguage,
  keepCode,
  blank: () => showBlank(app),
};

/** Goes to a screen; the address never changes. */
async function go(screen, details = {}, instead = false) {
  const depth = (history.state?.depth ?? 0) + (instead ? 0 : 1);
  const view = { screen, ...details, depth };
  history[instead ? "replaceState" : "pushState"](view, "");
  app.view = view;
  await refresh(true);
}

function isForm() {
  return FORMS.includes(app.view.screen);
}

/** The screen that the view means, by what the phone keeps. */
function currentScreen() {
  const { screen } = app.view;
  const needsPerson = !["start", "install", "ways"].includes(screen);
  if (app.problem) return "problem";
  if (!app.data.isEnrolled && needsPerson) return "code";
  if (["start", "install"].includes(screen) && app.data.isEnrolled) return "home";
  if (screen === "start") return "code";
  return screen;
}

let shown = "";
let shownPage = "";
let isTouched = false;
let isOverdue = false;

/** Draws the current screen. @param {boolean} isNew whether it takes the focus */
function show(isNew = false) {
  if (isBlank()) return;
  if (isTouched && !isNew) {
    isOverdue = true; // a button must not go away under a finger
    return;
  }
  const name = currentScreen();
  const build = name === "problem" ? problemScreen : SCREENS[name];
  const screen = build(app);
  if (screen === null) return; // it has gone elsewhere
  const { scrollY } = window;
  document.documentElement.lang = app.words.language;
  document.title = screen.title === "Rapport" ? "Rapport" : `${screen.title} - Rapport`;
  const focused = document.activeElement?.id;
  const parts = frame(app, screen);
  const page = parts.map((part) => part.outerHTML).join("");
  const key = JSON.stringify([name, app.view]);
  const isSame = !isNew && key === shown && page === shownPage;
  if (isSame && document.body.dataset.screen === name) return;
  document.body.replaceChildren(...parts, live);
  document.body.dataset.screen = name;
  shownPage = page;
  holdWhileOpen();
  if (isNew || key !== shown) {
    const heading = document.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  } else {
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    window.scrollTo(0, scrollY);
  }
  shown = key;
}

const live = h("p.hide", { role: "status", "aria-live": "polite" });

/** Says something to people who listen instead of looking. */
function say(text) {
  live.textContent = text;
}

/** Reads what the phone keeps, then draws. */
async function refresh(isNew = false) {
  try {
    app.data = await read();
    app.problem = null;
    await prepareForm();
  } catch (error) {
    app.problem = error.code ?? "storage_refused";
    console.warn(error.detail ?? error);
  }
  show(isNew);
}

/** Reads the questions of a form; where that fails, home says why. */
async function prepareForm() {
  try {
    await questionScreens.prepare(app);
  } catch (error) {
    app.failure = error.code ?? "other";
    console.warn(error.detail ?? error);
    app.view = { screen: "start", depth: 0 };
    history.replaceState(app.view, "");
  }
}

async function read() {
  const { phone } = app;
  const isEnrolled = await phone.isEnrolled();
  if (!isEnrolled) {
    return { isEnrolled, person: null, pulses: [], items: [], results: [] };
  }
  const [person, pulses, items, results, nextOpensAt, lastContactAt, persistence] =
    await Promise.all([
      phone.person(), phone.pulses(), phone.items(), phone.results(),
      phone.nextOpensAt(), phone.lastContactAt(), phone.persistence(),
    ]);
  return {
    isEnrolled, person, pulses, items, results, nextOpensAt, lastContactAt, persistence,
  };
}

/**
 * Does what is due, or what the person asks for: to send, or to draw and send nothing
 * beside it. What went wrong is shown, not thrown.
 *
 * @param {{send?: boolean, draw?: boolean}} asked
 */
async function sync(asked = {}) {
  if (!app.phone || app.problem) return;
  const isAsked = Boolean(asked.send || asked.draw);
  running.push(asked);
  if (isAsked) show();
  try {
    const { problems, nextAt } = await app.phone.sync(asked);
    app.trouble = problems.map(simplify).find((code) => code !== null) ?? null;
    scheduleSync(nextAt);
  } catch (error) {
    app.trouble = simplify(error.code ?? "other");
    console.warn(error.detail ?? error);
  }
  running.splice(running.indexOf(asked), 1);
  await refresh();
  const { t, has } = app.words;
  if (isAsked && app.trouble) {
    say(t(has(`error.${app.trouble}`) ? `error.${app.trouble}` : "error.other"));
  }
  await keepUpdated(app);
}

let timer = 0;

/** Syncs that have not ended; a second one waits for the first. */
const running = [];

/** Tries again while the app is open; what matters does not wait for this. */
function scheduleSync(at) {
  clearTimeout(timer);
  if (!at) return;
  const wait = Math.min(Math.max(at - Date.now(), 10_000), 3_600_000);
  timer = setTimeout(() => isForm() || document.hidden || sync(), wait);
}

/** Does what a button says, once at a time; a failure becomes `app.failure`. */
async function run(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  isTouched = false; // the tap has done its work
  app.failure = null;
  try {
    await work();
  } catch (error) {
    app.failure = simplify(error.code) ?? "other";
    console.warn(error.detail ?? error);
    await refresh();
    document.querySelector("[role=alert]")?.focus();
  }
  button.removeAttribute("aria-disabled");
}

function setLanguage(language) {
  localStorage.setItem("language", language);
  app.words = writer(language);
  show();
}

/** Keeps a code for this visit, for a tab that is not where it will be used. */
function keepCode(code) {
  app.code = code;
  if (code) sessionStorage.setItem("code", code);
  else sessionStorage.removeItem("code");
}

/** Takes the code out of a link, and the link out of the address and the history. */
function takeCodeFromLink() {
  const code = codeFromFragment(location.hash);
  if (location.hash) history.replaceState(history.state, "", "/");
  if (!code) return;
  keepCode(code);
  app.isFilled = true;
}

/** Flush on launch, when seen again, when online, and by hand: no timer is needed. */
function watchSignal() {
  window.addEventListener("online", () => {
    app.phone.connected();
    sync();
  });
  window.addEventListener("offline", () => show());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      if (isForm()) app.blank(); // the switcher of apps takes a picture
    } else if (!isForm()) {
      refresh().then(() => sync());
    }
  });
}

/** Waits with drawing until a finger is lifted, and the click has been dealt with. */
function watchFingers() {
  const lift = () => setTimeout(() => {
    isTouched = false;
    if (isOverdue) show();
    isOverdue = false;
  });
  document.addEventListener("pointerdown", () => { isTouched = true; });
  document.addEventListener("pointerup", lift);
  document.addEventListener("pointercancel", lift);
}

function watchGestures() {
  const blankForm = () => isForm() && !isBlank() && app.blank();
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") blankForm();
  });
  document.addEventListener("touchstart", (event) => {
    if (event.touches.length > 1) blankForm();
  }, { passive: true });
  window.addEventListener("popstate", (event) => {
    app.view = event.state ?? { screen: "start" };
    app.failure = null;
    if (isBlank()) closeBlank();
    refresh(true);
  });
  window.addEventListener("hashchange", () => {
    takeCodeFromLink();
    show();
  });
}

async function start() {
  takeCodeFromLink();
  app.view = history.state ?? { screen: "start" };
  try {
    app.phone = await openPhone();
  } catch (error) {
    app.problem = error.code ?? "storage_refused";
    console.warn(error.detail ?? error);
    show(true);
    return;
  }
  app.phone.subscribe(() => isForm() || refresh());
  watchSignal();
  watchGestures();
  watchFingers();
  await refresh(true);
  watchUpdates(app, isForm);
  await sync();
}

start();
