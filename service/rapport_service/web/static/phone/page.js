/** The page: its parts are drawn anew, and what is read aloud about it stays. */
import { h } from "./dom.js";

/** A region whose changes are read aloud, as long as it is not replaced itself. */
const live = h("p.hide", { role: "status", "aria-live": "polite" });

const PAUSE = 100; // milliseconds, so that the same text is read aloud again

let texts = [];

/** Says something to people who listen instead of looking. */
export function say(text) {
  if (!texts.length) {
    live.textContent = "";
    setTimeout(() => {
      live.textContent = texts.join(" ");
      texts = [];
    }, PAUSE);
  }
  texts.push(text);
}

/** Says nothing more of what was said. */
export function hush() {
  texts = [];
  live.textContent = "";
}

/** Puts parts in place of the page before. */
export function replacePage(...parts) {
  for (const part of [...document.body.children]) if (part !== live) part.remove();
  document.body.prepend(...parts);
  if (!live.isConnected) document.body.append(live);
}

/** The heading that takes the focus on a new screen. */
export function findHeading() {
  const heading = document.querySelector("h1");
  heading.id ||= "title";
  heading.tabIndex = -1;
  return heading;
}

/** What the page says first; the heading of a card where that of the page is hidden. */
export const firstWords = () =>
  document.querySelector("h1:not(.hide), h2.say")?.textContent;

/** Focuses what had the focus before the page was drawn anew, or else the heading. */
export function restoreFocus(before) {
  if (!before || before === document.body) return;
  const { id, localName, textContent } = before;
  const isSame = (each) => each.textContent === textContent;
  const same = id
    ? document.getElementById(id)
    : [...document.querySelectorAll(localName)].find(isSame);
  (same ?? findHeading()).focus({ preventScroll: true });
}
