/** What became of an answer: done, now, later; always what is true. */
import { h, rich, stepMark } from "../dom.js";
import { problem, pulseOf, richText, whyWaiting } from "./frame.js";

function becameScreen(app) {
  const { t } = app.words;
  const { waveId } = app.view;
  const item = app.data.items.find((each) => each.waveId === waveId);
  if (!item) {
    app.go("start", {}, true);
    return null;
  }
  const pulse = pulseOf(app, waveId);
  const hasResult = app.data.results.some((each) => each.waveId === waveId);
  const kind = item.state === "received" && hasResult ? "sealed" : item.state;
  const isSending = item.state === "waiting" && app.isSending;
  const { title, text, steps, acts } = KINDS[kind](app, item, pulse);
  if (isSending) steps[1] = ["now", t("state.busy"), null];
  return {
    title: isSending ? t("became.sending.title") : title,
    back: "home",
    main: [
      h("div.stack", h("h1", isSending ? t("became.sending.title") : title),
        !isSending && text && richText("p", text)),
      app.failure && problem(app, app.failure),
      steps && h("ol.line", steps.map((step) => stepItem(app, step))),
      kind === "waiting" && keeps(app),
      h("div.acts.end", acts),
    ],
  };
}

function stepItem({ words: { t } }, [kind, title, text]) {
  return h(`li.${kind}`, stepMark(kind),
    h("p", h("b", h("span.hide", t(`mark.${kind}`), " "), title)),
    text && h(`p.small${kind === "now" ? "" : ".soft"}`, rich(text)));
}

function keeps(app) {
  const { t } = app.words;
  const isKept = !app.platform.isForgetful(app.data)
    && app.data.persistence.isPersisted;
  return h("p.small.note", t(isKept ? "keeps.yes" : "keeps.no"));
}

const lockedStep = ({ words: { t } }) =>
  ["done", t("step.locked"), t("step.locked.text")];

const receivedStep = ({ words: { t } }, kind) =>
  [kind, t("step.received"), t("step.received.text")];

const resultStep = ({ words: { t } }) => ["later", t("step.result"), t("step.result.text")];

function because(app, item) {
  const { t, has } = app.words;
  const reason = whyWaiting(app, item);
  return t(has(`because.${reason}`) ? `because.${reason}` : "because.other");
}

const seals = (app, pulse) => pulse && { seals: app.words.moment(pulse.sealsAt) };

function homeButton(app) {
  return h("button.btn.plain", { type: "button", onclick: () => app.go("start") },
    app.words.t("done"));
}

function withdrawButton(app, item) {
  return item.canWithdraw && h("button.btn.bare", { type: "button",
    onclick: () => app.go("withdraw", { waveId: item.waveId }) },
  app.words.t("withdraw"));
}

function sendButton(app) {
  const button = h("button.btn", { type: "button", id: "send",
    onclick: () => app.run(button, () => app.sync({ send: true })) },
  app.words.t("home.waiting.send"));
  return button;
}

/** What each state of an item has to say. */
const KINDS = {
  waiting(app, item, pulse) {
    const { t, day } = app.words;
    const isSignal = whyWaiting(app, item) === "no_connection";
    return {
      title: t("became.waiting.title"),
      text: pulse && t("became.waiting.text", seals(app, pulse)),
      steps: [
        lockedStep(app),
        ["now", t(isSignal ? "step.waiting" : "step.waiting.other"), because(app, item)],
        receivedStep(app, "later"),
        ["later", t("step.opened"),
          pulse && t("step.opened.text", { seals: day(pulse.sealsAt) })],
        resultStep(app),
      ],
      acts: [sendButton(app), withdrawButton(app, item)],
    };
  },
  received(app, item, pulse) {
    const { t, moment, day } = app.words;
    const opens = app.data.nextOpensAt;
    return {
      title: t("became.received.title"),
      text: opens
        ? t("became.received.next", { opens: moment(opens) })
        : t("became.received.text"),
      steps: [
        lockedStep(app),
        receivedStep(app, "done"),
        ["now", t("step.everybody"),
          pulse && t("step.everybody.text", { seals: day(pulse.sealsAt) })],
        resultStep(app),
      ],
      acts: [homeButton(app), withdrawButton(app, item)],
    };
  },
  sealed(app, item) {
    const { t } = app.words;
    return {
      title: t("became.sealed.title"),
      text: t("became.sealed.text"),
      steps: [
        lockedStep(app),
        ["done", t("step.received"), null],
        ["done", t("step.opened"), null],
        ["now", t("step.result"), t("step.result.now")],
      ],
      acts: [h("button.btn", { type: "button",
        onclick: () => app.go("results", { waveId: item.waveId }) },
      t("home.team.read"))],
    };
  },
  withdrawing(app, item, pulse) {
    const { t } = app.words;
    return {
      title: t("became.withdrawing.title"),
      text: pulse && t("became.withdrawing.text", seals(app, pulse)),
      steps: [
        ["done", t("step.withdrawal"), t("step.withdrawal.text")],
        ["now", t("step.waiting"), because(app, item)],
        ["later", t("step.withdrawn"), t("step.withdrawn.text")],
      ],
      acts: [sendButton(app)],
    };
  },
  withdrawn(app) {
    const { t } = app.words;
    return {
      title: t("became.withdrawn.title"),
      text: t("became.withdrawn.text"),
      steps: [
        lockedStep(app),
        ["ended", t("step.withdrawn"), t("step.withdrawn.text")],
      ],
      acts: [homeButton(app)],
    };
  },
  final(app, item) {
    const { t } = app.words;
    const isWithdrawal = item.reason === "withdraw_too_late";
    return {
      title: t(isWithdrawal ? "became.final.withdraw" : "became.final.title"),
      text: reason(app, item),
      steps: isWithdrawal
        ? [lockedStep(app), ["done", t("step.received"), null],
          ["done", t("step.opened"), null], resultStep(app)]
        : [lockedStep(app), ["ended", t("step.not_counted"), null]],
      acts: [homeButton(app)],
    };
  },
  rejected(app, item) {
    const { t } = app.words;
    const again = h("button.btn", { type: "button", onclick: () =>
      app.run(again, async () => {
        await app.phone.offerAgain(item.waveId);
        await app.sync({ send: true });
      }) }, t("became.offer_again"));
    return {
      title: t("became.rejected.title"),
      text: `${reason(app, item)} ${t("became.rejected.text")}`,
      steps: [lockedStep(app),
        ["ended", t("step.refused"), t("became.reason", { reason: item.reason })]],
      acts: [item.canOfferAgain && again, withdrawButton(app, item), homeButton(app)],
    };
  },
};

function reason({ words: { t, has } }, item) {
  return t(has(`reason.${item.reason}`) ? `reason.${item.reason}` : "reason.other");
}

function withdrawScreen(app) {
  const { t } = app.words;
  const { waveId } = app.view;
  const item = app.data.items.find((each) => each.waveId === waveId);
  if (!item?.canWithdraw) {
    app.go("start", {}, true);
    return null;
  }
  const pulse = pulseOf(app, waveId);
  const button = h("button.btn", { type: "button", onclick: () =>
    app.run(button, async () => {
      await app.phone.withdraw(waveId);
      await app.go("became", { waveId }, true);
      await app.sync({ send: true });
    }) }, t("withdraw.yes"));
  return {
    title: t("withdraw.title"),
    back: "back",
    main: [
      h("div.stack", h("h1", t("withdraw.title")),
        h("p", t("withdraw.text")),
        pulse && h("p", t("withdraw.until", seals(app, pulse)))),
      app.failure && problem(app, app.failure),
      h("div.acts.end", button,
        h("button.btn.bare", { type: "button", onclick: app.back }, t("withdraw.no"))),
    ],
  };
}

export const answerScreens = { became: becameScreen, withdraw: withdrawScreen };
