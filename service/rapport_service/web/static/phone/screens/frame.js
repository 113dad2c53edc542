/** What surrounds a screen: the bar above it, the tabs below it; and what went wrong. */
import { h, icon, mark, rich } from "../dom.js";

/**
 * The parts of the page.
 *
 * @param {{title: string, main: Node[], tab?: string, back?: "back"|"home",
 *   canHide?: boolean}} screen `back` leads to the screen before, or home
 */
export function frame(app, { main, tab, back, canHide, plain }) {
  const { t } = app.words;
  const goHome = () => app.go("start");
  const start = back
    ? h("button.bare", { type: "button", onclick: back === "home" ? goHome : app.back },
      icon("back"), t(back))
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

/** Whether there is no signal, as far as this phone can tell. */
export const isOffline = ({ trouble }) =>
  !navigator.onLine || trouble === "no_connection";

/** Why an item waits: the code of its problem; null where nothing keeps it. */
export function whyWaiting(app, { waitingBecause }) {
  const why = simplify(waitingBecause ?? app.trouble);
  if (isOffline(app)) return why ?? "no_connection";
  return why === "no_connection" ? null : why; // it was, before this visit
}

function signal(app) {
  const { t } = app.words;
  if (app.isSyncing) {
    return h("span.state.soft", t(app.isSending ? "state.busy" : "state.syncing"));
  }
  return isOffline(app) ? h("span.state", icon("offline"), t("state.offline")) : null;
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

/** The code of an error; a browser's own error has a number, which says nothing. */
export const codeOf = ({ code }) => (typeof code === "string" ? code : "other");

/** Codes for which there is one sentence. */
const SAME = {
  timed_out: "no_connection",
  server_error: "retry_later", busy: "retry_later", rate_limited: "retry_later",
  revoked: "needs_code", grant_invalid: "needs_code", device_revoked: "needs_code",
  storage_newer: "server_newer",
  instrument_refused: "charter_refused",
  wrong_key: "ballot_refused", blinded_invalid: "ballot_refused",
  signature_invalid: "ballot_refused", key_refused: "ballot_refused",
};

/** The code whose sentence says it; null for what nobody need know. */
export function simplify(code) {
  return ["not_enrolled", "sync_running", undefined].includes(code)
    ? null : SAME[code] ?? code;
}

/** Two sentences: what is wrong, and what to do next. */
export function explain({ words: { t, has } }, code) {
  const known = simplify(code);
  if (has(`why_not.${known}`)) return [t("why_not"), t(`why_not.${known}`)];
  const named = has(`error.${known}`) ? known : "other";
  return [t(`error.${named}`), t(`error.${named}.next`, { code })];
}

/** The same as a part of a screen. */
export function problem(app, code, level = "h2") {
  const [title, next] = explain(app, code);
  return h("div.note.alert", { id: "problem", role: "alert", tabindex: "-1" },
    h(level, icon("warn"), title), h("p", next));
}

/** The whole screen, when the app or a screen of it cannot be opened. */
export function problemScreen(app, code, tab) {
  const { t } = app.words;
  const [title, next] = explain(app, code);
  return {
    title,
    tab,
    plain: true,
    main: [
      h("div.stack", { role: "alert" }, h("h1", title), h("p", next)),
      h("div.acts.end",
        h("button.btn", { type: "button", onclick: () => location.reload() },
          t("error.again"))),
    ],
  };
}

/** A pulse, if this phone still knows it. */
export const pulseOf = ({ data }, waveId) =>
  data.pulses.find((pulse) => pulse.waveId === waveId);

/** A row that leads elsewhere. */
export const link = (text, onclick) =>
  h("button.link", { type: "button", onclick }, text, icon("next"));

export const richText = (selector, text, ...more) => h(selector, rich(text), more);
