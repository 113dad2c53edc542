// Bytes, and base64url without padding in its one canonical form (RFC 4648 section 5).

export const { subtle } = globalThis.crypto ?? {};

export const utf8 = (text) => new TextEncoder().encode(text);

/** UTF-8 text of bytes; throws a TypeError for anything else. A BOM stays. */
export const text = (bytes) =>
  new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

/** @returns {Uint8Array} cryptographically random */
export const randomBytes = (length) =>
  globalThis.crypto.getRandomValues(new Uint8Array(length));

/** A whole number below `limit` (at most 2 ** 32), each as likely as the others. */
export function randomBelow(limit) {
  const unbiased = 2 ** 32 - (2 ** 32 % limit);
  for (;;) {
    const [drawn] = globalThis.crypto.getRandomValues(new Uint32Array(1));
    if (drawn < unbiased) return drawn % limit;
  }
}

export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export const isEqual = (a, b) =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

/** Writes bytes as base64url text. */
export function encode(bytes) {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const padded = btoa(binary).replaceAll("+", "-").replaceAll("/", "_");
  return padded.replace(/=+$/, "");
}

/**
 * Reads base64url text, accepting only the form that `encode` writes.
 *
 * @param {string} written
 * @param {number} [length] that the bytes must have
 * @returns {Uint8Array | null} null for padding, a foreign character, an unused bit
 *     that
 *     is not zero, or another length
 */
export function decode(written, length) {
  if (typeof written !== "string" || !/^[\w-]*$/.test(written)) return null;
  if (written.length % 4 === 1) return null;
  const binary = atob(written.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
  const isRight = length === undefined || bytes.length === length;
  return isRight && encode(bytes) === written ? bytes : null;
}

export const sha256 = async (bytes) =>
  new Uint8Array(await subtle.digest("SHA-256", bytes));

export const sha384 = async (bytes) =>
  new Uint8Array(await subtle.digest("SHA-384", bytes));

/** Names bytes by their SHA-256, as base64url text of 43 characters. */
export const digest = async (bytes) => encode(await sha256(bytes));

/** A big-endian number. */
export const toNumber = (bytes) =>
  BigInt(`0x0${Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("")}`);

/** The big-endian bytes of a number, as many as asked for. */
export function fromNumber(number, length) {
  const hex = number.toString(16).padStart(2 * length, "0");
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
}
