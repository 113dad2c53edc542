/** What surrounds a screen: the bar above it, the tabs below it; and what went wrong. */
import { h, icon, mark, rich } from "../dom.js";

/**
 * The parts of the page.
 *
 * @param {{title: string, main: Node[], tab?: string, back?: boolean|string,
 *   canHide?: boolean}} screen
 */
export function frame(app, { main, tab, back, canHide, plain }) {
  const { t } = app.words;
  const start = back
    ? h("button.bare", { type: "button", onclick: () => app.back() }, icon("back"),
      back === true ? t("back") : back)
    : h("span.mark", mark(), "Rapport");
  const end = canHide
    ? h("button.bare", { type: "button", onclick: app.blank }, icon("hide"),
      t("question.hide"))
    : plain ? languageButton(app) : signal(app);
  return [
    h("a.skip", { href: "#main", onclick: skip }, t("skip")),
    h("header.bar", start, end),
    h("main", { id: "main", tabindex: "-1" }, main),
    tab ? tabs(app, tab) : [],
  ].flat();
}

function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

function languageButton(app) {
  const other = app.words.language === "en" ? "es" : "en";
  const name = { en: "English", es: "Español" }[other];
  return h("button.bare", { type: "button", lang: other,
    onclick: () => app.setLanguage(other) }, name);
}

function signal(app) {
  const { t } = app.words;
  if (app.isSyncing) {
    return h("span.state.soft", t(app.isSending ? "state.busy" : "state.syncing"));
  }
  const isOffline = !navigator.onLine || app.trouble === "no_connection";
  return isOffline ? h("span.state", icon("offline"), t("state.offline")) : null;
}

function tabs(app, current) {
  const { t } = app.words;
  const tab = (name, screen, picture) =>
    h("button", { type: "button", "aria-current": name === current && "page",
      onclick: () => app.go(screen) }, icon(picture), h("span", t(`tab.${name}`)));
  return h("nav.tabs", { "aria-label": t("tabs") },
    tab("home", "start", "home"),
    tab("results", "results", "results"),
    tab("phone", "device", "phone"));
}

/** Codes for which there is one sentence. */
const SAME = {
  timed_out: "no_connection",
  server_error: "retry_later", busy: "retry_later", rate_limited: "retry_later",
  revoked: "needs_code", grant_invalid: "needs_code", device_revoked: "needs_code",
  storage_newer: "server_newer",
  key_refused: "charter_refused", instrument_refused: "charter_refused",
  charter_changed: "charter_refused",
};

/** The code whose sentence says it; null for what nobody need know. */
export function simplify(code) {
  return ["not_enrolled", "sync_running", undefined].includes(code)
    ? null : SAME[code] ?? code;
}

/** Two sentences: what is wrong, and what to do next. */
export function problem(app, code, level = "h2") {
  const { t, has } = app.words;
  const known = has(`error.${simplify(code)}`) ? simplify(code) : "other";
  return h("div.note.alert", { id: "problem", role: "alert", tabindex: "-1" },
    h(level, icon("warn"), t(`error.${known}`)),
    h("p", t(`error.${known}.next`, { code })));
}

/** The whole screen, when the app itself cannot open. */
export function problemScreen(app) {
  const { t, has } = app.words;
  const known = simplify(app.problem);
  const code = has(`error.${known}`) ? known : "other";
  return {
    title: t(`error.${code}`),
    plain: true,
    main: [
      h("div.stack", { role: "alert" },
        h("h1", t(`error.${code}`)),
        h("p", t(`error.${code}.next`, { code: app.problem }))),
      h("div.acts.end",
        h("button.btn", { type: "button", onclick: () => location.reload() },
          t("error.again"))),
    ],
  };
}

/** A row that leads elsewhere. */
export const link = (text, onclick) =>
  h("button.link", { type: "button", onclick }, text, icon("next"));

export const richText = (selector, text) => h(selector, rich(text));
