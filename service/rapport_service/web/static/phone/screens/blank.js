/** A screen that shows nothing: one tap, two fingers or Escape hide what was there. */
import { h } from "../dom.js";

let isShown = false;
let resume = null;

/** @returns {boolean} whether the screen is blank now */
export const isBlank = () => isShown;

/** Blanks the screen until it is tapped. */
export function showBlank(app) {
  if (isShown) return;
  isShown = true;
  resume = () => app.show(true);
  const { t } = app.words;
  document.title = "Rapport";
  const button = h("button.blank", { type: "button", onclick: closeBlank },
    h("span", t("blank.show")));
  document.body.dataset.screen = "blank";
  document.body.replaceChildren(h("main", { id: "main" },
    h("h1.hide", t("blank.title")), button));
  button.focus();
}

/** Shows what was there before. */
export function closeBlank() {
  isShown = false;
  resume?.();
}
