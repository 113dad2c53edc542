/** A screen that shows nothing: one tap, two fingers or Escape hide what was there. */
import { h } from "../dom.js";
import { hush, replacePage } from "../page.js";

let isShown = false;

/** @returns {boolean} whether the screen is blank now */
export const isBlank = () => isShown;

/** Blanks the screen until its button is tapped; nothing else shows it again. */
export function showBlank(app) {
  if (isShown) return;
  isShown = true;
  const { t } = app.words;
  const button = h("button.blank", { type: "button", onclick: resume },
    h("span", t("blank.show")));
  function resume() {
    isShown = false;
    app.refresh(true);
  }
  document.title = "Rapport";
  document.body.dataset.screen = "blank";
  replacePage(h("main", { id: "main" }, h("h1.hide", t("blank.title")), button));
  hush();
  button.focus();
}
