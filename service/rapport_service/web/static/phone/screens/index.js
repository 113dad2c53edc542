/** All screens, and which of them a view means. */
import { answerScreens } from "./became.js";
import { codeScreens } from "./code.js";
import { deviceScreens } from "./device.js";
import { problemScreen } from "./frame.js";
import { homeScreens } from "./home.js";
import { formScreens } from "./question.js";
import { resultScreens } from "./results.js";

const SCREENS = {
  ...codeScreens,
  ...homeScreens,
  ...formScreens,
  ...answerScreens,
  ...resultScreens,
  ...deviceScreens,
};

/** Screens where somebody is in the middle of something, but does not answer. */
const DECISIONS = ["withdraw", "leave"];

/** Whether somebody answers on the screen of a view. */
export const isForm = ({ view: { screen } }) => Object.hasOwn(formScreens, screen);

/** Whether somebody is in the middle of something there. */
export const isOpen = (app) => isForm(app) || DECISIONS.includes(app.view.screen);

/** The screen that the view means, by what the phone keeps. */
export function screenOf({ view: { screen }, problem, data }) {
  const needsPerson = !["start", "install", "ways"].includes(screen);
  if (problem) return "problem";
  if (!data.isEnrolled && needsPerson) return "code";
  if (["start", "install"].includes(screen) && data.isEnrolled) return "home";
  return screen === "start" ? "code" : screen;
}

/** A screen; where it cannot be built, another that says so and leads elsewhere. */
export function buildScreen(app, name) {
  try {
    return name === "problem" ? problemScreen(app, app.problem) : SCREENS[name](app);
  } catch (error) {
    console.warn(error);
    return problemScreen(app, error.name, "home");
  }
}
