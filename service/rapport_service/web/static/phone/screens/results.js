/** Results: the document that the supervisor reads, with its picture and its table. */
import { h, icon, s } from "../dom.js";
import { bandText, figure, hasFigures, hasLevel, headline, sentences, splitFirst,
  table, wavePeriod } from "../score.js";
import { link } from "./frame.js";

function resultsScreen(app) {
  const { words, data: { results }, view } = app;
  const { t } = words;
  if (!results.length) {
    return {
      title: t("results.title"),
      tab: "results",
      main: [h("div.stack", h("h1", t("results.none.title")),
        h("p", t("results.none.text")))],
    };
  }
  const current = results.find(({ waveId }) => waveId === view.waveId) ?? results[0];
  const { document } = current;
  const said = sentences(document, words.language);
  const others = results.filter((each) => each !== current);
  return {
    title: `${t("results.title")}, ${document.team.name}`,
    tab: "results",
    main: [
      h("div.stack",
        h("p.when", wavePeriod(document, words)),
        said.borrowed.map((text) => h("p.note.small", text)),
        headlineParts(said.headline),
        said.caution.map((text) => h("p.note", text)),
        h("p.small.soft", t("results.same"))),
      hasFigures(document) && picture(app, document, said.figures),
      section("results.changes", said.changes),
      section("results.more", said.more),
      section("results.sure", said.sure),
      others.length > 0 && h("section.stack", h("h2", t("results.earlier")),
        h("nav.links", { "aria-label": t("results.earlier") },
          others.map((each) => earlier(app, each)))),
      h("p.small.soft.end", t("results.saved")),
    ],
  };

  function section(title, texts) {
    return texts.length > 0
      && h("section.stack", h("h2", t(title)), texts.map((text) => h("p", text)));
  }
}

/** The first sentence is the heading; what it leads to is read aloud after it. */
function headlineParts(text) {
  const [first, others] = splitFirst(text);
  return [h("h1", first), others && h("p.say.next", others)];
}

function earlier(app, { waveId, document }) {
  return h("button.link", { type: "button",
    onclick: () => app.go("results", { waveId }) },
  h("span", h("span.when", wavePeriod(document, app.words)),
    h("span.some", headline(document, app.words.language))),
  icon("next"));
}

function picture(app, document, texts) {
  const { words } = app;
  const { t } = words;
  const title = document.status === "rolled_up"
    ? t("results.borrowed", { team: document.source_team.name })
    : t(hasLevel(document) ? "results.both" : "results.wave");
  const scale = ["never", "rarely", "sometimes", "often", "always"];
  return h("figure.fig",
    h("figcaption", h("h2", title),
      h("p.when", t("results.scale", {
        respondents: bandText(document.respondents, t),
        participation: bandText(document.participation, t, "\u00a0%"),
      }))),
    figure(document, words, scale.map((each) => t(`scale.${each}`)), innerWidth - 32),
    key(document, t),
    h("details", h("summary", t("results.table")),
      h("div.stack", table(document, words), texts.map((text) => h("p.small", text)))));
}

function key(document, t) {
  const isCoarse = document.tier === "coarse";
  return h("p.key.small.soft", { "aria-hidden": "true" },
    hasLevel(document) && h("span", diamond(), t("results.key.level")),
    h("span", h(`i.dot${isCoarse ? ".ring" : ""}`),
      t(isCoarse ? "results.key.approximate" : "results.key.wave")),
    h("span", h("i.bar-key"), t("results.key.interval")));
}

const diamond = () => s("svg.a", { width: 16, height: 16, fill: "currentColor" },
  s("path", { d: "M8 0l8 8-8 8-8-8z" }));

export const resultScreens = { results: resultsScreen };
