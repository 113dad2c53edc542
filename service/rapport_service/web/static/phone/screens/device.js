/** This phone: language, who answers here, what it keeps, reminder, leaving it. */
import { h } from "../dom.js";
import { calendarFile, handOver } from "../reminder.js";
import { link, problem, richText } from "./frame.js";

const LANGUAGES = { en: "English", es: "Español" };

function section(title, ...parts) {
  return h("section.stack", h("h2", title), parts);
}

function deviceScreen(app) {
  const { words: { t }, data, platform } = app;
  const { organization } = data.person;
  return {
    title: t("phone.title"),
    tab: "phone",
    main: [
      h("div.stack", h("h1", t("phone.title")),
        richText("p", t("phone.who", { organization }))),
      app.failure && problem(app, app.failure),
      section(t("phone.language"), languages(app)),
      section(t("phone.keep"), keeping(app)),
      section(t("phone.reminder"), reminder(app)),
      section(t("phone.shared"), h("p", t("phone.shared.text")),
        h("div.links", link(t("phone.leave"), () => app.go("leave")))),
      section(t("phone.code"), h("p", t("phone.code.text")),
        h("div.links", link(t("phone.code.button"), () => app.go("code")))),
      !platform.isStandalone && platform.canInstall() && h("div.acts",
        h("button.btn.plain", { type: "button", onclick: () => platform.install() },
          t("install.button"))),
    ],
  };
}

function languages(app) {
  const choice = ([code, name]) => h("button", { type: "button", lang: code,
    id: `language-${code}`, "aria-pressed": String(code === app.words.language),
    onclick: () => app.setLanguage(code) }, name);
  return h("div.pick", { role: "group", "aria-label": app.words.t("phone.language") },
    Object.entries(LANGUAGES).map(choice));
}

function keeping(app) {
  const { words: { t }, data, platform } = app;
  if (platform.isForgetful(data)) return h("p", t("home.browser_may_forget"));
  if (data.persistence.isPersisted) return h("p", t("phone.keep.yes"));
  const button = h("button.btn.plain", { type: "button", onclick: () =>
    app.run(button, async () => {
      await app.phone.askPersistence();
      await app.refresh();
    }) }, t("phone.keep.ask"));
  return [h("p", t("phone.keep.no")),
    !platform.isStandalone && h("p", t("phone.home_screen")),
    h("div.acts", button)];
}

/** Pulses with an opening to be reminded of. */
function upcoming(app) {
  const now = new Date();
  return app.data.pulses.filter(({ closesAt, item }) => closesAt > now && !item);
}

function reminder(app) {
  const { t } = app.words;
  if (!upcoming(app).length) return h("p", t("phone.reminder.none"));
  const button = h("button.btn.plain", { type: "button", id: "reminder",
    onclick: () => app.run(button, () => remind(app)) }, t("phone.reminder.button"));
  return [h("p", t("phone.reminder.text")), h("div.acts", button)];
}

/** Gives the phone's calendar the pulses that are known. */
export function remind(app) {
  const { t, moment } = app.words;
  const words = {
    title: t("phone.reminder.event"),
    text: ({ closesAt }) => t("phone.reminder.until", { closes: moment(closesAt) }),
  };
  return handOver(calendarFile(upcoming(app), words, new Date()), "rapport.ics");
}

function leaveScreen(app) {
  const { words: { t }, data: { items } } = app;
  const n = items.filter(({ state }) =>
    ["waiting", "withdrawing"].includes(state)).length;
  const button = h("button.btn", { type: "button",
    onclick: () => app.run(button, () => leave(app)) }, t("leave.yes"));
  return {
    title: t("leave.title"),
    back: "back",
    main: [
      h("h1", t("leave.title")),
      app.failure && problem(app, app.failure),
      h("ul.rows",
        h("li", t("leave.one")),
        n > 0 && h("li", t("leave.waiting", { n })),
        h("li", t("leave.draft")),
        h("li", t("leave.code"))),
      h("div.acts.end", button,
        h("button.btn.bare", { type: "button", onclick: app.back }, t("leave.no"))),
    ],
  };
}

async function leave(app) {
  await app.phone.leave();
  app.keepCode("");
  app.trouble = null;
  await app.go("start", {}, true);
  app.say(app.words.t("leave.done"));
}

export const deviceScreens = { device: deviceScreen, leave: leaveScreen };
