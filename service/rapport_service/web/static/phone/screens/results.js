/** Results: the document that the supervisor reads, with its picture and its table. */
import { h, icon } from "../dom.js";
import { figure, hasFigures, headline, sentences, table, wavePeriod } from "../score.js";
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
        h("h1", said.headline),
        h("p.small.soft", t("results.same"))),
      hasFigures(document) && picture(app, document),
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

function earlier(app, { waveId, document }) {
  return h("button.link", { type: "button",
    onclick: () => app.go("results", { waveId }) },
  h("span", h("span.when", wavePeriod(document, app.words)),
    h("span.some", headline(document, app.words.language))),
  icon("next"));
}

function picture(app, document) {
  const { words } = app;
  const { t } = words;
  const title = document.status === "rolled_up"
    ? t("results.borrowed", { team: document.source_team.name })
    : t("results.wave");
  const scale = ["never", "rarely", "sometimes", "often", "always"];
  return h("figure.fig",
    h("figcaption", h("h2", title),
      h("p.when", t("results.scale", { respondents: people(document.respondents, t) }))),
    figure(document, words, scale.map((each) => t(`scale.${each}`)), innerWidth - 32),
    key(document, t),
    h("details", h("summary", t("results.table")),
      table(document, words)));
}

const people = (band, t) =>
  band.endsWith("+")
    ? t("results.or_more", { n: band.slice(0, -1) })
    : band.replace("-", "–");

function key({ tier }, t) {
  return h("p.key.small.soft", { "aria-hidden": "true" },
    h("span", h(`i.dot${tier === "coarse" ? ".ring" : ""}`),
      t(tier === "coarse" ? "results.key.approximate" : "results.key.wave")),
    h("span", h("i.bar-key"), t("results.key.interval")));
}

export const screens = { results: resultsScreen };
