/** The code: typed, or filled in by a link; and the Home Screen before it on an iPhone. */
import { normalizeCode } from "../core/codes.js";
import { h, icon, rich } from "../dom.js";
import { link, problem } from "./frame.js";

/** Problems of the code itself. */
const THE_CODE = ["code_malformed", "code_unknown", "code_used", "code_expired",
  "code_for_reading"];

function codeScreen(app) {
  const { t } = app.words;
  const { failure } = app;
  const isAgain = app.data.isEnrolled;
  const isWrong = THE_CODE.includes(failure);
  const input = h("input.code", {
    id: "code", name: "code", value: app.code, autocomplete: "off", inputmode: "text",
    autocapitalize: "off", autocorrect: "off", spellcheck: "false", enterkeyhint: "go",
    "aria-invalid": isWrong && "true",
    "aria-describedby": `code-hint${isWrong ? " problem" : ""}`,
    oninput: () => app.keepCode(input.value.trim()),
  });
  const button = h("button.btn", { id: "continue" }, t("code.continue"));
  const form = h("form.stack", {
    novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      app.run(button, () => takeCode(app, input.value.trim()));
    },
  },
  h("div.field",
    h("label", { for: "code" }, t("code.label")),
    h("p.small.soft", { id: "code-hint" },
      t(app.isFilled && !failure ? "code.filled" : "code.hint")),
    input),
  button);
  return {
    title: t(failure ? "code.problem" : "code.label"),
    plain: !isAgain,
    back: isAgain && "back",
    main: [
      failure ? problem(app, failure, "h1") : introduction(app, isAgain),
      form,
      isAgain ? null : ways(app),
    ],
  };
}

function introduction(app, isAgain) {
  const { t } = app.words;
  if (isAgain) {
    return h("div.stack", h("h1", t("phone.code")), h("p", t("phone.code.same")));
  }
  return h("div.stack",
    h("h1", t("welcome.title")),
    h("ul.rows", ["one", "two", "three"].map((n) => h("li", t(`welcome.${n}`)))));
}

function ways(app) {
  const { t } = app.words;
  return h("nav.links.end", { "aria-label": t("welcome.ways") },
    link(t("welcome.results"), () => app.go("ways", { way: "results" })),
    link(t("welcome.administration"), () => app.go("ways", { way: "admin" })),
    h("a.link", { href: "/docs" }, t("welcome.developers"), icon("next")));
}

/** Uses a code, or leads to the Home Screen first, where the browser would forget. */
async function takeCode(app, typed) {
  app.keepCode(typed);
  const code = normalizeCode(typed)?.code;
  if (!code) throw { code: "code_malformed" };
  if (await mustInstall(app)) {
    app.keepCode(code); // to be copied as it stands on the sheet
    await app.go("install");
    return;
  }
  await app.phone.enrol(code);
  const syncing = app.sync({ draw: true }); // so that home says at once what goes on
  await arrive(app, "start");
  await syncing;
}

async function arrive(app, screen, details) {
  app.keepCode("");
  app.isFilled = false;
  await app.go(screen, details, true);
}

const PATIENCE = 20_000; // milliseconds for an answer to the browser's own question

async function mustInstall({ platform, phone }) {
  const unanswered = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  await Promise.race([phone.askPersistence(), unanswered]);
  const persistence = await phone.persistence();
  return platform.isForgetful({ persistence })
    || (platform.shouldInstall && !persistence.isPersisted);
}

function installScreen(app) {
  const { t } = app.words;
  const { kind } = app.platform;
  const isMac = kind === "mac";
  const title = t(isMac ? "install.mac.title" : "install.title");
  const code = h("span.code.whole", splitCode(app.code));
  const copied = h("button.btn.plain", { type: "button", onclick: copy }, icon("copy"),
    h("span", t("install.copy")));
  async function copy() {
    let outcome = "install.copied";
    try {
      await navigator.clipboard.writeText(app.code);
    } catch {
      outcome = "install.hold";
      getSelection().selectAllChildren(code);
    }
    copied.lastChild.textContent = t(outcome);
    app.say(t(outcome));
  }
  const now = h("button.btn.plain", { type: "button",
    onclick: () => app.run(now, () => answerNow(app)) }, t("now.button"));
  const step = (n, title, ...parts) =>
    h("li.stack", h("h2", `${n}. ${t(title)}`), parts);
  return {
    title,
    back: "back",
    plain: true,
    main: [
      h("div.stack", h("h1", title), h("p", t(`install.${kind}.why`))),
      app.failure && problem(app, app.failure),
      h("ol.rows.steps",
        step(1, "install.copy.title",
          h("div.card.pair", code, copied),
          h("p.small.soft", t("install.unused"))),
        step(2, isMac ? "install.mac.add" : "install.add.title",
          app.platform.canInstall()
            ? h("button.btn", { type: "button", onclick: () => app.platform.install() },
              t("install.button"))
            : !isMac && howToAdd(app, kind)),
        step(3, "install.open.title", h("p", t("install.open")))),
      h("details.end", { open: app.failure && true },
        h("summary", t("now.summary")),
        h("div.stack", h("p", t("now.text")), h("div.acts", now))),
    ],
  };
}

function howToAdd({ words: { t } }, kind) {
  return [
    h("p.pair", h("span", rich(t(`install.${kind}.tap`))),
      icon(kind === "ios" ? "share" : "menu")),
    h("p.pair", h("span", rich(t(`install.${kind}.add`))), icon("plus")),
  ];
}

/** A code may break after each dash. */
const splitCode = (code) =>
  code.split("-").map((part, at) => [at > 0 && "-", h("wbr"), part]);

async function answerNow(app) {
  let pulses;
  try {
    pulses = await app.phone.answerNow(app.code);
  } finally {
    if (await app.phone.isEnrolled()) app.keepCode(""); // it is used up, whatever came then
  }
  const open = pulses.find((pulse) => pulse.canAnswer);
  await (open ? arrive(app, "promise", { waveId: open.waveId }) : arrive(app, "start"));
  if (!open) throw { code: "nothing_open" };
}

function waysScreen(app) {
  const { t } = app.words;
  const { way } = app.view;
  return {
    title: t(`ways.${way}.title`),
    back: "back",
    plain: true,
    main: [
      h("div.stack", h("h1", t(`ways.${way}.title`)), h("p", rich(t(`ways.${way}.text`))),
        h("p", t("ways.programs"))),
      h("div.acts", h("a.btn.plain", { href: "/docs" }, t("ways.docs"))),
    ],
  };
}

export const codeScreens = { code: codeScreen, install: installScreen, ways: waysScreen };
