// The charter of a wave, and the checks before a ballot is drawn under it.
//
// The charter is the defence against tagging. All people in a wave have the same one,
// it is fetched without credentials, and it lists every ballot key with the number of
// people who vote under it. So a service that gave one person a key of their own would
// have to show that person another charter, and two colleagues can compare
// fingerprints.

import * as bytes from "./bytes.js";
import { parseSealingKey, TEST_KEY_X } from "./envelope.js";
import { ensure } from "./errors.js";
import { readJson } from "./json.js";

const FORMAT = 2;
const MIN_POOL = 5; // whatever the charter says
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * @typedef {object} Group a node of the reporting tree
 * @property {string} teamId
 * @property {string} name
 * @property {string | null} ballotKeyId that its own people vote under
 * @property {string | null} parentId
 * @property {number} eligible people who can answer at it and below it
 */

/**
 * @typedef {object} Charter one whose digest the poll book named; instants in seconds
 * @property {string} digest
 * @property {string} waveId
 * @property {number} announcesAt
 * @property {number} opensAt
 * @property {number} closesAt
 * @property {number} sealsAt
 * @property {number} retiresAt
 * @property {number} keepSeconds how long settled items are kept, to offer them again
 * @property {string} instrumentDigest
 * @property {import("./envelope.js").SealingKey} sealingKey
 * @property {number} minRespondents
 * @property {number} minPool
 * @property {Map<string, Group>} groups by team id
 * @property {Map<string, number>} pools people who vote under each key, by its id
 * @property {Map<string, string[]>} plainLanguage by language, with gaps
 */

const refuse = (condition, detail) => ensure(condition, "charter_refused", detail);

function uniqueMap(pairs) {
  const map = new Map(pairs);
  refuse(map.size === pairs.length, "the charter lists a team or a key twice");
  return map;
}

/**
 * Reads a charter that came through the ballot-box door.
 *
 * @param {Uint8Array} body as served
 * @param {string} digest that the poll book named
 * @param {string} waveId that was asked for
 * @returns {Promise<Charter>}
 */
export async function parseCharter(body, digest, waveId) {
  const isNamed = (await bytes.digest(body)) === digest;
  refuse(isNamed, "the charter is not the one that the poll book named");
  const members = readJson(body, "charter_refused", "the charter");
  const isReadable = members.integer("format") === FORMAT;
  ensure(isReadable, "server_newer", "the charter has a format unknown here");
  const [wave, words] = [members.nested("wave"), members.nested("plain_language")];
  const tree = members.objects("tree");
  const charter = {
    digest,
    waveId: wave.text("id"),
    announcesAt: wave.instant("announces_at"),
    opensAt: wave.instant("opens_at"),
    closesAt: wave.instant("closes_at"),
    sealsAt: wave.instant("seals_at"),
    retiresAt: wave.instant("retires_at"),
    keepSeconds: wave.integer("keep_seconds"),
    instrumentDigest: members.text("instrument_digest"),
    sealingKey: await parseSealingKey(members.nested("sealing_key")),
    minRespondents: members.integer("min_respondents"),
    minPool: members.integer("min_pool"),
    groups: uniqueMap(
      tree.map((node) => [
        node.text("team_id"),
        {
          teamId: node.text("team_id"),
          name: node.text("name"),
          ballotKeyId: node.textOrNull("ballot_key_id"),
          parentId: node.textOrNull("parent_id"),
          eligible: node.integer("eligible"),
        },
      ]),
    ),
    pools: uniqueMap(
      tree
        .filter((node) => node.raw.pool != null)
        .map((node) => [node.text("ballot_key_id"), node.integer("pool")]),
    ),
    plainLanguage: new Map(
      Object.keys(words.raw).map((language) => [language, words.texts(language)]),
    ),
  };
  refuse(charter.waveId === waveId, "the charter is of another wave");
  refuse(charter.sealingKey.jwk.x !== TEST_KEY_X, "the charter has the test key");
  refuse(charter.minPool >= MIN_POOL, "the charter allows too few people to a key");
  return charter;
}

/**
 * The id of the key under which a group votes.
 *
 * @param {Charter} charter
 * @param {string} teamId
 */
export function keyFor({ groups, pools, minPool }, teamId) {
  const group = groups.get(teamId);
  refuse(group, "the charter does not list this group");
  const pool = pools.get(group.ballotKeyId);
  refuse(pool !== undefined, "the charter lists no key for this group");
  refuse(pool >= minPool, "too few people would vote under this group's key");
  return group.ballotKeyId;
}

/** Twelve characters that two colleagues can compare, in fours. */
export function fingerprint(digest) {
  const bits = bytes.toNumber(bytes.decode(digest, 32).slice(0, 8));
  const digits = Array.from(
    { length: 12 },
    (_, at) => CROCKFORD[Number((bits >> BigInt(59 - 5 * at)) & 31n)],
  );
  return digits.join("").replace(/(.{4})(?=.)/g, "$1-");
}

/**
 * A wave's charter as this device remembers it.
 *
 * @typedef {object} SeenCharter
 * @property {string} waveId
 * @property {string} digest
 * @property {string} sealingKey its thumbprint
 * @property {number} retiresAt
 * @property {number | null} lookAgainAt when to fetch it again; null after that
 * @property {boolean} changed whether the second look found another charter
 */

/**
 * Compares a charter with those seen before.
 *
 * @param {Charter} charter
 * @param {SeenCharter[]} seen all that this device remembers
 * @param {number} lookAgainAt for the record of a charter that is new
 * @returns {SeenCharter | null} the record to keep; null if it is there already
 */
export function compareWithSeen(charter, seen, lookAgainAt) {
  const { waveId, digest, retiresAt, sealingKey } = charter;
  const same = seen.find((each) => each.waveId === waveId);
  if (same) {
    const isSame = !same.changed && same.digest === digest;
    refuse(isSame, "the charter is not the one that this device fetched first");
    return null;
  }
  const isReused = seen.some((each) => each.sealingKey === sealingKey.thumbprint);
  refuse(!isReused, "the charter has the sealing key of another wave");
  const record = { waveId, digest, sealingKey: sealingKey.thumbprint, retiresAt };
  return { ...record, lookAgainAt, changed: false };
}
