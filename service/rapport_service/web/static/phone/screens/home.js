/** Home: what is open until when, what waits, what comes next, and the newest result. */
import { h, icon } from "../dom.js";
import { headline, wavePeriod } from "../score.js";
import { remind } from "./device.js";
import { explain, isOffline, link, problem, pulseOf, richText, whyWaiting } from
  "./frame.js";

const WAITING = ["waiting", "withdrawing"];

function homeScreen(app) {
  const { words: { t }, data } = app;
  const open = data.pulses.find((pulse) => pulse.state === "open" && pulse.canAnswer);
  const waiting = data.items.filter(({ state }) => WAITING.includes(state));
  const notice = worthShowing(app, app.failure) ?? worthShowing(app, app.trouble);
  return {
    title: t("home.title"),
    tab: "home",
    main: [
      h("h1.hide", t("home.title")),
      notice && problem(app, notice),
      notice === "needs_code" && h("div.links",
        link(t("phone.code.button"), () => app.go("code"))),
      mainCards(app, open, waiting, notice),
      nextPulse(app, !open && signalSentence(app)),
      team(app),
      contact(app),
    ],
  };
}

/** A problem, unless the state in the bar and the cards tell it already. */
function worthShowing(app, code) {
  const { has } = app.words;
  const isTold = ["no_connection", "retry_later"].includes(code)
    || has(`reason.${code}`) || (has(`why_not.${code}`) && closedPulse(app));
  return isTold ? null : code;
}

/** An open pulse that this phone cannot answer, whatever it fetches. */
const closedPulse = ({ data }) => data.pulses.find(({ state, item, reason }) =>
  state === "open" && !item && ![null, "no_ballot_yet"].includes(reason));

function mainCards(app, open, waiting, notice) {
  if (open || waiting.length) {
    return [
      waiting.length > 0 && waitingCard(app, waiting, Boolean(open)),
      open && openCard(app, open),
    ];
  }
  const closed = closedPulse(app);
  if (closed) return closedCard(app, closed);
  const newest = [...app.data.items].sort((a, b) => (a.savedAt < b.savedAt ? 1 : -1))[0];
  if (newest && isCurrent(app, newest)) return itemCard(app, newest);
  if (!app.data.hasFetched && notice !== "needs_code") return unfetchedCard(app);
  return notice ? null : quietCard(app);
}

/** Whether what became of an item is still news. */
function isCurrent(app, item) {
  if (app.data.results.some(({ waveId }) => waveId === item.waveId)) return false;
  return item.state !== "received" || Boolean(pulseOf(app, item.waveId));
}

function card(name, state, picture, ...parts) {
  return h("section.card.stack", { "aria-labelledby": name },
    h("p.state.a", icon(picture), state), parts);
}

function openCard(app, pulse) {
  const { t, moment } = app.words;
  const isBegun = pulse.hasDraft;
  return card("open", t("home.open.state"), "open",
    h("h2.say", { id: "open" }, t("home.open.title")),
    richText("p", t("home.open.until", { closes: moment(pulse.closesAt) }),
      ` ${signalSentence(app)}`),
    mayForget(app),
    h("div.acts", h("button.btn", { type: "button",
      onclick: () => app.go("promise", { waveId: pulse.waveId }) },
    t(isBegun ? "home.open.go_on" : "home.open.start"))));
}

/** Whether the app opens without signal is known only once it is here whole. */
const signalSentence = ({ words: { t }, opensOffline }) =>
  t(`home.signal.${opensOffline()}`);

/** Said before somebody answers, so that nobody learns too late. */
function mayForget({ words: { t }, platform, data }) {
  if (platform.isForgetful(data)) return h("p.small.note", t("home.browser_may_forget"));
  return data.persistence.isPersisted ? null : h("p.small.soft", t("home.may_forget"));
}

function waitingCard(app, waiting, isSecond) {
  const { t, moment } = app.words;
  const seals = waiting.map((item) => pulseOf(app, item.waveId)?.sealsAt)
    .filter(Boolean).sort((a, b) => a - b)[0];
  const button = h(`button.btn${isSecond ? ".plain" : ""}`, { type: "button",
    onclick: () => app.run(button, () => app.sync({ send: true })) }, t("home.waiting.send"));
  const isSignal = whyWaiting(app, waiting[0]) === "no_connection";
  return card("waiting",
    t(isSignal ? "home.waiting.state" : "home.waiting.other"), "lock",
    h("h2.say", { id: "waiting" }, t("home.waiting.title", { n: waiting.length })),
    seals && richText("p.soft", t("home.waiting.until", { seals: moment(seals) })),
    h("div.acts", button,
      h("button.btn.bare", { type: "button",
        onclick: () => app.go("became", { waveId: waiting[0].waveId }) },
      t("home.what_happens"))));
}

function itemCard(app, item) {
  const { t, day } = app.words;
  const pulse = pulseOf(app, item.waveId);
  const kind = { received: "received", withdrawn: "withdrawn" }[item.state] ?? "trouble";
  const title = item.state === "rejected" ? "home.rejected.title" : `home.${kind}.title`;
  const pictures = { received: "check", withdrawn: "cross", trouble: "warn" };
  const more = () => app.go("became", { waveId: item.waveId });
  return card("item", t(`home.${kind}.state`), pictures[kind],
    h("h2.say", { id: "item" }, t(title)),
    kind === "received" && pulse
      && richText("p.soft", t("home.received.until", { seals: day(pulse.sealsAt) })),
    kind === "withdrawn" && h("p.soft", t("home.withdrawn.until")),
    h("div.acts", h(`button.btn${kind === "trouble" ? "" : ".plain"}`,
      { type: "button", onclick: more },
      t(kind === "trouble" ? "home.trouble.why" : "home.what_happens"))));
}

function closedCard(app, { reason }) {
  const { t } = app.words;
  const [title, text] = explain(app, reason);
  return card("closed", t("home.open.state"), "warn",
    h("h2.say", { id: "closed" }, title), h("p.soft", text));
}

function unfetchedCard(app) {
  const { words: { t }, isSyncing } = app;
  const [state, title] = isSyncing
    ? ["state.syncing", "home.unfetched.now"]
    : ["home.unfetched.state", "home.unfetched.title"];
  return card("unfetched", t(state), isSyncing ? "online" : "open",
    h("h2.say", { id: "unfetched" }, t(title)),
    h("p.soft", t("home.unfetched.text")),
    !isSyncing && h("div.acts", syncButton(app, "home.unfetched.fetch", "btn")));
}

function quietCard(app) {
  const { t } = app.words;
  const state = isOffline(app) ? ["state.offline", "offline"]
    : ["home.quiet.state", "check"];
  return card("quiet", t(state[0]), state[1],
    h("h2.say", { id: "quiet" }, t("home.quiet.title")),
    h("p.soft", t("home.quiet.text")));
}

function nextPulse(app, signal) {
  const { words: { t, moment }, data } = app;
  if (!data.nextOpensAt) return null;
  return h("section.stack", { "aria-labelledby": "next" },
    h("h2", { id: "next" }, t("home.next")),
    richText("p", t("home.next.opens", { opens: moment(data.nextOpensAt) }),
      signal && ` ${signal}`),
    h("div.links", link(t("home.next.reminder"), () => remind(app))));
}

function team(app) {
  const { words, data: { results } } = app;
  if (!results.length) return null;
  const { document, waveId } = results[0];
  return h("section.stack", { "aria-labelledby": "team" },
    h("h2", { id: "team" }, words.t("home.team")),
    h("div.note.quote", h("p.say", headline(document, words.language)),
      h("p.when", wavePeriod(document, words))),
    h("div.links", link(words.t("home.team.read"),
      () => app.go("results", { waveId }))));
}

function contact(app) {
  const { words: { t, moment }, data: { hasFetched, lastContactAt, pulses } } = app;
  const hasButton = hasFetched || pulses.length > 0; // else a card has it
  return h("div.contact.end",
    h("p.small.soft", lastContactAt && t("home.contact", { at: moment(lastContactAt) })),
    hasButton && syncButton(app, "home.sync", "btn.bare"));
}

/** A button that asks for news, and sends nothing beside it. */
function syncButton(app, text, kind) {
  const button = h(`button.${kind}`, { type: "button", id: text,
    onclick: () => app.run(button, () => app.sync({ draw: true })) }, app.words.t(text));
  return button;
}

export const homeScreens = { home: homeScreen };
