/** Answering: the promises, five questions, the context, a look back, Send. */
import { h, icon, rich } from "../dom.js";
import { problem, pulseOf, richText } from "./frame.js";

/** Reasons that become of an answer: its own screen says what. */
export const ANSWERED = ["already_answered", "withdrawn", "answer_refused"];

/**
 * Reads the questions and what was answered so far, anew for each screen: another tab
 * may have changed it. Nothing where nobody answers.
 *
 * The draft is written before the next question is shown: a phone may end the page at
 * any moment.
 *
 * @throws {{code: string}} the reason why the pulse cannot be answered any more
 */
export async function prepare(app) {
  const { data, phone, view: { screen, waveId } } = app;
  if (!Object.hasOwn(formScreens, screen)) {
    app.form = null;
    return;
  }
  const pulse = pulseOf(app, waveId);
  const reason = pulse ? pulse.reason : "closed"; // long ago, if nothing is left of it
  if (!data.isEnrolled) throw { code: "not_enrolled" };
  if (!pulse?.canAnswer) throw { code: reason };
  if (screen === "promise") {
    app.form = { isRead: await phone.promisesRead(waveId) };
    return;
  }
  const [questions, draft] = await Promise.all([
    phone.questions(waveId), phone.draft(waveId)]);
  const { context: contextQuestion, ...rest } = questions;
  app.form = { waveId, ...rest, contextQuestion, answers: {}, ...draft };
}

function promiseScreen(app) {
  const { words: { t, language, day }, form: { isRead } } = app;
  const pulse = pulseOf(app, app.view.waveId);
  const lines = (pulse.plainLanguage[language] ?? pulse.plainLanguage.en)
    .filter((line) => !line.includes(pulse.fingerprint));
  const promises = h("ul.rows", lines.map((line) => h("li", line)));
  async function begin() {
    const { waveId } = pulse;
    await app.phone.notePromisesRead(waveId);
    const [{ items }, draft] = await Promise.all([
      app.phone.questions(waveId), app.phone.draft(waveId)]);
    await openQuestion(app, waveId, draft?.position ?? 0, items.length);
  }
  const button = h("button.btn", { type: "button",
    onclick: () => app.run(button, begin) },
  t(pulse.hasDraft ? "promise.go_on" : "promise.start"));
  return {
    title: t("promise.title"),
    back: "home",
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

/** Goes to a question; after the last one to the context, then to the last look. */
function openQuestion(app, waveId, at, total) {
  if (at > total) return app.go("review", { waveId });
  return at === total
    ? app.go("context", { waveId })
    : app.go("question", { waveId, at });
}

/** Views on which an answer was tapped; a second tap meanwhile is none. */
const taken = new WeakSet();

/** Keeps an answer, then shows what comes next. */
async function take(app, change, at) {
  const { phone, view, form: { items } } = app;
  if (taken.has(view)) return;
  taken.add(view);
  try {
    const { answers, context = null, position = 0 } = await phone.draft(view.waveId) ?? {};
    await phone.saveDraft(view.waveId, {
      context,
      ...change,
      answers: { ...answers, ...change.answers },
      position: Math.max(position, at + 1),
    });
  } catch (error) {
    taken.delete(view);
    throw error;
  }
  if (view.isChange) history.back();
  else await openQuestion(app, view.waveId, at + 1, items.length);
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
    back: "back",
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
  const { length } = form.items;
  const isAnswered = (form.position ?? 0) > length;
  const chosen = isAnswered ? form.context : undefined;
  const question = form.contextQuestion;
  const none = choice(app, null, textOf(form.skip, language), chosen,
    { context: null }, length);
  none.className = "btn bare";
  return {
    title: textOf(question.text, language),
    back: "back",
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
    back: "back",
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
  await app.go("became", { waveId }, true);
  await app.sync({ send: true });
}

export const formScreens = {
  promise: promiseScreen,
  question: questionScreen,
  context: contextScreen,
  review: reviewScreen,
};
