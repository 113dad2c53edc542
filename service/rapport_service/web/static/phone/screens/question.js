/** Answering: the promises, five questions, the context, a look back, Send. */
import { h, icon, rich } from "../dom.js";
import { problem, richText } from "./frame.js";

/**
 * Reads the questions and what was answered so far; nothing where nobody answers.
 *
 * The draft is written before the next question is shown: a phone may end the page at
 * any moment.
 */
export async function prepare(app) {
  const { screen, waveId } = app.view;
  if (!["question", "context", "review"].includes(screen)) {
    app.form = null;
    return;
  }
  if (app.form?.waveId === waveId) return;
  const [questions, draft] = await Promise.all([
    app.phone.questions(waveId), app.phone.draft(waveId)]);
  const { context: contextQuestion, ...rest } = questions;
  app.form = { waveId, ...rest, contextQuestion, answers: {}, ...draft };
}

const pulseOf = (app) =>
  app.data.pulses.find(({ waveId }) => waveId === app.view.waveId);

/** Home instead, where the pulse cannot be answered any more. */
function leaveUnless(app, condition) {
  if (!condition) app.go("start", {}, true);
  return !condition;
}

const PROMISES_READ = "promises-read";

/** Forgets that somebody has read the promises here. */
export const forgetReader = () => localStorage.removeItem(PROMISES_READ);

function promiseScreen(app) {
  const { t, language, day } = app.words;
  const pulse = pulseOf(app);
  if (leaveUnless(app, pulse?.canAnswer)) return null;
  const lines = (pulse.plainLanguage[language] ?? pulse.plainLanguage.en)
    .filter((line) => !line.includes(pulse.fingerprint));
  const promises = h("ul.rows", lines.map((line) => h("li", line)));
  const isRead = localStorage.getItem(PROMISES_READ) !== null;
  async function begin() {
    localStorage.setItem(PROMISES_READ, "1");
    const draft = await app.phone.draft(pulse.waveId);
    await openQuestion(app, pulse.waveId, draft?.position ?? 0);
  }
  const button = h("button.btn", { type: "button",
    onclick: () => app.run(button, begin) },
  t(pulse.hasDraft ? "promise.go_on" : "promise.start"));
  return {
    title: t("promise.title"),
    back: t("home"),
    main: [
      h("div.stack", h("h1", t("promise.title")),
        h("p.soft", t(isRead ? "promise.short" : "promise.fixed"))),
      app.failure && problem(app, app.failure),
      h("section.card.tight",
        h("p.small.soft", t("promise.group")),
        h("p.lead", t("promise.pool", { name: pulse.team.name, n: pulse.team.pool })),
        richText("p.small.soft", t("promise.opened", { seals: day(pulse.sealsAt) }))),
      isRead
        ? h("details", h("summary", t("promise.all")), promises)
        : promises,
      h("details",
        h("summary", t("promise.compare")),
        h("div.stack", h("p", t("promise.compare.text")),
          h("p.code.whole", pulse.fingerprint),
          pulse.keySeenTwice && h("p.small.soft", t("promise.seen_twice")))),
      h("div.acts.dock", button),
    ],
  };
}

/** How many questions there are: every form has as many. */
const QUESTIONS = 5;

function openQuestion(app, waveId, at) {
  if (at > QUESTIONS) return app.go("review", { waveId });
  return at === QUESTIONS
    ? app.go("context", { waveId })
    : app.go("question", { waveId, at });
}

/** Keeps an answer, then shows what comes next; a second tap meanwhile is none. */
async function take(app, change, at) {
  const { form, view } = app;
  if (form.isTaken) return;
  form.isTaken = true; // until the next screen is built
  const position = Math.max(form.position ?? 0, at + 1);
  const draft = {
    answers: { ...form.answers, ...change.answers },
    context: "context" in change ? change.context : form.context ?? null,
    position,
  };
  await app.phone.saveDraft(view.waveId, draft);
  Object.assign(form, draft);
  if (view.isChange) history.back();
  else await openQuestion(app, view.waveId, at + 1);
}

function progress(app, done) {
  const { length } = app.form.items;
  return h("ol.of", { "aria-hidden": "true" },
    Array.from({ length }, (_, at) => h(at < done ? "li.on" : "li")));
}

function choice(app, option, label, chosen, change, at) {
  const isChosen = chosen === option;
  const button = h("button", { type: "button", "aria-pressed": String(isChosen),
    onclick: () => app.run(button, () => take(app, change, at)) },
  label, isChosen && icon("check"));
  return button;
}

function questionScreen(app) {
  const { words: { t, language }, form, view: { at } } = app;
  if (leaveUnless(app, form && pulseOf(app)?.canAnswer)) return null;
  form.isTaken = false;
  const item = form.items[at];
  const chosen = form.answers[item.id];
  const total = form.items.length;
  const pick = (value, label) =>
    choice(app, value, label, chosen, { answers: { [item.id]: value } }, at);
  const aside = (kind, value, label) => {
    const button = pick(value, label);
    button.className = `btn ${kind}`;
    button.querySelector("svg")?.remove(); // there is no room; the border says it
    return button;
  };
  return {
    title: t("question.progress", { n: at + 1, total }),
    back: true,
    canHide: true,
    main: [
      app.failure && problem(app, app.failure),
      h("div.stack.end",
        progress(app, at + 1),
        h("p.small.soft", rich(t("question.of", { n: at + 1, total })), " ",
          form.leadIn[language] ?? form.leadIn.en),
        h("h1", textOf(item.text, language))),
      h("div.five", { role: "group", "aria-label": t("question.answers") },
        form.options.map(({ value, text }) => pick(value, textOf(text, language))),
        h("div.acts.pass",
          aside("plain", "na", textOf(form.notApplicable, language)),
          aside("bare", "skip", textOf(form.skip, language)))),
    ],
  };
}

const textOf = (text, language) => text[language] ?? text.en;

function contextScreen(app) {
  const { words: { t, language }, form } = app;
  if (leaveUnless(app, form && pulseOf(app)?.canAnswer)) return null;
  const { length } = form.items;
  form.isTaken = false;
  const isAnswered = (form.position ?? 0) > length;
  const chosen = isAnswered ? form.context : undefined;
  const question = form.contextQuestion;
  const none = choice(app, null, textOf(form.skip, language), chosen,
    { context: null }, length);
  none.className = "btn bare";
  return {
    title: textOf(question.text, language),
    back: true,
    canHide: true,
    main: [
      app.failure && problem(app, app.failure),
      h("div.stack.end",
        progress(app, length),
        richText("p.small.soft", t("context.one_more")),
        h("h1", textOf(question.text, language))),
      h("div.five", { role: "group", "aria-label": t("question.answers") },
        question.options.map(({ value, text }) =>
          choice(app, value, textOf(text, language), chosen,
            { context: value }, length)),
        h("div.acts.pass", none)),
    ],
  };
}

function labelOf(app, value) {
  const { form, words: { t, language } } = app;
  if (value === undefined) return t("review.none");
  if (value === "na") return textOf(form.notApplicable, language);
  if (value === "skip") return t("review.skipped");
  return textOf(form.options.find((each) => each.value === value).text, language);
}

function reviewScreen(app) {
  const { words: { t, language }, form } = app;
  if (leaveUnless(app, form && pulseOf(app)?.canAnswer)) return null;
  const question = form.contextQuestion;
  const missing = form.items.findIndex(({ id }) => form.answers[id] === undefined);
  const isMissing = missing >= 0;
  const context = question.options.find(({ value }) => value === form.context);
  const row = (text, label, target) => h("li.pair",
    h("div", h("p.small.soft", text), h("p", h("b", label))),
    h("button.change", { type: "button", "aria-label": `${t("review.change")}: ${text}`,
      onclick: () => app.go(...target) },
    t("review.change")));
  const { waveId } = form;
  const button = h("button.btn", { type: "button", id: "send",
    onclick: () => app.run(button, () => send(app, button)) }, t("review.send"));
  const rest = h("button.btn", { type: "button",
    onclick: () => app.go("question", { waveId, at: missing, isChange: true }) },
  t("review.rest"));
  return {
    title: t("review.title"),
    back: true,
    canHide: true,
    main: [
      h("div.stack", h("h1", t("review.title")),
        h("p.soft", t(isMissing ? "review.missing" : "review.text"))),
      app.failure && problem(app, app.failure),
      h("ul.rows", form.items.map((item, at) =>
        row(textOf(item.text, language), labelOf(app, form.answers[item.id]),
          ["question", { waveId, at, isChange: true }])),
      row(textOf(question.text, language),
        context ? textOf(context.text, language) : t("review.skipped"),
        ["context", { waveId, isChange: true }])),
      h("div.acts.dock", isMissing ? rest : button),
    ],
  };
}

/** Locks the answers, says so, and sends: the person pressed Send. */
async function send(app, button) {
  const { waveId } = app.view;
  button.textContent = app.words.t("review.sending");
  try {
    await app.phone.send(waveId);
  } finally {
    button.textContent = app.words.t("review.send");
  }
  app.form = null;
  await app.go("became", { waveId }, true);
  await app.sync({ send: true });
}

export const screens = {
  promise: promiseScreen,
  question: questionScreen,
  context: contextScreen,
  review: reviewScreen,
};
