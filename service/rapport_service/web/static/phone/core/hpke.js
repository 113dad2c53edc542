// HPKE in base mode over WebCrypto (RFC 9180): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256,
// AES-128-GCM. One message a context. What is sealed is the encapsulated key, then the
// ciphertext with its tag.

import { concat, subtle, utf8 } from "./bytes.js";

const P256 = { name: "ECDH", namedCurve: "P-256" };
const ENC_BYTES = 65;
const NONE = new Uint8Array();
const VERSION = utf8("HPKE-v1");
const KEM = concat(utf8("KEM"), [0, 0x10]);
const SUITE = concat(utf8("HPKE"), [0, 0x10, 0, 1, 0, 1]);

/** A pair of keys, for one envelope. */
export const generateKeyPair = () => subtle.generateKey(P256, true, ["deriveBits"]);

/** The public half of a JSON Web Key; rejects a point that is not on the curve. */
export const importPublicKey = ({ kty, crv, x, y }) =>
  subtle.importKey("jwk", { kty, crv, x, y }, P256, true, []);

/** Both halves of a JSON Web Key. */
export const importKeyPair = async ({ kty, crv, x, y, d }) => ({
  publicKey: await importPublicKey({ kty, crv, x, y }),
  privateKey: await subtle.importKey("jwk", { kty, crv, x, y, d }, P256, false, [
    "deriveBits",
  ]),
});

const exportPoint = async (key) => new Uint8Array(await subtle.exportKey("raw", key));

async function hmac(key, data) {
  const secret = key.length ? key : new Uint8Array(32);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, data));
}

const extract = (suite, salt, label, input) =>
  hmac(salt, concat(VERSION, suite, utf8(label), input));

async function expand(suite, key, label, info, length) {
  const size = [length >> 8, length & 255];
  const bound = concat(size, VERSION, suite, utf8(label), info, [1]);
  return (await hmac(key, bound)).slice(0, length); // no output is longer than a hash
}

/** AES key and parameters of the only message between two keys. */
async function context(privateKey, publicKey, enc, recipient, info, additionalData) {
  const exchange = { name: "ECDH", public: publicKey };
  const exchanged = new Uint8Array(await subtle.deriveBits(exchange, privateKey, 256));
  const shared = await expand(
    KEM,
    await extract(KEM, NONE, "eae_prk", exchanged),
    "shared_secret",
    concat(enc, await exportPoint(recipient)),
    32,
  );
  const schedule = concat(
    [0],
    await extract(SUITE, NONE, "psk_id_hash", NONE),
    await extract(SUITE, NONE, "info_hash", info),
  );
  const secret = await extract(SUITE, shared, "secret", NONE);
  const key = await expand(SUITE, secret, "key", schedule, 16);
  const iv = await expand(SUITE, secret, "base_nonce", schedule, 12);
  return [
    { name: "AES-GCM", iv, additionalData },
    await subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]),
  ];
}

/**
 * Seals a message to a public key.
 *
 * @param {CryptoKey} recipient
 * @param {Uint8Array} info
 * @param {Uint8Array} plaintext
 * @param {CryptoKeyPair} [ephemeral] given by test vectors alone
 * @param {Uint8Array} [aad] the same
 * @returns {Promise<Uint8Array>}
 */
export async function seal(recipient, info, plaintext, ephemeral, aad = NONE) {
  const { privateKey, publicKey } = ephemeral ?? (await generateKeyPair());
  const enc = await exportPoint(publicKey);
  const sealing = await context(privateKey, recipient, enc, recipient, info, aad);
  return concat(enc, new Uint8Array(await subtle.encrypt(...sealing, plaintext)));
}

/**
 * Opens what `seal` made; rejects anything else.
 *
 * @param {CryptoKeyPair} recipient
 * @param {Uint8Array} info
 * @param {Uint8Array} sealed
 * @param {Uint8Array} [aad]
 * @returns {Promise<Uint8Array>}
 */
export async function open({ privateKey, publicKey }, info, sealed, aad = NONE) {
  const enc = sealed.slice(0, ENC_BYTES);
  const sender = await subtle.importKey("raw", enc, P256, true, []);
  const opening = await context(privateKey, sender, enc, publicKey, info, aad);
  const decrypted = await subtle.decrypt(...opening, sealed.slice(ENC_BYTES));
  return new Uint8Array(decrypted);
}
