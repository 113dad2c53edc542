/** A score document in words, as a picture and as a table: nothing is computed here. */
import { CONSTRUCTS } from "./core/score.js";
import { h, s } from "./dom.js";

/** Sentences that can be the headline, the most telling first. */
const HEADLINES = ["lead", "score", "group_hidden", "withheld"];

/** Where the other sentences stand; those that are not listed say more. */
const PLACES = {
  borrowed: ["rolled_up"],
  caution: ["first_waves"],
  figures: ["levels", "score"],
  changes: ["up", "down", "no_clear_change", "up_two_waves", "down_two_waves",
    "no_clear_change_two_waves", "up_after_fall", "down_after_rise",
    "rising", "falling", "no_clear_trend"],
  more: [],
  sure: ["approximate", "how_sure", "silent", "low_participation", "pilot"],
};

/**
 * The sentences of a document by the place where they stand: one to read aloud, and
 * lists of the others in the order of the document.
 */
export function sentences(document, language) {
  const all = document.explanation ?? [];
  const ranks = HEADLINES.map((code) => all.find((entry) => entry.code === code));
  const head = ranks.find(Boolean) ?? all[0];
  const say = (entry) => entry?.[language] ?? entry?.en ?? "";
  const others = all.filter((entry) => entry !== head);
  const placeOf = ({ code }) =>
    Object.keys(PLACES).find((place) => PLACES[place].includes(code)) ?? "more";
  const said = Object.keys(PLACES).map((place) =>
    [place, others.filter((entry) => placeOf(entry) === place).map(say)]);
  return { headline: say(head), ...Object.fromEntries(said) };
}

/** A text in two: its first sentence, and the others. */
export function splitFirst(text) {
  const end = text.indexOf(". ") + 1 || text.length;
  return [text.slice(0, end), text.slice(end + 1)];
}

/** The first sentence that says how the group is. */
export const headline = (document, language) =>
  splitFirst(sentences(document, language).headline)[0];

/** "Intake, wave of 2 to 9 April": the team and the days of the wave. */
export function wavePeriod(document, { t, period }) {
  return t("results.when", {
    team: document.team.name,
    days: period(new Date(document.opens_at), new Date(document.closes_at)),
  });
}

export const hasFigures = (document) => Boolean(document.constructs);

/** Whether the document says where the group stands by all of its waves. */
export const hasLevel = ({ constructs }) => Boolean(constructs.overall.level);

/** "10–19", "50 or more", "less than 50 %": a band as people say it. */
export function bandText(band, t, unit = "") {
  if (band.startsWith("<")) return t("results.less_than", { n: band.slice(1) + unit });
  return band.endsWith("+")
    ? t("results.or_more", { n: band.slice(0, -1) + unit })
    : band.replace("-", "–") + unit;
}

/** The score of a wave in words: "67", "about 70", "at most 20". */
function scoreText({ score, bound }, { tier }, t) {
  if (bound) return t(`results.${bound}`, { score });
  return tier === "coarse" ? t("results.about", { score }) : String(score);
}

/** What a construct shows, the level first: the name of the kind, a text, a range. */
function shownFigures(document, name, t) {
  const figure = document.constructs[name];
  const wave = ["wave", scoreText(figure, document, t), figure];
  const { level } = figure;
  return level ? [["level", String(level.score), level], wave] : [wave];
}

const MAX_WIDTH = 432;
const TOP = 30;

/**
 * The three scores on the scale of the questions, each with its interval.
 *
 * @param {string[]} scale the five options, never to always
 * @param {number} room the width that there is
 */
export function figure(document, { t }, scale, room) {
  const width = Math.min(room, MAX_WIDTH); // letters are never scaled
  const at = (points) => Math.round((points / 100) * width * 10) / 10;
  const isBorrowed = document.status === "rolled_up";
  const isCoarse = document.tier === "coarse";
  const isOutline = isCoarse || isBorrowed;
  const lines = hasLevel(document) ? 2 : 1;
  const row = 26 + 24 * lines + 24 * lines;
  const height = TOP + row * CONSTRUCTS.length;
  const anchors = ["start", "middle", "middle", "middle", "end"];
  // The last two labels are the closest: letters are some seven units wide.
  const isRoomy = (scale[3].length / 2 + scale[4].length) * 7 < width / 4 - 8;
  const stroke = { fill: "none", stroke: "currentColor", "stroke-width": 2 };

  function wave({ score, interval: { low, high } }, y) {
    return [
      s("rect", { x: at(low), y: y - 9, width: Math.max(at(high) - at(low), 4),
        height: 18, rx: 7, "fill-opacity": isBorrowed ? 0 : 0.2,
        stroke: isOutline ? "currentColor" : "none",
        "stroke-width": 1.5, "stroke-dasharray": isCoarse ? "4 3" : "none" }),
      s("circle", { cx: at(score), cy: y, r: 7, ...isOutline
        && { fill: "var(--paper)", stroke: "currentColor", "stroke-width": 2.5 } }),
    ];
  }

  function level({ score, interval: { low, high } }, y) {
    return [
      s("path", { ...stroke,
        d: `M${at(low)} ${y}H${at(high)}M${at(low)} ${y - 4}v8M${at(high)} ${y - 4}v8` }),
      s("path", { d: `M${at(score)} ${y - 8}l8 8-8 8-8-8z`, ...isBorrowed
        && { fill: "var(--paper)", stroke: "currentColor", "stroke-width": 2 } }),
    ];
  }

  const marks = { wave, level };

  function construct(name, place) {
    const y = TOP + place * row;
    const foot = y + 8 + 24 * lines;
    const shown = shownFigures(document, name, t);
    return s("g",
      s("g.l", [0, 25, 50, 75, 100].map((n) => s("path", {
        d: `M${Math.min(Math.max(at(n), 0.5), width - 0.5)} ${foot}v${8 + 24 * lines}`,
        stroke: "currentColor" }))),
      s("text", { x: 0, y: y + 22, "font-size": 16, "font-weight": 600 },
        t(`results.${name}`)),
      shown.map(([kind, text, { interval }], line) =>
        s("text", { x: width, y: y + 22 + line * 24, "text-anchor": "end",
          "font-size": 14 },
        lines > 1 && s("tspan.s", t(`results.key.${kind}`)),
        s("tspan", { dx: lines > 1 && 8, "font-size": line ? 15 : 18, "font-weight": 600 },
          isBorrowed ? `(${text})` : text),
        s("tspan.s", { dx: 8 }, t("results.between", interval)))),
      shown.map(([kind, , range], line) =>
        s(isBorrowed ? "g.s" : "g.a", marks[kind](range, foot + 16 + line * 24))));
  }

  function spoken(name) {
    const ranges = shownFigures(document, name, t).map(([kind, text, { interval }]) =>
      [t(`results.key.${kind}`), text, `(${t("results.between", interval)})`].join(" "));
    return [t(`results.${name}`), ": ", ranges.join(", "), ". "];
  }

  return s("svg.figure", { viewBox: `0 0 ${width} ${height}`, width, height,
    role: "img", "aria-labelledby": "figure-title figure-text", fill: "currentColor" },
  s("title", { id: "figure-title" }, t(lines > 1 ? "results.both" : "results.wave")),
  s("desc", { id: "figure-text" }, CONSTRUCTS.map(spoken)),
  scale.map((label, n) => (isRoomy || n % 2 === 0)
    && s("text.s", { x: at(n * 25), y: 13, "font-size": 13, "text-anchor": anchors[n] },
      label)),
  CONSTRUCTS.map(construct));
}

/** The same as a table. */
export function table(document, { t }) {
  const number = (selector, ...parts) => h(`${selector}.n`, ...parts);
  const row = (label, [, text, { interval }]) => h("tr", h("th", { scope: "row" }, label),
    number("td", text), number("td", t("results.between", interval)));

  function body(name) {
    const title = t(`results.${name}`);
    const shown = shownFigures(document, name, t);
    return h("tbody", shown.length === 1
      ? row(title, shown[0])
      : [h("tr", h("th", { scope: "rowgroup", colspan: 3 }, title)),
        shown.map((each) => row(t(`results.${each[0]}`), each))]);
  }

  return h("table",
    h("thead", h("tr", h("td"), number("th", { scope: "col" }, t("results.score")),
      number("th", { scope: "col" }, t("results.likely")))),
    CONSTRUCTS.map(body));
}
