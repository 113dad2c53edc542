import assert from "node:assert/strict";
import { test } from "node:test";

import { bytes, hpke } from "./core.js";
import { fromHex, VECTORS } from "./support.js";

const GOOD = VECTORS.envelope;
const INFO = bytes.decode(GOOD.info);
const b64 = bytes.encode;

test("appendix A.3.1 of RFC 9180 is repeated, both ways", async () => {
  const given = Object.fromEntries(
    Object.entries(VECTORS.rfc_9180).map(([name, hex]) => [name, fromHex(hex)]),
  );
  const pair = (scalar, point) =>
    hpke.importKeyPair({
      kty: "EC",
      crv: "P-256",
      x: b64(point.slice(1, 33)),
      y: b64(point.slice(33)),
      d: b64(scalar),
    });
  const ephemeral = await pair(given.ephemeral_key, given.enc);
  const recipient = await pair(given.recipient_key, given.recipient_public_key);
  const { info, plaintext, aad } = given;

  const sealed = await hpke.seal(recipient.publicKey, info, plaintext, ephemeral, aad);

  assert.equal(b64(sealed), b64(bytes.concat(given.enc, given.ciphertext)));
  assert.equal(b64(await hpke.open(recipient, info, sealed, aad)), b64(plaintext));
});

test("the published envelope is made and opened", async () => {
  const recipient = await hpke.importKeyPair(GOOD.sealing_test_key);
  const ephemeral = await hpke.importKeyPair(GOOD.ephemeral_key);
  const plaintext = bytes.utf8(GOOD.plaintext);

  const made = await hpke.seal(recipient.publicKey, INFO, plaintext, ephemeral);
  const opened = await hpke.open(recipient, INFO, bytes.decode(GOOD.envelope));

  assert.equal(b64(made), GOOD.envelope);
  assert.equal(bytes.text(opened), GOOD.plaintext);
});

test("no two envelopes of the same answers are alike", async () => {
  const recipient = await hpke.importPublicKey(GOOD.sealing_key);
  const plaintext = bytes.utf8(GOOD.plaintext);
  const first = await hpke.seal(recipient, INFO, plaintext);
  const second = await hpke.seal(recipient, INFO, plaintext);
  assert.notEqual(b64(first), b64(second));
  assert.deepEqual([first.length, second.length], [337, 337]);
});

for (const { name, envelope, opens } of VECTORS.broken_envelopes) {
  test(`broken envelope: ${name}`, async () => {
    const recipient = await hpke.importKeyPair(GOOD.sealing_test_key);
    const opening = hpke.open(recipient, INFO, bytes.decode(envelope));
    // What is wrong inside of one that opens shows only to who reads the answers.
    if (opens) assert.notEqual(bytes.text(await opening), GOOD.plaintext);
    else await assert.rejects(opening);
  });
}
