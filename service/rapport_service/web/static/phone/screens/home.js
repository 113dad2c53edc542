/** Home: what is open until when, what waits, what comes next, and the newest result. */
import { h, icon } from "../dom.js";
import { headline, wavePeriod } from "../score.js";
import { remind } from "./device.js";
import { link, problem, richText, simplify } from "./frame.js";

const WAITING = ["waiting", "withdrawing"];

function homeScreen(app) {
  const { words: { t }, data } = app;
  const open = data.pulses.find((pulse) => pulse.state === "open" && pulse.canAnswer);
  const waiting = data.items.filter(({ state }) => WAITING.includes(state));
  const notice = app.failure ?? troubleWorthShowing(app);
  return {
    title: t("home.title"),
    tab: "home",
    main: [
      h("h1.hide", t("home.title")),
      notice && problem(app, notice),
      notice === "needs_code" && h("div.links",
        link(t("phone.code.button"), () => app.go("code"))),
      mainCards(app, open, waiting, notice),
      nextPulse(app),
      team(app),
      contact(app),
    ],
  };
}

/** Problems that the state in the bar and the cards do not tell already. */
function troubleWorthShowing({ trouble, words: { has } }) {
  const isTold = [null, "no_connection", "retry_later"].includes(trouble)
    || has(`reason.${trouble}`);
  return isTold ? null : trouble;
}

function mainCards(app, open, waiting, notice) {
  if (open || waiting.length) {
    return [
      waiting.length > 0 && waitingCard(app, waiting, Boolean(open)),
      open && openCard(app, open),
    ];
  }
  const closedToYou = app.data.pulses.find(
    (pulse) => pulse.state === "open" && !pulse.item && pulse.reason);
  if (closedToYou) return closedCard(app, closedToYou);
  const newest = [...app.data.items].sort((a, b) => (a.savedAt < b.savedAt ? 1 : -1))[0];
  if (newest && isCurrent(app, newest)) return itemCard(app, newest);
  return notice ? null : quietCard(app);
}

const pulseOf = ({ data }, waveId) => data.pulses.find((each) => each.waveId === waveId);

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
    richText("p", t("home.open.until", { closes: moment(pulse.closesAt) })),
    mayForget(app),
    h("div.acts", h("button.btn", { type: "button",
      onclick: () => app.go("promise", { waveId: pulse.waveId }) },
    t(isBegun ? "home.open.go_on" : "home.open.start"))));
}

/** Said before somebody answers, so that nobody learns too late. */
function mayForget({ words: { t }, platform, data }) {
  if (platform.isForgetfulTab) return h("p.small.note", t("home.browser_may_forget"));
  return data.persistence.isPersisted ? null : h("p.small.soft", t("home.may_forget"));
}

function waitingCard(app, waiting, isSecond) {
  const { t, moment } = app.words;
  const seals = waiting.map((item) => pulseOf(app, item.waveId)?.sealsAt)
    .filter(Boolean).sort((a, b) => a - b)[0];
  const button = h(`button.btn${isSecond ? ".plain" : ""}`, { type: "button",
    onclick: () => app.run(button, () => app.sync({ send: true })) }, t("home.waiting.send"));
  const why = simplify(waiting[0].waitingBecause ?? app.trouble);
  const isSignal = [null, "no_connection"].includes(why);
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

function closedCard(app, pulse) {
  const { t, has } = app.words;
  const key = `why_not.${pulse.reason}`;
  return card("closed", t("home.open.state"), "warn",
    h("h2.say", { id: "closed" }, t("home.closed_to_you")),
    h("p.soft", has(key) ? t(key) : t("why_not.other", { reason: pulse.reason })));
}

function quietCard(app) {
  const { t } = app.words;
  return card("quiet", t("home.quiet.state"), "check",
    h("h2.say", { id: "quiet" }, t("home.quiet.title")),
    h("p.soft", t("home.quiet.text")));
}

function nextPulse(app) {
  const { words: { t, moment }, data } = app;
  if (!data.nextOpensAt) return null;
  return h("section.stack", { "aria-labelledby": "next" },
    h("h2", { id: "next" }, t("home.next")),
    richText("p", t("home.next.opens", { opens: moment(data.nextOpensAt) })),
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
  const { words: { t, moment }, data: { lastContactAt } } = app;
  const button = h("button.btn.bare", { type: "button", id: "sync",
    onclick: () => app.run(button, () => app.sync({ draw: true })) }, t("home.sync"));
  return h("div.contact.end",
    h("p.small.soft", lastContactAt
      ? t("home.contact", { at: moment(lastContactAt) })
      : t("home.contact.never")),
    button);
}

export const screens = { home: homeScreen };
