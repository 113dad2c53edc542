// The client's half of blind RSA signatures (RFC 9474, SHA-384, MGF1 with SHA-384).
//
// Everything random comes in as an argument, so that each step can be checked against
// the figures that the RFC prints. Numbers are BigInt: their time depends on the
// values, which are the person's own, so it tells nobody else anything.

import { concat, fromNumber, isEqual, sha384, toNumber } from "./bytes.js";
import { PhoneError, ensure } from "./errors.js";

const HASH_BYTES = 48;

export const bitLength = (number) => number.toString(2).length;
const byteLength = (n) => Math.ceil(bitLength(n) / 8);

/** `base ** exponent mod n`. */
export function power(base, exponent, n) {
  let result = 1n;
  for (let square = base % n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * square) % n;
    square = (square * square) % n;
  }
  return result;
}

/** The inverse of a number modulo n; null if they share a divisor. */
export function inverse(number, n) {
  let [a, b, x, y] = [number % n, n, 1n, 0n];
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
  return a === 1n ? ((x % n) + n) % n : null;
}

async function mgf1(seed, length) {
  const blocks = [];
  for (let counter = 0n; blocks.length * HASH_BYTES < length; counter += 1n) {
    blocks.push(await sha384(concat(seed, fromNumber(counter, 4))));
  }
  return concat(...blocks).slice(0, length);
}

/**
 * Encodes a message for signing: EMSA-PSS-ENCODE of RFC 8017 section 9.1.1.
 *
 * @param {Uint8Array} message
 * @param {number} bits the longest that the encoded message may be
 * @param {Uint8Array} salt 48 bytes or none
 */
export async function encodeMessage(message, bits, salt) {
  const length = Math.ceil(bits / 8);
  const padding = length - salt.length - HASH_BYTES - 2;
  ensure(padding >= 0, "key_refused", "the modulus is too short for hash and salt");
  const hash = await sha384(concat(new Uint8Array(8), await sha384(message), salt));
  const block = concat(new Uint8Array(padding), [1], salt);
  const mask = await mgf1(hash, block.length);
  const masked = block.map((byte, at) => byte ^ mask[at]);
  masked[0] &= 0xff >> (8 * length - bits); // the number stays below the modulus
  return concat(masked, hash, [0xbc]);
}

const encodedNumber = async (message, n, salt) =>
  toNumber(await encodeMessage(message, bitLength(n) - 1, salt));

/**
 * Hides a message in a random multiple: Blind of RFC 9474 section 4.2.
 *
 * @param {Uint8Array} message
 * @param {{n: bigint, e: bigint}} key
 * @param {Uint8Array} salt 48 random bytes
 * @param {bigint} factor uniformly random below n and coprime to it
 * @returns {Promise<Uint8Array>} the blinded message, as long as the modulus
 */
export async function blind(message, { n, e }, salt, factor) {
  const encoded = await encodedNumber(message, n, salt);
  ensure(
    inverse(encoded, n) !== null,
    "key_refused",
    "the message divides the modulus",
  );
  const isUsable = factor > 0n && factor < n && inverse(factor, n) !== null;
  ensure(isUsable, "key_refused", "the blinding factor cannot be undone");
  return fromNumber((encoded * power(factor, e, n)) % n, byteLength(n));
}

/**
 * Turns a blind signature into a signature: Finalize of RFC 9474 section 4.4.
 *
 * The signature must open to exactly the encoding that was blinded. Do not skip this: a
 * wrong signature could mark the ballot.
 *
 * @param {Uint8Array} message
 * @param {{n: bigint, e: bigint}} key
 * @param {Uint8Array} salt the one given to `blind`
 * @param {bigint} factor the one given to `blind`
 * @param {Uint8Array} blindSignature
 * @returns {Promise<Uint8Array>} an RSASSA-PSS signature
 */
export async function finalize(message, { n, e }, salt, factor, blindSignature) {
  const length = byteLength(n);
  const undone = inverse(factor, n);
  const encoded = await encodedNumber(message, n, salt);
  if (undone !== null && blindSignature?.length === length) {
    const signature = (toNumber(blindSignature) * undone) % n;
    const opened = fromNumber(power(signature, e, n), length);
    if (isEqual(opened, fromNumber(encoded, length)))
      return fromNumber(signature, length);
  }
  throw new PhoneError("signature_invalid", "the blind signature does not verify");
}
