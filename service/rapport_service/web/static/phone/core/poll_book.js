// Client of the poll book, the door that knows who asks: enrols, lists, draws.

import { decode, digest, encode, randomBytes, text, utf8 } from "./bytes.js";
import { normalizeCode } from "./codes.js";
import { ensure, PhoneError } from "./errors.js";
import { readJson } from "./json.js";
import { readScore } from "./score.js";
import { jsonBody, POLL_BOOK, readDocument, readReply } from "./transport.js";

/** The most draws in one request. */
export const MAX_DRAWS = 50;

const MAX_LISTED = 500; // waves or teams of a person; far above any agency's

const WAVE_ID = /^[a-z][a-z0-9]{2,19}\.[0-9a-f-]{36}$/;
const DIGEST = /^[\w-]{43}$/;
const BEARER = /^[A-Za-z0-9._~+/-]+=*$/; // nothing else may enter a header
const TOKEN_PATH = "/v1/token";
const CODE_PROBLEMS = ["code_unknown", "code_used", "code_expired"];
const OTHER_VERSION = [404, 405, 410, 426];

/**
 * @typedef {object} Account the person who is enrolled here
 * @property {string} person names their records; a hash, which no other person has
 * @property {string} organization its public id
 * @property {string} code the digest of the code that was used last
 * @property {string} accessToken
 * @property {string} refreshToken
 * @property {number} obtainedAt
 * @property {number} expiresIn
 * @property {boolean} isVisit whether they answer within this visit only
 */

/**
 * @typedef {object} WaveList the poll book's list for one person
 * @property {string} epoch changes when the service was restored from a backup
 * @property {boolean} isRevoked
 * @property {{waveId: string, charterDigest: string, votingTeamId: string,
 *     isOpen: boolean}[]} drawable
 * @property {{waveId: string, reason: string}[]} cancelled
 */

/** Reads the poll book's list; ignores states and directives not known here. */
export function readList(body) {
  const members = readJson(body, "not_rapport", "the list of pulses");
  const waves = members.objects("waves");
  ensure(waves.length <= MAX_LISTED, "not_rapport", "the list is too long");
  const matching = (wave, name, pattern) => {
    ensure(pattern.test(wave.text(name)), "not_rapport", `${name} is not one`);
    return wave.text(name);
  };
  const inState = (...states) =>
    waves.filter((each) => states.includes(each.text("state")));
  return {
    epoch: members.text("epoch"),
    isRevoked: members.texts("directives").includes("revoked"),
    drawable: inState("announced", "open").map((wave) => ({
      waveId: matching(wave, "wave_id", WAVE_ID),
      charterDigest: matching(wave, "charter_digest", DIGEST),
      votingTeamId: wave.text("voting_team_id"),
      isOpen: wave.text("state") === "open",
    })),
    cancelled: inState("cancelled").map((wave) => ({
      waveId: matching(wave, "wave_id", WAVE_ID),
      reason: wave.textOrNull("reason") ?? "",
    })),
  };
}

/** The authenticated door, for the person who is enrolled. */
export class PollBook {
  #database;
  #transport;
  #clock;

  /**
   * @param {object} given
   * @param {import("./database.js").Database} given.database
   * @param {import("./transport.js").Transport} given.transport
   * @param {import("./device_clock.js").DeviceClock} given.clock
   */
  constructor({ database, transport, clock }) {
    [this.#database, this.#transport, this.#clock] = [database, transport, clock];
  }

  /** @returns {Promise<Account | undefined>} */
  account() {
    return this.#database.get(["account"]);
  }

  /**
   * Enrols this device. A call that failed may be repeated with the same code.
   *
   * Ballots and answers stay with the person who had them; nobody else sees them.
   *
   * @param {string} typed the code
   * @param {boolean} [isVisit] they answer within this visit only
   * @throws {PhoneError} the code was refused, or was for reading: then `device` is
   *     what
   *     the page for results needs, to use the same code
   */
  async enrol(typed, isVisit = false) {
    const read = normalizeCode(typed);
    ensure(read, "code_malformed");
    const code = await digest(utf8(read.code));
    if ((await this.account())?.code === code) return;
    const device = await this.#deviceFor(code);
    const reply = await this.#post(
      "/v1/enrolments",
      jsonBody({ code: read.code, device }),
    );
    const tokens = await readTokens(reply, device).catch((error) => {
      throw toCodeError(error);
    });
    if (!tokens.mayAnswer) {
      throw new PhoneError("code_for_reading", "the code is for reading", { device });
    }
    ensure(tokens.refreshToken, "not_rapport", "there is no refresh token");
    await this.#begin(code, tokens, isVisit);
  }

  /** 32 random bytes, on disk before a code is presented, the same on every attempt. */
  #deviceFor(code) {
    const fresh = encode(randomBytes(32));
    return this.#database.write(async (rows) => {
      const stored = await rows.get(["attempt", code]);
      if (!stored) await rows.put(["attempt", code], fresh);
      return stored ?? fresh;
    });
  }

  async #begin(code, tokens, isVisit) {
    const { organization, subject } = readClaims(tokens.accessToken);
    const person = await digest(utf8(`${organization} ${subject}`));
    const obtainedAt = await this.#clock.now();
    await this.#database.write(async (rows) => {
      const before = await rows.get(["account"]);
      if (before && before.person !== person) await eraseAccount(rows);
      await rows.remove(["attempt", code]);
      await rows.put(["account"], {
        person,
        organization,
        code,
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken,
        obtainedAt,
        expiresIn: tokens.expiresIn,
        isVisit,
      });
    });
  }

  /**
   * The newest list of waves, with the date of the reply.
   *
   * @param {Account} account
   * @returns {Promise<{list: WaveList, date: import("./transport.js").Reply["date"]}>}
   */
  async pull({ person }) {
    const key = ["list", person];
    const { body, date } = await this.#getTagged("/v1/sync", key, readList);
    return { list: readList(utf8(body)), date };
  }

  /**
   * Has blinded values signed; the same one again gets the same signature.
   *
   * @param {{waveId: string, kid: string, blinded: string}[]} draws
   * @returns {Promise<Map<string, {status: string, signature: string | null}>>} by wave
   */
  async draw(draws) {
    const requests = draws.map(({ waveId, kid, blinded }) => ({
      wave_id: waveId,
      ballot_key_id: kid,
      blinded,
    }));
    const reply = await this.#authenticated("/v1/ballots", jsonBody({ requests }));
    const results = readDocument(reply).objects("results");
    const byWave = new Map(
      results.map((result) => [
        result.text("wave_id"),
        { status: result.text("status"), signature: result.textOrNull("signature") },
      ]),
    );
    const isComplete =
      byWave.size === results.length &&
      byWave.size === draws.length &&
      draws.every(({ waveId }) => byWave.has(waveId));
    ensure(isComplete, "not_rapport", "the drawn ballots are not those asked for");
    return byWave;
  }

  /**
   * The scores that the person may read, as served; the stored ones that are still
   * right. One that cannot be read is left out.
   *
   * @param {Account} account
   */
  async fetchResults({ person }) {
    const listed = readDocument(await this.#authenticated("/v1/teams"));
    for (const team of listed.objects("teams").slice(0, MAX_LISTED)) {
      const path = `/v1/teams/${encodeURIComponent(team.text("id"))}/score`;
      try {
        const newest = ["score", person, path];
        const { body } = await this.#getTagged(path, newest, readScore);
        const { waveId, isReleased } = readScore(body);
        const key = ["result", person, waveId, path];
        if (isReleased && (await this.#database.get(key)) !== body) {
          await this.write(person, (rows) => rows.put(key, body));
        }
      } catch (error) {
        // Nothing was measured there yet, or a newer service says it otherwise.
        const isLeftOut = error.status === 404 || error.code === "score_unreadable";
        if (!isLeftOut) throw error;
      }
    }
  }

  /** A document as stored or newer; a reply that says "the same" must mean this one. */
  async #getTagged(path, key, check) {
    const stored = await this.#database.get(key);
    const headers = stored?.etag ? { "If-None-Match": stored.etag } : {};
    const reply = await this.#authenticated(path, { headers });
    if (stored && reply.status === 304) {
      const opaque = (tag) => tag?.replace(/^W\//, "");
      const isSame = opaque(reply.etag) === opaque(stored.etag);
      ensure(isSame, "not_rapport", "the reply is about another document");
      return { body: stored.body, date: reply.date };
    }
    const body = readReply(reply);
    check(body);
    const record = { body: text(body), etag: reply.etag };
    await this.write(key[1], (rows) => rows.put(key, record));
    return { body: record.body, date: reply.date };
  }

  /** Sends with a valid token, which is renewed once if it is refused. */
  async #authenticated(path, options = {}) {
    const send = (token) => {
      const headers = { ...options.headers, Authorization: `Bearer ${token}` };
      return this.#transport.send(POLL_BOOK, path, { ...options, headers });
    };
    const { accessToken, obtainedAt, expiresIn } = await this.#requireAccount();
    const age = (await this.#clock.now()) - obtainedAt;
    if (age >= 0 && age < expiresIn) {
      const reply = await send(accessToken);
      if (reply.status !== 401) return reply;
      if (reply.mediaType !== "application/problem+json") return reply;
    }
    return send(await this.#renew());
  }

  async #renew() {
    const { person, refreshToken } = await this.#requireAccount();
    const form = { grant_type: "refresh_token", refresh_token: refreshToken };
    const reply = await this.#post(TOKEN_PATH, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    });
    const tokens = await readTokens(reply, refreshToken);
    const obtainedAt = await this.#clock.now();
    return this.write(person, async (rows) => {
      const account = await rows.get(["account"]);
      // Another code was entered meanwhile: its tokens are newer than this late reply.
      if (account.refreshToken !== refreshToken) return account.accessToken;
      await rows.put(["account"], {
        ...account,
        accessToken: tokens.accessToken,
        refreshToken: tokens.refreshToken ?? refreshToken,
        obtainedAt,
        expiresIn: tokens.expiresIn,
      });
      return tokens.accessToken;
    });
  }

  async #requireAccount() {
    const account = await this.account();
    ensure(account, "not_enrolled");
    return account;
  }

  /** Writes what is a person's, unless they have left this phone meanwhile. */
  write(person, work) {
    return this.#database.write(async (rows) => {
      const isHere = (await rows.get(["account"]))?.person === person;
      ensure(isHere, "not_enrolled");
      return work(rows);
    });
  }

  #post(path, options) {
    return this.#transport.send(POLL_BOOK, path, options);
  }
}

/** Erases tokens and everything readable of the person; sealed items stay. */
export async function eraseAccount(rows) {
  const account = await rows.get(["account"]);
  if (!account) return;
  const { person } = account;
  for (const kind of ["draft", "list", "score", "result", "promises"]) {
    for (const key of await rows.keys(kind, person)) await rows.remove(key);
  }
  for (const ballot of await rows.all("ballot", person)) {
    if (ballot.form === null) continue;
    await rows.put(["ballot", person, ballot.waveId], { ...ballot, form: null });
  }
  await rows.remove(["account"]);
}

/** Reads tokens; refuses those for another request, which are another person's. */
async function readTokens(response, presented) {
  const reply = readDocument(response);
  const isEcho = reply.text("echo") === (await digest(utf8(presented)));
  ensure(isEcho, "not_rapport", "the token reply is to another request");
  const accessToken = reply.text("access_token");
  ensure(BEARER.test(accessToken), "not_rapport", "the access token is not one");
  const scope = reply.textOrNull("scope");
  return {
    accessToken,
    refreshToken: reply.textOrNull("refresh_token"),
    expiresIn: reply.integer("expires_in"),
    // A missing scope is the one that was asked for (RFC 6749 section 5.1).
    mayAnswer: scope === null || scope.split(" ").includes("member"),
  };
}

/**
 * The organization and the person of an access token, which the service vouches for.
 */
function readClaims(accessToken) {
  const payload = decode(accessToken.split(".")[1]);
  ensure(payload, "not_rapport", "the access token is no JWT");
  const claims = readJson(payload, "not_rapport", "the access token");
  return { organization: claims.text("org"), subject: claims.text("sub") };
}

/** A problem that no code causes comes from a service of another version. */
function toCodeError(error) {
  const isOfCode = CODE_PROBLEMS.includes(error.code);
  if (isOfCode || !error.problem || !OTHER_VERSION.includes(error.status)) return error;
  return new PhoneError("server_newer", error.detail, { status: error.status });
}
