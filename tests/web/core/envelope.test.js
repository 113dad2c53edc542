import assert from "node:assert/strict";
import { test } from "node:test";

import { bytes, envelopes, hpke, json } from "./core.js";
import { VECTORS } from "./support.js";

const GOOD = VECTORS.envelope;
const INFO = bytes.decode(GOOD.info);
const isRefused = (code) => (error) => error.code === code;
const parse = (jwk) =>
  envelopes.parseSealingKey(new json.JsonObject(jwk, "charter_refused", "the key"));

test("the sealing key has its thumbprint", async () => {
  const key = await parse({ ...GOOD.sealing_key, use: "enc" });
  assert.equal(key.thumbprint, GOOD.sealing_key_thumbprint);
  assert.deepEqual(key.jwk, GOOD.sealing_key);
  assert.equal(key.jwk.x, envelopes.TEST_KEY_X);
});

const { x, y } = GOOD.sealing_key;
const SPOILT = {
  "another curve": { crv: "P-384" },
  "another type": { kty: "OKP" },
  "off the curve": { x: y, y: x },
  "a short coordinate": { x: x.slice(0, 42) },
  "no coordinate": { y: undefined },
  "beyond the field": { x: bytes.encode(new Uint8Array(32).fill(255)) },
  nothing: { x: bytes.encode(new Uint8Array(32)), y: bytes.encode(new Uint8Array(32)) },
};
for (const [name, members] of Object.entries(SPOILT)) {
  test(`a sealing key is refused: ${name}`, async () => {
    const parsing = parse({ ...GOOD.sealing_key, ...members });
    await assert.rejects(parsing, isRefused("charter_refused"));
  });
}

test("the info binds key, ballot and charter", () => {
  const info = envelopes.envelopeInfo(
    VECTORS.public_key.kid,
    VECTORS.hash,
    GOOD.charter_digest,
  );
  assert.equal(bytes.encode(info), GOOD.info);
});

test("an envelope opens as the published one does", async () => {
  const plaintext = bytes.utf8(GOOD.plaintext);
  const made = await envelopes.makeEnvelope(GOOD.sealing_key, plaintext, INFO);
  const recipient = await hpke.importKeyPair(GOOD.sealing_test_key);
  assert.equal(made.length, envelopes.ENVELOPE_BYTES);
  assert.deepEqual(await hpke.open(recipient, INFO, made), plaintext);
});

test("a plaintext of another length, or a bad key, makes no envelope", async () => {
  for (const [jwk, length] of [
    [GOOD.sealing_key, 255],
    [GOOD.sealing_key, 257],
    [{ ...GOOD.sealing_key, x: y, y: x }, 256],
  ]) {
    const making = envelopes.makeEnvelope(jwk, new Uint8Array(length), INFO);
    await assert.rejects(making, isRefused("envelope_trial_failed"));
  }
});

test("a browser whose encryption lies is found by the trial", async (t) => {
  t.mock.method(bytes.subtle, "encrypt", async () => new ArrayBuffer(272));
  const making = envelopes.makeEnvelope(GOOD.sealing_key, new Uint8Array(256), INFO);
  await assert.rejects(making, isRefused("envelope_trial_failed"));
});

test("a browser that opens something else is found by the trial", async (t) => {
  t.mock.method(bytes.subtle, "decrypt", async () => new ArrayBuffer(256));
  const plaintext = new Uint8Array(256).fill(32);
  const making = envelopes.makeEnvelope(GOOD.sealing_key, plaintext, INFO);
  await assert.rejects(making, isRefused("envelope_trial_failed"));
});

test("a withdrawal carries fresh random bytes of the same length", () => {
  const [first, second] = [
    envelopes.makeBlankEnvelope(),
    envelopes.makeBlankEnvelope(),
  ];
  assert.equal(first.length, 337);
  assert.notDeepEqual(first, second);
});
