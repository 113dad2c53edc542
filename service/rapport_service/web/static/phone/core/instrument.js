// The instrument of a wave: its questions, their wording, and the answers to them.

import * as bytes from "./bytes.js";
import { PLAINTEXT_BYTES } from "./envelope.js";
import { ensure } from "./errors.js";
import { readJson } from "./json.js";

const NOT_LANGUAGES = new Set(["id", "construct", "value"]);
const SPECIAL_ANSWERS = ["na", "skip"];

/** @typedef {Record<string, string>} Wording a text by language, `en` among them */

/**
 * @typedef {object} Instrument
 * @property {Wording} leadIn
 * @property {Map<number, Wording>} scale
 * @property {Wording} na
 * @property {Wording} skip
 * @property {Map<string, Wording>} items
 * @property {string} anchor the item that all people are asked
 * @property {{id: string, text: Wording, options: Map<string, Wording>}} context
 * @property {string[][]} forms what each rotation form adds to the anchor
 */

const refuseQuestions = (condition, detail) => ensure(condition, "instrument_refused", detail);

function readWording(members) {
  members.text("en");
  const names = Object.keys(members.raw).filter(
    (name) => typeof members.raw[name] === "string" && !NOT_LANGUAGES.has(name),
  );
  return Object.fromEntries(names.map((name) => [name, members.text(name)]));
}

/**
 * Reads an instrument whose digest the charter states.
 *
 * @param {Uint8Array} body
 * @param {string} digest
 * @returns {Promise<Instrument>}
 */
export async function parseInstrument(body, digest) {
  const isNamed = (await bytes.digest(body)) === digest;
  refuseQuestions(isNamed, "the questions are not those that the charter names");
  const members = readJson(body, "instrument_refused", "the questions");
  const [items, context] = [members.objects("items"), members.nested("context")];
  const anchors = items.filter((item) => item.text("construct") === "anchor");
  refuseQuestions(anchors.length === 1, "the questions have no single anchor");
  const read = (name, of = members) => readWording(of.nested(name));
  const byValue = (of, value) =>
    new Map(of.objects("options").map((each) => [value(each), readWording(each)]));
  const instrument = {
    leadIn: read("lead_in"),
    scale: byValue(members, (option) => option.integer("value")),
    na: read("na"),
    skip: read("skip"),
    items: new Map(items.map((item) => [item.text("id"), readWording(item)])),
    anchor: anchors[0].text("id"),
    context: {
      id: context.text("id"),
      text: readWording(context),
      options: byValue(context, (option) => option.text("value")),
    },
    forms: members.listsOfTexts("forms"),
  };
  refuseQuestions(instrument.forms.length, "the questions have no forms");
  for (const form of instrument.forms.keys()) {
    const asked = itemsOf(instrument, form);
    const isValid = new Set(asked).size === asked.length;
    refuseQuestions(isValid, `form ${form} asks an item twice`);
    const isKnown = asked.every((id) => instrument.items.has(id));
    refuseQuestions(isKnown, `form ${form} asks no item`);
  }
  return instrument;
}

/** The ids of the items that a form asks, the anchor first. */
export const itemsOf = ({ anchor, forms }, form) => [anchor, ...forms[form]];

/** One of the rotation forms, each as likely as the others; fresh for each wave. */
export const chooseForm = ({ forms }) => bytes.randomBelow(forms.length);

/**
 * Checks answers, and writes them in the one form that the service counts.
 *
 * That is JSON without white space, members and questions in this order, padded with
 * spaces at the end.
 *
 * @param {Instrument} instrument
 * @param {number} form that was shown
 * @param {Record<string, number | "na" | "skip">} answers one for each question
 * @param {string | null} context an option of the context question
 * @returns {Uint8Array} 256 bytes
 */
export function writePlaintext(instrument, form, answers, context) {
  const asked = itemsOf(instrument, form);
  const invalid = (condition, id, rule) =>
    ensure(condition, "answers_invalid", `${id} ${rule}`);
  for (const id of Object.keys(answers)) {
    invalid(asked.includes(id), id, "is not a question of this pulse");
  }
  for (const id of asked) {
    const [isAnswered, value] = [Object.hasOwn(answers, id), answers[id]];
    invalid(isAnswered, id, "has no answer");
    const isRating = typeof value === "number" && instrument.scale.has(value);
    const isAnswer = isRating || SPECIAL_ANSWERS.includes(value);
    invalid(isAnswer, id, "must be a point of the scale, 'na' or 'skip'");
  }
  const isContext = context === null || instrument.context.options.has(context);
  invalid(isContext, instrument.context.id, "must be null or one of its options");
  const write = JSON.stringify;
  const written = asked.map((id) => `${write(id)}:${write(answers[id])}`).join();
  const members = `"form":${form},"answers":{${written}},"context":${write(context)}`;
  const encoded = bytes.utf8(`{${members}}`);
  refuseQuestions(encoded.length <= PLAINTEXT_BYTES, "the answers do not fit an envelope");
  return bytes.concat(
    encoded,
    new Uint8Array(PLAINTEXT_BYTES - encoded.length).fill(32),
  );
}
