// What went wrong, in words: every code and reason that the documents list.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import en from "../../../service/rapport_service/web/static/phone/messages/en.js";
import es from "../../../service/rapport_service/web/static/phone/messages/es.js";
import { explain, simplify } from
  "../../../service/rapport_service/web/static/phone/screens/frame.js";
import { ANSWERED } from
  "../../../service/rapport_service/web/static/phone/screens/question.js";

const PAGE = readFileSync(new URL("../../../docs/phone-app.md", import.meta.url), "utf8");
const codesIn = (text) => [...text.matchAll(/`([a-z_]+)`/g)].map(([, code]) => code);
const CODES = PAGE.match(/^\| code \|[^]*?\n\n/m)[0].split("\n").slice(2)
  .flatMap((row) => codesIn(row.split("|")[1] ?? ""));
const REASONS = codesIn(PAGE.match(/^Reasons why[^]*?\n\n/m)[0]);

/** The words of a language, whose texts keep their places for a raw code. */
const words = (catalogue) => ({
  has: (key) => Object.hasOwn(catalogue, key),
  t: (key) => catalogue[key],
});

/** Codes for which there is no sentence of their own. */
const untold = (codes, catalogue) =>
  codes.filter((code) => simplify(code) !== null && !ANSWERED.includes(code))
    .filter((code) => explain({ words: words(catalogue) }, code).join().includes("{code}"));

for (const [language, catalogue] of Object.entries({ en, es })) {
  test(`every code and reason has a sentence (${language})`, () => {
    assert.ok(CODES.length > 20 && REASONS.length > 12);
    assert.deepEqual(untold([...CODES, ...REASONS], catalogue), []);
  });
}

test("a code without a sentence is detected", () => {
  assert.deepEqual(untold(["planted_code"], en), ["planted_code"]);
});
