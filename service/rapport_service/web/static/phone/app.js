/**
 * The phone app: opens what the phone keeps, shows one screen at a time, and asks for a
 * sync when there may be a signal. The rules are in `core/`; here is what people see.
 */
import { codeFromFragment } from "./core/codes.js";
import { openPhone } from "./core/phone.js";
import { draw, endTouch, noteFinger } from "./drawing.js";
import { watchFingers, watchTwoFingers } from "./gestures.js";
import { platform } from "./install.js";
import { preferredLanguage, writer } from "./messages/index.js";
import { say } from "./page.js";
import { notice, refresh } from "./reading.js";
import { showBlank } from "./screens/blank.js";
import { codeOf, simplify } from "./screens/frame.js";
import { isForm, isOpen } from "./screens/index.js";
import { ofBrowser, ofVisit } from "./stores.js";
import { isSending, isSyncing, syncPhone } from "./syncing.js";
import { keepUpdated, opensOffline, watchUpdates } from "./updates.js";

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
  get isSyncing() { return isSyncing(); },
  get isSending() { return isSending(); },
  words: writer(preferredLanguage()),
  go,
  back: () => (history.state?.depth ? history.back() : go("start", {}, true)),
  show: (isNew = false) => draw(app, isNew),
  refresh: (isNew) => refresh(app, isNew),
  sync: (asked) => syncPhone(app, asked),
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
  await app.refresh(true);
}

/** Buttons whose work has not ended. */
let working = 0;

const isBusy = () => working > 0 || isOpen(app);

/** Does what a button says, once at a time; a failure becomes `app.failure`. */
async function run(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  endTouch();
  app.failure = null;
  working += 1;
  try {
    await work();
  } catch (error) {
    const hasLeft = error.code === "not_enrolled"; // in another tab
    app.failure = hasLeft ? null : simplify(codeOf(error)) ?? "other";
    console.warn(error.detail ?? error);
    await app.refresh();
    document.querySelector("[role=alert]")?.focus();
  }
  working -= 1;
  button.removeAttribute("aria-disabled");
  await keepUpdated(app);
}

function setLanguage(language) {
  ofBrowser.set("language", language);
  app.words = writer(language);
  app.show();
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
    app.sync();
  });
  window.addEventListener("offline", () => app.show());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      if (isForm(app)) app.blank(); // the switcher of apps takes a picture
    } else {
      notice(app).then(() => isForm(app) || app.sync());
    }
  });
}

function watchGestures() {
  const blankForm = () => isForm(app) && app.blank();
  watchTwoFingers(blankForm);
  document.addEventListener("keydown", ({ key }) => key === "Escape" && blankForm());
  watchFingers((isDown) => noteFinger(app, isDown));
  window.addEventListener("popstate", ({ state }) => {
    app.view = state ?? { screen: "start" };
    app.failure = null;
    app.refresh(true);
  });
  window.addEventListener("hashchange", () => {
    takeCodeFromLink();
    app.show();
  });
}

/** How many teams a promise does not name, in the language of the promise. */
const moreTeams = (n, language) => writer(language).t("promise.more_teams", { n });

async function start() {
  takeCodeFromLink();
  app.view = history.state ?? { screen: "start" };
  try {
    app.phone = await openPhone({ moreTeams });
  } catch (error) {
    app.problem = codeOf(error);
    console.warn(error.detail ?? error);
    app.show(true);
    return;
  }
  app.phone.subscribe(() => notice(app));
  watchSignal();
  watchGestures();
  await app.refresh(true);
  watchUpdates(app, isBusy);
  await app.sync();
}

start();
