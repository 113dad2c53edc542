/**
 * The phone app: opens what the phone keeps, shows one screen at a time, and asks for a
 * sync when there may be a signal. The rules are in `core/`; here is what people see.
 */
import { codeFromFragment } from "./core/codes.js";
import { openPhone } from "./core/phone.js";
import { watchFingers, watchTwoFingers } from "./gestures.js";
import { platform } from "./install.js";
import { preferredLanguage, writer } from "./messages/index.js";
import { findHeading, firstWords, hush, replacePage, restoreFocus, say } from "./page.js";
import { answerScreens } from "./screens/became.js";
import { isBlank, showBlank } from "./screens/blank.js";
import { codeScreens } from "./screens/code.js";
import { deviceScreens } from "./screens/device.js";
import { frame, problemScreen, simplify } from "./screens/frame.js";
import { homeScreens } from "./screens/home.js";
import { ANSWERED, formScreens, prepare } from "./screens/question.js";
import { resultScreens } from "./screens/results.js";
import { ofBrowser, ofVisit } from "./stores.js";
import { holdWhileOpen, keepUpdated, opensOffline, watchUpdates } from "./updates.js";

const SCREENS = {
  ...codeScreens,
  ...homeScreens,
  ...formScreens,
  ...answerScreens,
  ...resultScreens,
  ...deviceScreens,
};

/** Screens where somebody answers. */
const FORMS = Object.keys(formScreens);

/** Others where somebody is in the middle of something. */
const DECISIONS = ["withdraw", "leave"];

/** Syncs that have not ended; a second one waits for the first. */
const running = [];

/** What every screen gets. */
const app = {
  platform,
  opensOffline,
  phone: null,
  /** What the phone keeps, read anew before each picture. */
  data: null,
  /** Where we are: `{ screen, ... }`, kept in the history and in no address. */
  view: { screen: "start" },
  /** A code that came by a link, until it is used. */
  code: ofVisit.get("code") ?? "",
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
  app.failure = null;
  await refresh(true);
}

const isForm = () => FORMS.includes(app.view.screen);

/** Buttons whose work has not ended. */
let working = 0;

const isOpen = () => isForm() || DECISIONS.includes(app.view.screen);
const isBusy = () => working > 0 || isOpen();

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

/** A screen; where it cannot be built, another that says so and leads elsewhere. */
function build(name) {
  try {
    return name === "problem" ? problemScreen(app, app.problem) : SCREENS[name](app);
  } catch (error) {
    console.warn(error);
    return problemScreen(app, error.name, "home");
  }
}

let shown = "";
let shownPage = "";
let isTouched = false;
let isOverdue = false;

/** Draws the current screen. @param {boolean} isNew whether it takes the focus */
function show(isNew = false) {
  if (isBlank() || (app.view !== ready && !app.problem)) return;
  if (isTouched && !isNew) {
    isOverdue = true; // a button must not go away under a finger
    return;
  }
  const name = currentScreen();
  const screen = build(name);
  if (screen === null) return; // it has gone elsewhere
  const { scrollY } = window;
  document.documentElement.lang = app.words.language;
  document.title = screen.title === "Rapport" ? "Rapport" : `${screen.title} - Rapport`;
  const [focused, words] = [document.activeElement, firstWords()];
  const parts = frame(app, screen);
  const page = parts.map((part) => part.outerHTML).join("");
  const key = JSON.stringify([name, app.view]);
  const isSame = !isNew && key === shown && page === shownPage;
  if (isSame && document.body.dataset.screen === name) return;
  replacePage(...parts);
  document.body.dataset.screen = name;
  shownPage = page;
  holdWhileOpen(isOpen());
  const heading = findHeading();
  if (isNew || key !== shown) {
    hush();
    heading.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  } else {
    restoreFocus(focused);
    window.scrollTo(0, scrollY);
    if (!app.failure && firstWords() !== words) say(firstWords());
  }
  shown = key;
}

/** The code of an error; a browser's own error has a number, which says nothing. */
const codeOf = ({ code }) => (typeof code === "string" ? code : "other");

/** Reads what the phone keeps, then draws. */
async function refresh(isNew = false) {
  try {
    await load();
    app.problem = null;
  } catch (error) {
    app.problem = codeOf(error);
    console.warn(error.detail ?? error);
  }
  show(isNew);
}

/** After a change, also in another tab: a form stays, unless it must be left. */
async function notice() {
  if (!isForm()) return refresh();
  try {
    if (await load()) show(true);
  } catch (error) {
    console.warn(error.detail ?? error); // the next tap will say so
  }
}

let loading = Promise.resolve();

/** The view that has been read for; another is on its way. */
let ready = null;

/**
 * Reads what a view shows, one reading after the other: what was read first must not
 * come last.
 *
 * @returns {Promise<boolean>} whether a form had to be left
 */
function load() {
  const next = async () => {
    app.data = await read();
    const { view } = app;
    const onError = (error) => leaveForm(view, error);
    const isLeft = await prepare(app).then(() => false, onError);
    if (isLeft) app.data = await read(); // what ended the form may be newer
    ready = isLeft ? app.view : view;
    return isLeft;
  };
  loading = loading.then(next, next);
  return loading;
}

/** Leads out of a form that cannot be answered; elsewhere nobody need leave. */
function leaveForm(view, error) {
  console.warn(error.detail ?? error);
  if (app.view !== view) return false;
  const isAnswered = ANSWERED.includes(error.code);
  app.failure = isAnswered ? null : simplify(codeOf(error));
  app.view = isAnswered
    ? { screen: "became", waveId: view.waveId, depth: view.depth }
    : { screen: "start", depth: 0 };
  history.replaceState(app.view, "");
  return true;
}

async function read() {
  const { phone } = app;
  const isEnrolled = await phone.isEnrolled();
  if (!isEnrolled) {
    return { isEnrolled, person: null, pulses: [], items: [], results: [] };
  }
  const [person, pulses, items, results, hasFetched, nextOpensAt, lastContactAt,
    persistence] = await Promise.all([
    phone.person(), phone.pulses(), phone.items(), phone.results(), phone.hasFetched(),
    phone.nextOpensAt(), phone.lastContactAt(), phone.persistence(),
  ]);
  return { isEnrolled, person, pulses, items, results, hasFetched, nextOpensAt,
    lastContactAt, persistence };
}

/**
 * Does what is due, or what the person asks for: to send, or to draw and send nothing
 * beside it. What went wrong is shown, not thrown.
 *
 * @param {{send?: boolean, draw?: boolean}} asked
 */
async function sync(asked = {}) {
  const isAsked = Boolean(asked.send || asked.draw);
  running.push(asked);
  if (isAsked) show();
  try {
    const { problems, nextAt } = await app.phone.sync(asked);
    app.trouble = problems.map(simplify).find((code) => code !== null) ?? null;
    scheduleSync(nextAt);
  } catch (error) {
    app.trouble = simplify(codeOf(error));
    console.warn(error.detail ?? error);
  }
  running.splice(running.indexOf(asked), 1);
  await refresh();
  const { t, has } = app.words;
  if (isAsked && has(`error.${app.trouble}`)) say(t(`error.${app.trouble}`));
  await keepUpdated(app);
}

let timer = 0;

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
  working += 1;
  try {
    await work();
  } catch (error) {
    const hasLeft = error.code === "not_enrolled"; // in another tab
    app.failure = hasLeft ? null : simplify(codeOf(error)) ?? "other";
    console.warn(error.detail ?? error);
    await refresh();
    document.querySelector("[role=alert]")?.focus();
  }
  working -= 1;
  button.removeAttribute("aria-disabled");
  await keepUpdated(app);
}

function setLanguage(language) {
  ofBrowser.set("language", language);
  app.words = writer(language);
  show();
}

/** Keeps a code for this visit, for a tab that is not where it will be used. */
function keepCode(code) {
  app.code = code;
  ofVisit.set("code", code || null);
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
    } else {
      notice().then(() => isForm() || sync());
    }
  });
}

function watchGestures() {
  const blankForm = () => isForm() && app.blank();
  watchTwoFingers(blankForm);
  document.addEventListener("keydown", ({ key }) => key === "Escape" && blankForm());
  watchFingers((isDown) => {
    isTouched = isDown;
    if (isDown || !isOverdue) return;
    isOverdue = false;
    show();
  });
  window.addEventListener("popstate", ({ state }) => {
    app.view = state ?? { screen: "start" };
    app.failure = null;
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
    app.problem = codeOf(error);
    console.warn(error.detail ?? error);
    show(true);
    return;
  }
  app.phone.subscribe(notice);
  watchSignal();
  watchGestures();
  await refresh(true);
  watchUpdates(app, isBusy);
  await sync();
}

start();
