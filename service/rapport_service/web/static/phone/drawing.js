/** One screen at a time, drawn anew when what it shows has changed. */
import { findHeading, firstWords, hush, replacePage, restoreFocus, say } from "./page.js";
import { isReady } from "./reading.js";
import { isBlank } from "./screens/blank.js";
import { frame } from "./screens/frame.js";
import { buildScreen, isOpen, screenOf } from "./screens/index.js";
import { holdWhileOpen } from "./updates.js";

/** What was drawn last: the screen with its view, and the page as text. */
let shown = "";
let shownPage = "";

let isTouched = false;
let isOverdue = false;

/** Draws the current screen. @param {boolean} isNew whether it takes the focus */
export function draw(app, isNew) {
  if (isBlank() || !isReady(app)) return;
  if (isTouched && !isNew) {
    isOverdue = true; // a button must not go away under a finger
    return;
  }
  const name = screenOf(app);
  const screen = buildScreen(app, name);
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
  holdWhileOpen(isOpen(app));
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

/** The tap has done its work: what it leads to is drawn at once. */
export const endTouch = () => { isTouched = false; };

/** Puts drawing off while a finger rests on the screen, and makes up for it. */
export function noteFinger(app, isDown) {
  isTouched = isDown;
  if (isDown || !isOverdue) return;
  isOverdue = false;
  draw(app);
}
