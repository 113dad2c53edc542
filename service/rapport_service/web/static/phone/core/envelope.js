// Envelopes: what was answered, encrypted to the sealing key of its wave.
//
// An envelope opens with the private key of its wave alone, and only for the ballot and
// the charter that it was made for.

import * as bytes from "./bytes.js";
import { PhoneError, ensure } from "./errors.js";
import * as hpke from "./hpke.js";

/** Every plaintext is padded to this length: a "skip" is longer than a 4. */
export const PLAINTEXT_BYTES = 256;

/** The length of every envelope: encapsulated key, plaintext, authentication tag. */
export const ENVELOPE_BYTES = 337;

/** The x of the published test key, whose private half is public: no wave has it. */
export const TEST_KEY_X = "qwFfLHXqCkp8OR2TXULh5UlI11UrRtlyz6xTJny4Ahs";

const LABEL = bytes.utf8("rapport envelope 1");
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/**
 * @typedef {object} SealingKey a checked public key
 * @property {{kty: string, crv: string, x: string, y: string}} jwk
 * @property {string} thumbprint RFC 7638, with SHA-256
 */

/**
 * Reads the sealing key of a charter, a point of the curve P-256.
 *
 * @param {import("./json.js").JsonObject} members
 * @returns {Promise<SealingKey>}
 */
export async function parseSealingKey(members) {
  const refuse = (condition, detail) => ensure(condition, "charter_refused", detail);
  const [kty, crv] = [members.text("kty"), members.text("crv")];
  refuse(kty === "EC" && crv === "P-256", "the sealing key is not of the curve P-256");
  const [x, y] = [members.text("x"), members.text("y")];
  const point = [x, y].map((written) => bytes.decode(written, 32));
  refuse(point.every(Boolean), "a coordinate of the sealing key has not 32 bytes");
  refuse(
    isOnCurve(...point.map(bytes.toNumber)),
    "the sealing key is not on its curve",
  );
  const canonical = JSON.stringify({ crv, kty, x, y });
  const thumbprint = await bytes.digest(bytes.utf8(canonical));
  return { jwk: { kty, crv, x, y }, thumbprint };
}

/** Whether a point is on P-256 (not every browser checks what it imports). */
const isOnCurve = (x, y) =>
  x < P && y < P && (y * y - (x * x * x - 3n * x + B)) % P === 0n;

/**
 * The `info` that binds an envelope to its ballot and to the charter.
 *
 * @param {string} kid
 * @param {string} ballotHash of the ballot's R
 * @param {string} charterDigest of the charter that this device was shown
 */
export const envelopeInfo = (kid, ballotHash, charterDigest) =>
  bytes.concat(
    LABEL,
    [0],
    bytes.utf8(kid),
    [0],
    bytes.decode(ballotHash, 32),
    bytes.decode(charterDigest, 32),
  );

/**
 * Seals a plaintext, after a trial of the same on this device.
 *
 * Nobody can look into an envelope before all are opened. So the plaintext is first
 * sealed to a key that is made for that and thrown away, opened, and compared.
 *
 * @param {SealingKey["jwk"]} jwk
 * @param {Uint8Array} plaintext 256 bytes
 * @param {Uint8Array} info of `envelopeInfo`
 * @returns {Promise<Uint8Array>}
 */
export async function makeEnvelope(jwk, plaintext, info) {
  try {
    const throwAway = await hpke.generateKeyPair();
    const trial = await hpke.seal(throwAway.publicKey, info, plaintext);
    const opened = await hpke.open(throwAway, info, trial);
    const sealed = await hpke.seal(await hpke.importPublicKey(jwk), info, plaintext);
    if (
      plaintext.length === PLAINTEXT_BYTES &&
      sealed.length === ENVELOPE_BYTES &&
      bytes.isEqual(opened, plaintext)
    ) {
      return sealed;
    }
  } catch {
    // the same as a trial with another outcome
  }
  throw new PhoneError(
    "envelope_trial_failed",
    "an envelope did not open as it should",
  );
}

/** Random bytes as long as an envelope, so that a withdrawal is as long, too. */
export const makeBlankEnvelope = () => bytes.randomBytes(ENVELOPE_BYTES);
