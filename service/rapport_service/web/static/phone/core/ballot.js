// Ballots: minted and blinded on this device, signed unseen, finished and verified
// here.

import * as bytes from "./bytes.js";
import { bitLength, blind, finalize, inverse } from "./blind.js";
import { ensure } from "./errors.js";
import { readJson } from "./json.js";

const EXPONENT = "AQAB"; // 65537
const MODULUS_BYTES = 256;

/**
 * @typedef {object} BallotKey a checked public key
 * @property {string} kid `<organization>.<RFC 7638 thumbprint>`
 * @property {bigint} n exactly 2048 bits, odd
 * @property {bigint} e always 65537
 */

/**
 * @typedef {object} Draw a ballot in the making; base64url, so that it can be stored
 * @property {string} kid
 * @property {string} r the ballot's 32 random bytes
 * @property {string} salt
 * @property {string} factor
 * @property {string} blinded what the service signs
 */

const compact = (members) => bytes.encode(bytes.utf8(JSON.stringify(members)));

/** The signing input; the service accepts only these bytes. */
export const signingInput = (kid, r) =>
  `${compact({ alg: "PS384", typ: "ballot+jwt", kid })}.${compact({ jti: r })}`;

/**
 * Reads a JSON Web Key; refuses any but the RSA key of 2048 bits named `kid`.
 *
 * A key of another size or exponent, or one with another thumbprint, could mark the
 * ballots of one person.
 *
 * @param {Uint8Array} body
 * @param {string} kid
 * @returns {Promise<BallotKey>}
 */
export async function parseBallotKey(body, kid) {
  const jwk = readJson(body, "key_refused", "the key");
  const refuse = (condition, detail) => ensure(condition, "key_refused", detail);
  const [e, modulus] = [jwk.text("e"), bytes.decode(jwk.text("n"), MODULUS_BYTES)];
  refuse(jwk.text("kty") === "RSA", "the key is not an RSA key");
  refuse(e === EXPONENT, "the key's exponent is not 65537");
  refuse(modulus, "the key's modulus is not base64url of 256 bytes");
  const n = bytes.toNumber(modulus);
  refuse(bitLength(n) === 8 * MODULUS_BYTES, "the key's modulus has not 2048 bits");
  refuse(n & 1n, "the key's modulus is even");
  const canonical = JSON.stringify({ e, kty: "RSA", n: jwk.text("n") });
  const thumbprint = await bytes.digest(bytes.utf8(canonical));
  const named = kid.slice(kid.indexOf(".") + 1);
  refuse(thumbprint === named, "the key's thumbprint is not the one of its name");
  return { kid, n, e: 65537n };
}

/** A number that is uniformly random among those below n and coprime to it. */
function randomFactor(n) {
  for (;;) {
    const factor = bytes.toNumber(bytes.randomBytes(MODULUS_BYTES));
    if (factor < n && inverse(factor, n) !== null) return factor;
  }
}

/**
 * Makes a draw: fresh R, salt and blinding factor, and the blinded value.
 *
 * @param {BallotKey} key
 * @returns {Promise<Draw>}
 */
export async function mint(key) {
  const [r, salt] = [bytes.encode(bytes.randomBytes(32)), bytes.randomBytes(48)];
  const factor = randomFactor(key.n);
  const message = bytes.utf8(signingInput(key.kid, r));
  return {
    kid: key.kid,
    r,
    salt: bytes.encode(salt),
    factor: bytes.encode(bytes.fromNumber(factor, MODULUS_BYTES)),
    blinded: bytes.encode(await blind(message, key, salt, factor)),
  };
}

/**
 * Makes the ballot of a draw, and verifies it as the service will.
 *
 * @param {Draw} draw as it was committed
 * @param {BallotKey} key the key that it was drawn under
 * @param {string | null} signature the blind signature, base64url
 * @returns {Promise<string>} a JWT that any library verifies as PS384
 */
export async function finish(draw, key, signature) {
  const signed = signingInput(draw.kid, draw.r);
  const finished = await finalize(
    bytes.utf8(signed),
    key,
    bytes.decode(draw.salt, 48),
    bytes.toNumber(bytes.decode(draw.factor, MODULUS_BYTES)),
    bytes.decode(signature, MODULUS_BYTES),
  );
  const ballot = `${signed}.${bytes.encode(finished)}`;
  ensure(await verify(ballot, key), "signature_invalid", "the ballot does not verify");
  return ballot;
}

/** Whether a key signed a ballot, by the rules of any JWT library. */
export async function verify(ballot, { n }) {
  const [header, payload, signature] = ballot.split(".");
  const jwk = { kty: "RSA", e: EXPONENT, n: bytes.encode(bytes.fromNumber(n, 256)) };
  const hash = { name: "RSA-PSS", hash: "SHA-384" };
  return bytes.subtle.verify(
    { name: "RSA-PSS", saltLength: 48 },
    await bytes.subtle.importKey("jwk", jwk, hash, false, ["verify"]),
    bytes.decode(signature) ?? new Uint8Array(),
    bytes.utf8(`${header}.${payload}`),
  );
}
