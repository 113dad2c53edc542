// A team's score as served, checked for all that a screen reads of it.

import { utf8 } from "./bytes.js";
import { ensure } from "./errors.js";
import { readJson } from "./json.js";

const UNREADABLE = "score_unreadable";
const SCORE_FORMAT = 2;
/** The parts of a score, in the order of the document. */
export const CONSTRUCTS = ["trust", "communication", "overall"];
const BOUNDS = [null, "at_least", "at_most"];

/**
 * Reads a score. One that screens could not show is refused, so it is never stored.
 *
 * @param {string | Uint8Array} body
 * @returns {{waveId: string, isReleased: boolean, document: object}}
 * @throws {PhoneError} `score_unreadable`
 */
export function readScore(body) {
  const bytes = typeof body === "string" ? utf8(body) : body;
  const score = readJson(bytes, UNREADABLE, "the score");
  const status = score.text("status");
  const [waveId, isReleased] = [score.text("wave_id"), status !== "pending"];
  score.nested("team").text("name");
  if (isReleased) checkReleased(score, status);
  return { waveId, isReleased, document: score.raw };
}

function checkReleased(score, status) {
  check(score.integer("format") === SCORE_FORMAT);
  score.instant("opens_at");
  score.instant("closes_at");
  const sentences = score.objects("explanation");
  check(sentences.length > 0);
  for (const sentence of sentences) {
    sentence.text("code");
    sentence.text("en");
    sentence.textOrNull("es");
  }
  if (score.raw.constructs == null) return;
  for (const name of ["respondents", "participation", "tier"]) score.text(name);
  if (status === "rolled_up") score.nested("source_team").text("name");
  const constructs = score.nested("constructs");
  for (const name of CONSTRUCTS) {
    const figure = constructs.nested(name);
    checkFigure(figure);
    check(BOUNDS.includes(figure.textOrNull("bound")));
    if (figure.raw.level != null) checkFigure(figure.nested("level"));
  }
}

function checkFigure(figure) {
  figure.integer("score");
  const interval = figure.nested("interval");
  interval.integer("low");
  interval.integer("high");
}

const check = (condition) => ensure(condition, UNREADABLE, "the score is unknown here");
