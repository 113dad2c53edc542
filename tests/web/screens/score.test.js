// The words of a score: the document's own, each in one place.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { bandText, headline, sentences } from
  "../../../service/rapport_service/web/static/phone/score.js";

const EXAMPLES = new URL("../../../schemas/examples/v1/", import.meta.url);
const DOCUMENTS = Object.fromEntries(readdirSync(EXAMPLES)
  .filter((name) => name.startsWith("get_team_score."))
  .map((name) => [name.split(".")[1],
    JSON.parse(readFileSync(new URL(name, EXAMPLES))).response.json]));

const said = (name, language = "en") => sentences(DOCUMENTS[name], language);

test("no sentence is left out, and none is shown twice", () => {
  for (const document of Object.values(DOCUMENTS)) {
    if (!document?.explanation) continue;
    const { headline, ...places } = sentences(document, "es");
    const shown = [headline, ...Object.values(places).flat()];

    assert.deepEqual(shown.sort(), document.explanation.map(({ es }) => es).sort());
  }
});

test("the headline is where the group stands, once it has a level", () => {
  assert.match(said("level").headline, /^This team stands at about 66 of 100/);
  assert.match(said("level", "es").headline, /^Este equipo está en torno a 66 de 100/);
});

test("home shows the first sentence of the headline", () => {
  assert.equal(headline(DOCUMENTS.level, "en"),
    "This team stands at about 66 of 100, probably between 59 and 73.");
  assert.match(headline(DOCUMENTS["released-fine"], "es"), /el conjunto 67\.$/);
});

test("the headline is the scores before the third wave, with a word of caution", () => {
  const { headline, caution } = said("released-fine");

  assert.match(headline, /^In this wave, on a scale from 0 to 100/);
  assert.match(caution[0], /^This team has been shown in fewer than three waves/);
});

test("the headline says so where there are no figures", () => {
  assert.match(said("withheld").headline, /^The service cannot show a score/);
  assert.match(said("group-hidden").headline, /^This team has no score of its own/);
});

test("figures of a larger group are announced before anything else", () => {
  assert.match(said("rolled-up").borrowed[0], /^This team has no score of its own/);
  assert.deepEqual(said("level").borrowed, []);
});

test("changes stand together, and so does how sure they are", () => {
  const { changes, sure, figures } = said("level");

  assert.match(changes[0], /^No clear change in this wave/);
  assert.match(changes[1], /^No clear change in the last two waves/);
  assert.match(sure[0], /^If those who did not answer see it like those who did/);
  assert.equal(figures.length, 2);
});

test("a sentence of a later service is shown, although nobody here knows it", () => {
  const later = { code: "brand_new", en: "Something new.", es: "Algo nuevo." };
  const explanation = [...DOCUMENTS.level.explanation, later];

  assert.deepEqual(sentences({ explanation }, "en").more.at(-1), "Something new.");
  assert.equal(sentences({ explanation: [later] }, "es").headline, "Algo nuevo.");
});

test("a band of people or of participation is said in words", () => {
  const t = (key, { n }) => `${key.split(".")[1]} ${n}`;

  assert.equal(bandText("10-19", t), "10–19");
  assert.equal(bandText("70+", t, " %"), "or_more 70 %");
  assert.equal(bandText("<50", t, " %"), "less_than 50 %");
});
