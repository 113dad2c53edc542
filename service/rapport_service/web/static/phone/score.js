/** A score document in words and as a picture: nothing is computed that it has not. */
import { h, s } from "./dom.js";

const CONSTRUCTS = ["trust", "communication", "overall"];

/** Sentences that can be the headline, the most telling first. */
const HEADLINES = [["down", "up"], ["score"], ["group_hidden"], ["withheld"]];

/** Sentences that say how far to trust the rest. */
const SURE = ["approximate", "how_sure", "low_participation", "silent", "pilot"];

const sentence = (language) => (entry) => entry[language] ?? entry.en;

/** The sentences of a document: one to read aloud, more of the same, how sure it is. */
export function sentences(document, language) {
  const all = document.explanation ?? [];
  const codes = HEADLINES.find((set) => all.some(({ code }) => set.includes(code))) ?? [];
  const say = sentence(language);
  const isHead = ({ code }) => codes.includes(code);
  return {
    headline: all.filter(isHead).map(say).join(" "),
    borrowed: all.filter(({ code }) => code === "rolled_up").map(say),
    more: all.filter((each) => !isHead(each) && each.code !== "rolled_up"
      && !SURE.includes(each.code)).map(say),
    sure: all.filter(({ code }) => SURE.includes(code)).map(say),
  };
}

export const headline = (document, language) => sentences(document, language).headline;

/** "Intake, wave of 2 to 9 April": the team and the days of the wave. */
export function wavePeriod(document, { t, period }) {
  return t("results.when", {
    team: document.team.name,
    days: period(new Date(document.opens_at), new Date(document.closes_at)),
  });
}

export const hasFigures = (document) => Boolean(document.constructs);

/** A figure in words: "67", "about 70", "at most 20". */
export function figureText({ score, bound }, tier, t) {
  if (bound) return t(`results.${bound}`, { score });
  return tier === "coarse" ? t("results.about", { score }) : String(score);
}

const MAX_WIDTH = 328;
const ROW = 74;
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
  const height = TOP + ROW * CONSTRUCTS.length;
  const text = (x, y, size, anchor, content, ...more) =>
    s(`text${more[0] ?? ""}`, { x, y, "font-size": size, "text-anchor": anchor,
      "font-weight": more[1] ?? 400 }, content);
  const anchors = ["start", "middle", "middle", "middle", "end"];
  return s("svg.figure", { viewBox: `0 0 ${width} ${height}`, width, height,
    role: "img", "aria-labelledby": "figure-title figure-text", fill: "currentColor" },
  s("title", { id: "figure-title" }, t("results.wave")),
  s("desc", { id: "figure-text" }, CONSTRUCTS.map((name) => {
    const each = document.constructs[name];
    const range = t("results.between", each.interval);
    return `${t(`results.${name}`)} ${figureText(each, document.tier, t)} (${range}). `;
  }).join("")),
  scale.map((label, n) => (width === MAX_WIDTH || n % 2 === 0)
    && text(at(n * 25), 13, 13, anchors[n], label, ".s")),
  CONSTRUCTS.map((name, row) => {
    const each = document.constructs[name];
    const y = TOP + row * ROW;
    const { low, high } = each.interval;
    const middle = y + 48;
    const shape = isCoarse || isBorrowed
      ? { fill: "var(--paper)", stroke: "currentColor", "stroke-width": 2.5 }
      : {};
    return s("g",
      s("g.l", [0, 25, 50, 75, 100].map((n) => s("path", {
        d: `M${Math.min(Math.max(at(n), 0.5), width - 0.5)} ${y + 32}v32`,
        stroke: "currentColor" }))),
      text(0, y + 22, 16, "start", t(`results.${name}`), "", 600),
      s("text", { x: width, y: y + 22, "text-anchor": "end" },
        s("tspan", { "font-size": 18, "font-weight": 600 },
          isBorrowed ? `(${figureText(each, document.tier, t)})`
            : figureText(each, document.tier, t)),
        s("tspan.s", { "font-size": 14, dx: 8 }, t("results.between", each.interval))),
      s(isBorrowed ? "g.s" : "g.a",
        s("rect", { x: at(low), y: middle - 9, width: Math.max(at(high) - at(low), 4),
          height: 18, rx: 7, "fill-opacity": isBorrowed ? 0 : 0.2,
          stroke: isCoarse || isBorrowed ? "currentColor" : "none",
          "stroke-width": 1.5, "stroke-dasharray": isCoarse ? "4 3" : "none" }),
        s("circle", { cx: at(each.score), cy: middle, r: 7, ...shape })));
  }));
}

/** The same as a table. */
export function table(document, { t }) {
  const number = (selector, ...parts) => h(`${selector}.n`, ...parts);
  return h("table",
    h("thead", h("tr", h("td"), number("th", { scope: "col" }, t("results.score")),
      number("th", { scope: "col" }, t("results.likely")))),
    h("tbody", CONSTRUCTS.map((name) => {
      const each = document.constructs[name];
      return h("tr", h("th", { scope: "row" }, t(`results.${name}`),
        each.change && h("span.some.soft", `${t("results.change")}: `,
          t(`results.${each.change}`))),
        number("td", figureText(each, document.tier, t)),
        number("td", t("results.between", each.interval)));
    })));
}
