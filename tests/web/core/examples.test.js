// The examples of the wire: the phone reads each reply that it can get.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  bytes,
  charters,
  clocks,
  instruments,
  outbox,
  plainLanguage,
  pollBooks,
  transports,
} from "./core.js";
import { example, toBytes } from "./support.js";

const replyOf = ({ response }) => ({
  status: response.status,
  mediaType: response.headers["Content-Type"] ?? "",
  body: toBytes(response.json ?? null),
});
const listOf = (name) => pollBooks.readList(toBytes(example(name).response.json));

test("lists of pulses are read", () => {
  const [wave, ...others] = listOf("sync.announced").drawable;
  assert.equal(others.length, 0);
  assert.equal(wave.isOpen, false);
  assert.match(wave.waveId, /^acme\./);
  const [cancelled] = listOf("sync.cancelled").cancelled;
  assert.equal(cancelled.reason, "The wrong week.");
  assert.equal(listOf("sync.revoked").isRevoked, true);
  assert.deepEqual(listOf("sync.nothing").drawable, []);
});

test("a list with an id that could leave its path is refused", () => {
  const { json } = example("sync.announced").response;
  for (const wave_id of ["acme.x", "acme.../../admin", "acme%2F", "", 5, null]) {
    const list = { ...json, waves: [{ ...json.waves[0], wave_id }] };
    assert.throws(() => pollBooks.readList(toBytes(list)), { code: "not_rapport" });
  }
  for (const spoilt of [{}, { ...json, waves: {} }, { ...json, epoch: 1 }, []]) {
    assert.throws(() => pollBooks.readList(toBytes(spoilt)), { code: "not_rapport" });
  }
});

test("the charter is read, and its sentences filled in in two languages", async () => {
  const { json } = example("get_charter.frozen").response;
  const body = toBytes(json);
  const digest = await bytes.digest(body);
  const charter = await charters.parseCharter(body, digest, json.wave.id);
  const north = json.tree.at(-1).team_id;
  assert.equal(charters.keyFor(charter, north), json.tree.at(-1).ballot_key_id);
  assert.throws(() => charters.keyFor(charter, json.tree[0].team_id), {
    code: "charter_refused",
  });
  const { en, es } = plainLanguage.fillPlainLanguage(charter, north);
  assert.deepEqual([en.length, es.length], [9, 9]);
  assert.match(en[1], /those of 7 other people in North\.$/);
  assert.match(es.at(-1), new RegExp(charters.fingerprint(digest)));
  assert.ok(![...en, ...es].some((line) => /[{}]/.test(line)));
  const { earliest } = clocks.buildWindow([{ charter, isOpen: true }]);
  assert.equal(earliest, Date.parse(json.wave.opens_at) / 1000);
});

test("a charter that is not as published is refused, or asks for a newer app", async () => {
  const { json } = example("get_charter.frozen").response;
  const parse = async (edit) => {
    const charter = structuredClone(json);
    edit(charter);
    const body = toBytes(charter);
    return charters.parseCharter(body, await bytes.digest(body), json.wave.id);
  };
  const spoilt = {
    "a date without zone": (each) => (each.wave.opens_at = "2027-04-02T13:00:00"),
    "a date that is none": (each) => (each.wave.opens_at = "2027-02-30T13:00:00Z"),
    "a date in another zone": (each) =>
      (each.wave.opens_at = "2027-04-02T13:00:00+00:00"),
    "a fraction of a person": (each) => (each.tree[1].eligible = 8.5),
    "a number as text": (each) => (each.min_pool = "8"),
    "a lone surrogate": (each) => (each.tree[1].name = "\ud800"),
    "sentences that are none": (each) => (each.plain_language.en = ["a", 5]),
    "no tree": (each) => delete each.tree,
    "the test key": (each) => {
      const { sealing_key: key } = example("ballot_vectors").envelope;
      each.sealing_key = key;
    },
  };
  for (const [name, edit] of Object.entries(spoilt)) {
    await assert.rejects(parse(edit), { code: "charter_refused" }, name);
  }
  await assert.rejects(
    parse((each) => (each.format = 3)),
    { code: "server_newer" },
  );
  const body = toBytes(json);
  const parsing = charters.parseCharter(body, "d".repeat(43), json.wave.id);
  await assert.rejects(parsing, { code: "charter_refused" });
});

test("the fingerprint is the first sixty bits of the digest", () => {
  const digest = bytes.encode(new Uint8Array(32).fill(255));
  assert.equal(charters.fingerprint(digest), "ZZZZ-ZZZZ-ZZZZ");
  assert.equal(charters.fingerprint("A".repeat(43)), "0000-0000-0000");
});

test("the questions are read, and no form asks an item twice", async () => {
  const { json } = example("get_instrument.pulse-1").response;
  const parse = async (members) => {
    const body = toBytes({ ...json, ...members });
    return instruments.parseInstrument(body, await bytes.digest(body));
  };
  const instrument = await parse({});
  assert.equal(instrument.forms.length, 45);
  assert.deepEqual(instruments.itemsOf(instrument, 0), ["A0", "T1", "T6", "C1", "C6"]);
  assert.deepEqual(Object.keys(instrument.items.get("T1")), ["en", "es"]);
  for (const forms of [
    [],
    [["T1", "T1", "C1", "C6"]],
    [["T1", "X9", "C1", "C6"]],
    [["A0"]],
  ]) {
    await assert.rejects(parse({ forms }), { code: "instrument_refused" });
  }
  const items = json.items.slice(1);
  await assert.rejects(parse({ items }), { code: "instrument_refused" });
  const parsing = instruments.parseInstrument(toBytes(json), "d".repeat(43));
  await assert.rejects(parsing, { code: "instrument_refused" });
});

test("the published answers make the published plaintext", async () => {
  const body = toBytes(example("get_instrument.pulse-1").response.json);
  const instrument = await instruments.parseInstrument(body, await bytes.digest(body));
  const { plaintext } = example("ballot_vectors").envelope;
  const { form, answers, context } = JSON.parse(plaintext);
  const written = instruments.writePlaintext(instrument, form, answers, context);
  assert.equal(bytes.text(written), plaintext);
});

for (const name of [
  "accepted",
  "duplicate",
  "envelope-conflict",
  "final",
  "rejected",
  "too-late",
  "withdrawn",
  "withdraw-too-late",
]) {
  test(`the results of a submission are read, one by one: ${name}`, () => {
    const { request, response } = example(`create_submissions.${name}`);
    for (const { hash, digest, ...result } of response.json.results) {
      const json = { ...response.json, results: [{ hash, digest, ...result }] };
      const reply = replyOf({ response: { ...response, json } });
      const read = outbox.readResult(reply, { hash, digest }, request.json.batch);
      assert.deepEqual(read, result);
    }
  });
}

for (const name of ["credentials-not-wanted", "invalid"]) {
  test(`a refused submission is the service's problem: ${name}`, () => {
    const read = () =>
      outbox.readResult(replyOf(example(`create_submissions.${name}`)), {}, "");
    assert.throws(read, { code: name.replaceAll("-", "_"), problem: name });
  });
}

for (const name of ["code-unknown", "code-used", "code-expired", "invalid"]) {
  test(`a refused enrolment is the service's problem: ${name}`, () => {
    const error = transports.toError(replyOf(example(`create_enrolment.${name}`)));
    assert.equal(error.code, name.replaceAll("-", "_"));
    assert.ok(error.requestId);
  });
}
