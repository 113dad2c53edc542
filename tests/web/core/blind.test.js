import assert from "node:assert/strict";
import { test } from "node:test";

import { blind, bytes } from "./core.js";
import { fromHex, readJson, VECTORS } from "./support.js";

const RFC = readJson("client-sdk/tests/ballots/rfc9474_deterministic.json");
const number = (text) => BigInt(`0x${text}`);
const toHex = (data) => Buffer.from(data).toString("hex");
const isRefused = (code) => (error) => error.code === code;

const KEY = (() => {
  const [n, e, d] = ["n", "e", "d"].map((name) =>
    bytes.toNumber(bytes.decode(VECTORS.test_key[name])),
  );
  return { n, e, d };
})();
const SALT = new Uint8Array(48);
const MESSAGE = bytes.utf8("message");
const sign = (blinded, { d, n } = KEY) =>
  bytes.fromNumber(blind.power(bytes.toNumber(blinded), d, n), 256);

test("the variant of ballots gives the figures of RFC 9474", async () => {
  const [n, e, p, q] = [RFC.n, RFC.e, RFC.p, RFC.q].map(number);
  const d = blind.inverse(e, (p - 1n) * (q - 1n));
  const factor = blind.inverse(number(RFC.inv), n);
  const [message, salt] = [fromHex(RFC.msg), fromHex(RFC.salt)];

  const encoded = await blind.encodeMessage(message, blind.bitLength(n) - 1, salt);
  const blinded = await blind.blind(message, { n, e }, salt, factor);
  const signed = blind.power(bytes.toNumber(blinded), d, n);
  const blindSignature = bytes.fromNumber(signed, blinded.length);
  const signature = await blind.finalize(
    message,
    { n, e },
    salt,
    factor,
    blindSignature,
  );

  assert.equal(toHex(encoded), RFC.encoded_msg);
  assert.equal(toHex(blinded), RFC.blinded_msg);
  assert.equal(toHex(blindSignature), RFC.blind_sig);
  assert.equal(toHex(signature), RFC.sig);
});

test("an encoded and blinded message equals the vector", async () => {
  const [message, salt] = [
    bytes.utf8(VECTORS.signing_input),
    bytes.decode(VECTORS.salt),
  ];
  const factor = bytes.toNumber(bytes.decode(VECTORS.blinding_factor));
  assert.equal(
    bytes.encode(await blind.encodeMessage(message, 2047, salt)),
    VECTORS.encoded,
  );
  assert.equal(
    bytes.encode(await blind.blind(message, KEY, salt, factor)),
    VECTORS.blinded,
  );
});

test("the blinding factor changes the request and not the result", async () => {
  const [sent, signatures] = [new Set(), new Set()];
  for (const factor of [5n, 7n ** 300n % KEY.n]) {
    const blinded = await blind.blind(MESSAGE, KEY, SALT, factor);
    const finished = await blind.finalize(MESSAGE, KEY, SALT, factor, sign(blinded));
    sent.add(bytes.encode(blinded));
    signatures.add(bytes.encode(finished));
  }
  assert.deepEqual([sent.size, signatures.size], [2, 1]);
});

test("a signature that does not verify is refused", async () => {
  const good = sign(await blind.blind(MESSAGE, KEY, SALT, 5n));
  const flipped = good.slice();
  flipped[1] ^= 1;
  const spoilt = [flipped, good.slice(1), bytes.concat(good, [0]), new Uint8Array()];
  for (const signature of [...spoilt, new Uint8Array(256), null]) {
    const finishing = blind.finalize(MESSAGE, KEY, SALT, 5n, signature);
    await assert.rejects(finishing, isRefused("signature_invalid"));
  }
});

test("a factor that cannot be undone is refused", async () => {
  for (const factor of [0n, KEY.n, 2n * KEY.n]) {
    const blinding = blind.blind(MESSAGE, KEY, SALT, factor);
    await assert.rejects(blinding, isRefused("key_refused"));
  }
});

test("a message that shares a divisor with the modulus is refused", async () => {
  const encoded = bytes.toNumber(await blind.encodeMessage(MESSAGE, 1023, SALT));
  const n = encoded << BigInt(1024 - blind.bitLength(encoded));
  const blinding = blind.blind(MESSAGE, { n, e: 65537n }, SALT, 5n);
  await assert.rejects(blinding, isRefused("key_refused"));
});

test("a modulus too short for the hash is refused", async () => {
  const encoding = blind.encodeMessage(MESSAGE, 8 * 97, SALT);
  await assert.rejects(encoding, isRefused("key_refused"));
});

test("an inverse undoes, and there is none of a divisor", () => {
  assert.equal((blind.inverse(3n, 11n) * 3n) % 11n, 1n);
  assert.equal(blind.inverse(6n, 9n), null);
  assert.equal(blind.inverse(0n, 9n), null);
});
