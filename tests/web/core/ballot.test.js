import assert from "node:assert/strict";
import { test } from "node:test";

import { ballots, blind, bytes, outbox } from "./core.js";
import { example, toBytes, VECTORS } from "./support.js";

const { kid } = VECTORS.public_key;
const key = await ballots.parseBallotKey(toBytes(VECTORS.public_key), kid);
const DRAW = {
  kid,
  r: VECTORS.r,
  salt: VECTORS.salt,
  factor: VECTORS.blinding_factor,
  blinded: VECTORS.blinded,
};
const ballotOf = (forgery) => JSON.parse(forgery.request).items[0].ballot;
const isRefused = (code) => (error) => error.code === code;

test("the signing input is minted", async () => {
  assert.equal(ballots.signingInput(kid, VECTORS.r), VECTORS.signing_input);
  assert.equal(await outbox.hashOf({ r: VECTORS.r }), VECTORS.hash);
});

test("the blind signature finishes the ballot", async () => {
  const finished = await ballots.finish(DRAW, key, VECTORS.blind_signature);
  assert.equal(finished, VECTORS.ballot);
});

test("a fresh draw is signed blind, and its ballot verifies", async () => {
  const [d, n] = ["d", "n"].map((name) =>
    bytes.toNumber(bytes.decode(VECTORS.test_key[name])),
  );
  const draw = await ballots.mint(key);
  const blinded = bytes.toNumber(bytes.decode(draw.blinded, 256));
  const signature = bytes.encode(bytes.fromNumber(blind.power(blinded, d, n), 256));

  const finished = await ballots.finish(draw, key, signature);

  assert.ok(await ballots.verify(finished, key));
  assert.ok(finished.startsWith(ballots.signingInput(kid, draw.r)));
  const other = await ballots.mint(key);
  for (const name of ["r", "salt", "factor", "blinded"]) {
    assert.notEqual(draw[name], other[name]);
  }
});

test("a signature that is missing, malformed or foreign finishes nothing", async () => {
  for (const signature of [null, "", "no", VECTORS.signature, VECTORS.blinded]) {
    const finishing = ballots.finish(DRAW, key, signature);
    await assert.rejects(finishing, isRefused("signature_invalid"));
  }
});

for (const [at, forgery] of VECTORS.forgeries.entries()) {
  test(`the device mints no forgery: ${forgery.name}`, async () => {
    assert.notEqual(ballotOf(forgery), VECTORS.ballot);
    // A library finds two of the six, and padding here; comparing bytes finds them all.
    assert.equal(await ballots.verify(ballotOf(forgery), key), ![0, 3, 5].includes(at));
  });
}

test("the key of the examples is read", async () => {
  const { response } = example("get_ballot_key.of-a-group");
  const read = await ballots.parseBallotKey(toBytes(response.json), response.json.kid);
  assert.equal(read.kid, response.json.kid);
});

const flipped = () => {
  const n = bytes.decode(VECTORS.public_key.n);
  n[9] ^= 1;
  return bytes.encode(n);
};
const SPOILT = {
  "another type": { kty: "EC" },
  "another exponent": { e: "Aw" },
  "another modulus": { n: flipped() },
  "a short modulus": { n: VECTORS.public_key.n.slice(0, 171) },
  "a padded modulus": { n: `${VECTORS.public_key.n}=` },
  "no modulus": { n: undefined },
  "a modulus that is a number": { n: 5 },
};
for (const [name, members] of Object.entries(SPOILT)) {
  test(`a key is refused: ${name}`, async () => {
    const body = toBytes({ ...VECTORS.public_key, ...members });
    await assert.rejects(ballots.parseBallotKey(body, kid), isRefused("key_refused"));
  });
}

test("a key is refused under another name, and what is no JSON", async () => {
  const body = toBytes(VECTORS.public_key);
  const other = `vectors.${"a".repeat(43)}`;
  await assert.rejects(ballots.parseBallotKey(body, other), isRefused("key_refused"));
  const html = new TextEncoder().encode("<html>");
  await assert.rejects(ballots.parseBallotKey(html, kid), isRefused("key_refused"));
});

test("an even modulus is refused even under its own thumbprint", async () => {
  const n = bytes.decode(VECTORS.public_key.n);
  n[255] &= 0xfe;
  const members = { e: "AQAB", kty: "RSA", n: bytes.encode(n) };
  const named = `vectors.${await bytes.digest(toBytes(members))}`;
  const parsing = ballots.parseBallotKey(toBytes(members), named);
  await assert.rejects(parsing, (error) => /even/.test(error.detail));
});

test("another exponent is refused even under its own thumbprint", async () => {
  const members = { e: "Aw", kty: "RSA", n: VECTORS.public_key.n };
  const named = `vectors.${await bytes.digest(toBytes(members))}`;
  const parsing = ballots.parseBallotKey(toBytes(members), named);
  await assert.rejects(parsing, (error) => /exponent/.test(error.detail));
});
