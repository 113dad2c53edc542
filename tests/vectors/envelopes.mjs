// Opens and makes the published envelopes with WebCrypto alone: HPKE base mode (RFC 9180),
// DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM.
//
// node envelopes.mjs ballot_vectors.json    prints what it did, one JSON document

import { readFile } from "node:fs/promises";

const { subtle } = globalThis.crypto;
const P256 = { name: "ECDH", namedCurve: "P-256" };
const ENC_BYTES = 65;

const bytes = (text) => new TextEncoder().encode(text);
const fromB64 = (text) => new Uint8Array(Buffer.from(text, "base64url"));
const toB64 = (data) => Buffer.from(data).toString("base64url");
const fromHex = (text) => new Uint8Array(Buffer.from(text, "hex"));

function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

const VERSION = bytes("HPKE-v1");
const KEM_SUITE = concat(bytes("KEM"), new Uint8Array([0, 0x10]));
const SUITE = concat(bytes("HPKE"), new Uint8Array([0, 0x10, 0, 1, 0, 1]));

async function hmac(key, data) {
  const secret = key.length ? key : new Uint8Array(32);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, data));
}

const extract = (suite, salt, label, input) =>
  hmac(salt, concat(VERSION, suite, bytes(label), input));

async function expand(suite, key, label, info, length) {
  const size = new Uint8Array([length >> 8, length & 255]);
  const input = concat(size, VERSION, suite, bytes(label), info, new Uint8Array([1]));
  return (await hmac(key, input)).slice(0, length);
}

const publicKey = (point) => subtle.importKey("raw", point, P256, true, []);
const point = async (key) => new Uint8Array(await subtle.exportKey("raw", key));
const privateKey = (jwk) => subtle.importKey("jwk", jwk, P256, true, ["deriveBits"]);
const publicPart = ({ kty, crv, x, y }) =>
  subtle.importKey("jwk", { kty, crv, x, y }, P256, true, []);

/** The AES key and nonce of the only message of a context. */
async function context(mine, theirs, enc, recipient, info) {
  const exchanged = await subtle.deriveBits({ name: "ECDH", public: theirs }, mine, 256);
  const pseudorandom = await extract(
    KEM_SUITE, new Uint8Array(), "eae_prk", new Uint8Array(exchanged));
  const secret = await expand(
    KEM_SUITE, pseudorandom, "shared_secret", concat(enc, recipient), 32);
  const schedule = concat(
    new Uint8Array([0]),
    await extract(SUITE, new Uint8Array(), "psk_id_hash", new Uint8Array()),
    await extract(SUITE, new Uint8Array(), "info_hash", info));
  const master = await extract(SUITE, secret, "secret", new Uint8Array());
  const key = await expand(SUITE, master, "key", schedule, 16);
  const nonce = await expand(SUITE, master, "base_nonce", schedule, 12);
  return {
    key: await subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]),
    nonce,
  };
}

async function seal(recipientKey, ephemeral, info, plaintext, aad = new Uint8Array()) {
  const [enc, recipient] = [await point(ephemeral.publicKey), await point(recipientKey)];
  const { key, nonce } = await context(
    ephemeral.privateKey, recipientKey, enc, recipient, info);
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: aad };
  return concat(enc, new Uint8Array(await subtle.encrypt(algorithm, key, plaintext)));
}

async function open(jwk, info, envelope, aad = new Uint8Array()) {
  const enc = envelope.slice(0, ENC_BYTES);
  const recipient = await point(await publicPart(jwk));
  const { key, nonce } = await context(
    await privateKey(jwk), await publicKey(enc), enc, recipient, info);
  const algorithm = { name: "AES-GCM", iv: nonce, additionalData: aad };
  return new Uint8Array(await subtle.decrypt(algorithm, key, envelope.slice(ENC_BYTES)));
}

async function opens(jwk, info, envelope) {
  try {
    await open(jwk, info, envelope);
    return true;
  } catch {
    return false;
  }
}

async function checkRfc(vector) {
  const number = Object.fromEntries(
    Object.entries(vector).map(([name, text]) => [name, fromHex(text)]));
  const keyOf = async (scalar, raw) => {
    const [x, y] = [toB64(raw.slice(1, 33)), toB64(raw.slice(33))];
    return { kty: "EC", crv: "P-256", x, y, d: toB64(scalar) };
  };
  const sealed = concat(number.enc, number.ciphertext);
  const ephemeral = await keyOf(number.ephemeral_key, number.enc);
  const recipient = await keyOf(number.recipient_key, number.recipient_public_key);
  const made = await seal(
    await publicPart(recipient),
    { privateKey: await privateKey(ephemeral), publicKey: await publicPart(ephemeral) },
    number.info, number.plaintext, number.aad);
  const opened = await open(recipient, number.info, sealed, number.aad);
  return toB64(made) === toB64(sealed) && toB64(opened) === toB64(number.plaintext);
}

const vectors = JSON.parse(await readFile(process.argv[2], "utf8"));
const { envelope: good, broken_envelopes: broken, rfc_9180: rfc } = vectors;
const [info, plaintext] = [fromB64(good.info), bytes(good.plaintext)];
const sealingKey = await publicPart(good.sealing_key);
const made = await seal(
  sealingKey,
  {
    privateKey: await privateKey(good.ephemeral_key),
    publicKey: await publicPart(good.ephemeral_key),
  },
  info, plaintext);
const fresh = await seal(
  sealingKey, await subtle.generateKey(P256, true, ["deriveBits"]), info, plaintext);
const opened = await open(good.sealing_test_key, info, fromB64(good.envelope));

console.log(JSON.stringify({
  rfc: await checkRfc(rfc),
  opened: new TextDecoder().decode(opened),
  made: toB64(made),
  fresh: toB64(fresh),
  broken: Object.fromEntries(await Promise.all(broken.map(async ({ name, envelope }) => [
    name, await opens(good.sealing_test_key, info, fromB64(envelope)),
  ]))),
}));
