// The phone as its screens use it: enrol, sync, answer, send, withdraw, read results.

import { fingerprint, keyFor } from "./charter.js";
import { digest, utf8 } from "./bytes.js";
import { Database } from "./database.js";
import { DeviceClock, systemClock } from "./device_clock.js";
import { Documents } from "./documents.js";
import { envelopeInfo, makeBlankEnvelope, makeEnvelope } from "./envelope.js";
import { ensure } from "./errors.js";
import { chooseForm, itemsOf, writePlaintext } from "./instrument.js";
import * as outbox from "./outbox.js";
import { fillPlainLanguage, listPromises, listTeams } from "./plain_language.js";
import { eraseAccount, PollBook, readList } from "./poll_book.js";
import { readScore } from "./score.js";
import { Synchronizer } from "./sync.js";
import { Transport } from "./transport.js";

const CHANNEL = "rapport";
const NOTIFY_MILLISECONDS = 50; // many writes, one notice

const WITHDRAWABLE = ["waiting", "received", "rejected"];

const randomFraction = () =>
  globalThis.crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;
const toDate = (seconds) => new Date(seconds * 1000);

/**
 * Opens the phone of this origin. Everything can be replaced, for tests and other
 * hosts.
 *
 * @param {object} [given]
 * @param {typeof fetch} [given.fetch]
 * @param {IDBFactory} [given.indexedDB]
 * @param {LockManager} [given.locks]
 * @param {import("./device_clock.js").Clock} [given.clock]
 * @param {() => number} [given.now] milliseconds since the epoch; the clock's if
 *     missing
 * @param {string} [given.origin] of the service; the page's own
 * @param {StorageManager} [given.storage]
 * @param {() => number} [given.random] uniform in [0, 1); for waits alone
 * @param {(n: number, language: string) => string} [given.moreTeams] says how many
 *     teams a promise does not name; digits alone if missing
 * @returns {Promise<Phone>}
 */
export async function openPhone(given = {}) {
  ensure(globalThis.crypto?.subtle, "insecure_page");
  const phone = new Phone(given);
  await phone.reload();
  return phone;
}

/** The phone; every method may throw a `PhoneError`. */
export class Phone {
  #database;
  #clock;
  #documents;
  #pollBook;
  #synchronizer;
  #storage;
  #moreTeams;
  #account;
  #listeners = new Set();
  #channel;
  #timer = null;

  /** @param {Parameters<typeof openPhone>[0]} given */
  constructor({
    fetch = (...request) => globalThis.fetch(...request),
    indexedDB = ownIndexedDB(),
    locks = globalThis.navigator?.locks,
    storage = globalThis.navigator?.storage,
    origin = globalThis.location?.origin,
    clock: source = systemClock(),
    now,
    random = randomFraction,
    moreTeams,
    name,
  }) {
    const database = new Database({ indexedDB, locks, name });
    const wall = now ? () => now() / 1000 : source.wall;
    const clock = new DeviceClock({ ...source, wall }, database);
    const transport = new Transport({ fetch, origin, clock, database });
    const documents = new Documents({ database, transport, clock, random });
    const pollBook = new PollBook({ database, transport, clock });
    const parts = { database, clock, transport, documents, pollBook, locks, random };
    this.#synchronizer = new Synchronizer(parts);
    [this.#database, this.#clock, this.#documents] = [database, clock, documents];
    [this.#pollBook, this.#storage] = [pollBook, storage];
    this.#moreTeams = moreTeams;
    database.onWrite = () => this.#notify(true);
  }

  /** Reads again who is enrolled. */
  async reload() {
    this.#account = await this.#pollBook.account();
  }

  // Who.

  /** Whether a person is enrolled. */
  isEnrolled() {
    return this.#account !== undefined;
  }

  /**
   * Who is enrolled; never a name.
   *
   * @returns {{organization: string, purpose: "answering"} | null}
   */
  person() {
    const { organization } = this.#account ?? {};
    return organization ? { organization, purpose: "answering" } : null;
  }

  /**
   * Enrols this phone; a call that failed may be repeated with the same code.
   *
   * @param {string} code as it was typed
   * @throws {PhoneError} `code_malformed`, `code_unknown`, `code_used`, `code_expired`,
   *     `code_for_reading` (with `device`, for the page of results), `no_connection`,
   *     `timed_out`, `not_rapport`, `server_newer`, `storage_refused`, `storage_full`,
   *     `storage_lost`, `retry_later`
   */
  async enrol(code) {
    await this.#enrol(code, false);
  }

  /**
   * Enrols to answer within this visit: draws for open pulses alone, none ahead.
   *
   * For a browser that forgets what it stores: a ballot that is lost is not issued
   * again. What waits of somebody else is not sent beside it.
   *
   * @param {string} code as it was typed
   * @returns {Promise<Awaited<ReturnType<Phone["pulses"]>>>}
   * @throws {PhoneError} as `enrol`; the first problem of the draw, if it left nothing
   *     to answer: the call may be repeated
   */
  async answerNow(code) {
    await this.#enrol(code, true);
    const { problems } = await this.sync({ draw: true });
    const pulses = await this.pulses();
    const isOfUse = pulses.some(({ canAnswer }) => canAnswer) || !problems.length;
    ensure(isOfUse, problems[0], "no ballot could be drawn within this visit");
    return pulses;
  }

  async #enrol(code, isVisit) {
    await this.#pollBook.enrol(code, isVisit);
    await this.reload();
  }

  /**
   * Ends the enrolment here: tokens, drafts and results go, and the next person sees
   * nothing of this one. Sealed answers stay, and are sent.
   */
  async leave() {
    await this.#database.write(eraseAccount);
    await this.reload();
  }

  // Sync.

  /**
   * Sends what waits, then draws ballots; one sync at a time over all tabs.
   *
   * Without options only what is due is done, and minutes pass between the two doors.
   *
   * @param {object} [asked]
   * @param {boolean} [asked.send] the person pressed Send: send now
   * @param {boolean} [asked.draw] the person enrolled, or asks for news: draw now, and
   *     send nothing beside it
   * @returns {Promise<{sent: number, drawn: number, problems: string[], nextAt: Date}>}
   */
  async sync({ send = false, draw = false } = {}) {
    return this.#synchronizer.run({ send, draw });
  }

  /** Notes that a connection came back, so that the next sync tries early. */
  connected() {
    this.#synchronizer.connected();
  }

  /** Whether anything waits to be sent, also of a person who has left this phone. */
  async hasUnsent() {
    const items = await this.#database.all("item");
    return items.some(({ state }) => state === "queued");
  }

  // Pulses.

  /**
   * The pulses of the person, the one that opens first at the front.
   *
   * @returns {Promise<object[]>} `waveId`, `team: {name, pool, teams}`, `opensAt`,
   *     `closesAt`, `sealsAt`, `state` (`announced`, `open`, `closed`, `cancelled`),
   *     `canAnswer`, `reason` why not, `item` as of `items`, `fingerprint`,
   *     `plainLanguage` by language, `keySeenTwice`, `hasDraft`
   */
  async pulses() {
    const person = this.#account?.person;
    if (!person) return [];
    const [ballots, draws, refusals, drafts, items, now] = await Promise.all([
      this.#database.all("ballot", person),
      this.#database.all("draw", person),
      this.#database.all("refusal", person),
      this.#database.all("draft", person),
      this.items(),
      this.#clock.now(),
    ]);
    const waves = new Map();
    for (const each of draws)
      waves.set(each.waveId, { ...each, reason: "no_ballot_yet" });
    for (const each of refusals) waves.set(each.waveId, each);
    for (const each of ballots) waves.set(each.waveId, { ...each, reason: null });
    const pulses = [];
    for (const wave of waves.values()) {
      const { waveId, charterDigest, votingTeamId } = wave;
      const charter = await this.#documents.storedCharter(waveId, charterDigest);
      const seen = await this.#documents.seen(waveId);
      if (!charter || charter.retiresAt <= now || !hasKey(charter, votingTeamId))
        continue;
      const item = items.find((each) => each.waveId === waveId) ?? null;
      const reason = findReason(wave, charter, seen, item, now);
      pulses.push({
        waveId,
        team: {
          name: charter.groups.get(votingTeamId).name,
          pool: charter.pools.get(keyFor(charter, votingTeamId)),
          teams: listTeams(charter, votingTeamId),
        },
        opensAt: toDate(charter.opensAt),
        closesAt: toDate(charter.closesAt),
        sealsAt: toDate(charter.sealsAt),
        state: stateOf(wave, charter, now),
        canAnswer: reason === null,
        reason,
        item,
        fingerprint: fingerprint(charter.digest),
        plainLanguage: fillPlainLanguage(charter, votingTeamId, this.#moreTeams),
        keySeenTwice: seen?.lookAgainAt === null && !seen.changed,
        hasDraft: drafts.some((draft) => draft.waveId === waveId),
      });
    }
    return pulses.sort((a, b) => a.opensAt - b.opensAt);
  }

  /** When the next pulse opens that this phone has a ballot for. */
  async nextOpensAt() {
    const upcoming = (await this.pulses()).find(
      ({ state, reason }) => state === "announced" && reason === "not_open_yet",
    );
    return upcoming?.opensAt ?? null;
  }

  /**
   * Whether everything is here that the service last listed for the person: a ballot, or
   * why there is none. False until the first list has come.
   */
  async hasFetched() {
    const { person, isVisit } = this.#account ?? {};
    const list = person && (await this.#database.get(["list", person]));
    if (!list) return false;
    const kinds = ["ballot", "refusal"].map((kind) =>
      this.#database.all(kind, person));
    const here = new Set((await Promise.all(kinds)).flat().map(({ waveId }) => waveId));
    return readList(utf8(list.body)).drawable.every(
      ({ waveId, isOpen }) => here.has(waveId) || (isVisit && !isOpen),
    );
  }

  /** When the service last gave a reply that passed its checks. */
  async lastContactAt() {
    const at = await this.#database.get(["contact"]);
    return at === undefined ? null : toDate(at);
  }

  /**
   * When it is now by the service, if the date of this phone cannot be right.
   *
   * @returns {Promise<{earliest: Date, latest: Date | null} | null>}
   */
  async dateContradiction() {
    const window = await this.#clock.contradiction();
    if (!window) return null;
    const latest = window.latest === Infinity ? null : toDate(window.latest);
    return { earliest: toDate(window.earliest), latest };
  }

  // Promises.

  /**
   * Whether the person has read what the charter of a pulse promises: the same words
   * about the same group, in this wave or an earlier one.
   *
   * @param {string} waveId
   * @returns {Promise<boolean>}
   */
  async promisesRead(waveId) {
    const person = this.#account?.person;
    const read = person ? await this.#promisesDigest(person, waveId) : null;
    return read !== null && (await this.#database.all("promises", person)).includes(read);
  }

  /** Notes that the person has read what the charter of a pulse promises. */
  async notePromisesRead(waveId) {
    const { person } = this.#require();
    const read = await this.#promisesDigest(person, waveId);
    ensure(read, "no_ballot_yet");
    await this.#pollBook.write(person, (rows) =>
      rows.put(["promises", person, waveId], read),
    );
  }

  async #promisesDigest(person, waveId) {
    const ballot = await this.#database.get(["ballot", person, waveId]);
    if (!ballot) return null;
    const { charterDigest, votingTeamId } = ballot;
    const charter = await this.#documents.storedCharter(waveId, charterDigest);
    if (!charter) return null;
    return digest(utf8(JSON.stringify(listPromises(charter, votingTeamId))));
  }

  // Answering.

  /**
   * The questions of a pulse that can be answered now. Showing them for the first time
   * draws their form, uniformly at random; the form stays.
   *
   * @param {string} waveId
   */
  async questions(waveId) {
    const { ballot, charter } = await this.#openWave(waveId);
    const instrument = await this.#documents.instrument(charter.instrumentDigest);
    const form = await this.#form(ballot, instrument);
    const list = (options) => [...options].map(([value, text]) => ({ value, text }));
    const { context } = instrument;
    return {
      form,
      leadIn: instrument.leadIn,
      items: itemsOf(instrument, form).map((id) => ({
        id,
        text: instrument.items.get(id),
      })),
      options: list(instrument.scale),
      notApplicable: instrument.na,
      skip: instrument.skip,
      context: { id: context.id, text: context.text, options: list(context.options) },
    };
  }

  async #form(ballot, instrument) {
    if (ballot.form !== null) return ballot.form;
    const fresh = chooseForm(instrument);
    const { person } = this.#require();
    const key = ["ballot", person, ballot.waveId];
    return this.#pollBook.write(person, async (rows) => {
      const stored = await rows.get(key);
      if (stored.form === null) await rows.put(key, { ...stored, form: fresh });
      return stored.form ?? fresh;
    });
  }

  /**
   * Keeps what was answered so far, readable, until `send` seals it.
   *
   * @param {string} waveId
   * @param {{answers: object, context: string | null, position: number}} draft
   * @throws {PhoneError} `already_answered`: another tab has sealed an answer
   */
  async saveDraft(waveId, { answers, context, position }) {
    const { person } = this.#require();
    await this.#pollBook.write(person, async (rows) => {
      const sealed = await rows.get(["item", person, waveId, "submit"]);
      ensure(!sealed, "already_answered");
      await rows.put(["draft", person, waveId], { waveId, answers, context, position });
    });
  }

  /** The draft of a pulse; null where there is none. */
  async draft(waveId) {
    const { person } = this.#require();
    const stored = await this.#database.get(["draft", person, waveId]);
    if (!stored) return null;
    const { answers, context, position } = stored;
    return { answers, context, position };
  }

  /**
   * Seals the draft in an envelope, which is on disk when this returns.
   *
   * Nobody can open it before the seal, this phone neither: the draft is erased with
   * the form in the same transaction. Then sync by hand.
   *
   * @param {string} waveId
   * @throws {PhoneError} a reason of `pulses`, `answers_invalid`,
   *     `envelope_trial_failed` (nothing was kept or sent), or one of the storage
   */
  async send(waveId) {
    const { person, ballot, charter } = await this.#openWave(waveId);
    const draft = await this.draft(waveId);
    const isShown = draft && ballot.form !== null;
    ensure(isShown, "answers_invalid", "there are no answers to these questions");
    const instrument = await this.#documents.instrument(charter.instrumentDigest);
    const { answers, context } = draft;
    const plaintext = writePlaintext(instrument, ballot.form, answers, context ?? null);
    const item = await this.#freeze("submit", person, ballot, charter, (hash) =>
      makeEnvelope(
        charter.sealingKey.jwk,
        plaintext,
        envelopeInfo(ballot.kid, hash, charter.digest),
      ),
    );
    await this.#pollBook.write(person, async (rows) => {
      await outbox.insert(rows, item);
      await rows.remove(["draft", person, waveId]);
      const stored = await rows.get(["ballot", person, waveId]);
      await rows.put(["ballot", person, waveId], { ...stored, form: null });
    });
  }

  /**
   * Withdraws an answer, until the seal. The withdrawal is on disk when this returns.
   *
   * @param {string} waveId
   */
  async withdraw(waveId) {
    const { person } = this.#require();
    const [ballot, answer] = await Promise.all([
      this.#database.get(["ballot", person, waveId]),
      this.#database.get(["item", person, waveId, "submit"]),
    ]);
    const isAnswered = ballot && answer;
    ensure(isAnswered, "nothing_to_withdraw");
    const charter = await this.#documents.charter(waveId, ballot.charterDigest);
    const item = await this.#freeze(
      "withdraw",
      person,
      ballot,
      charter,
      makeBlankEnvelope,
    );
    await this.#pollBook.write(person, (rows) => outbox.insert(rows, item));
  }

  async #freeze(op, person, ballot, charter, seal) {
    const envelope = await seal(await outbox.hashOf(ballot));
    const at = await this.#clock.now();
    return outbox.freeze(op, person, ballot, charter, envelope, at);
  }

  /** Queues again what was refused for good, because the person asks for it. */
  async offerAgain(waveId) {
    const { person } = this.#require();
    await this.#pollBook.write(person, async (rows) => {
      const item = outbox.offerAgain(await rows.all("item", person), waveId);
      ensure(item, "nothing_to_offer");
      await rows.put(outbox.itemKey(item), item);
    });
  }

  /**
   * What became of every answer of the person.
   *
   * @returns {Promise<object[]>} `waveId`, `state` (`waiting`, `received`,
   *     `withdrawing`, `withdrawn`, `final`, `rejected`), `reason`, `waitingBecause`
   *     the last problem, `savedAt`, `sealsAt`, `canWithdraw`, `canOfferAgain`
   */
  async items() {
    const person = this.#account?.person;
    if (!person) return [];
    const [items, trouble, now] = await Promise.all([
      this.#database.all("item", person),
      this.#database.get(["trouble"]),
      this.#clock.now(),
    ]);
    const described = [];
    for (const answer of items.filter(({ op }) => op === "submit")) {
      const { waveId } = answer;
      const isTaken = (item) => item.op === "withdraw" && item.waveId === waveId;
      const withdrawal = items.find(isTaken);
      const { state, op, reason } = outbox.describe(answer, withdrawal);
      const isUnderWay = state === "waiting" || state === "withdrawing";
      const sealsAt = await this.#sealsAt(person, waveId);
      const isBeforeSeal = sealsAt === null || now < sealsAt;
      described.push({
        waveId,
        state,
        op,
        reason,
        waitingBecause: isUnderWay ? (trouble ?? null) : null,
        savedAt: toDate(answer.at),
        sealsAt: sealsAt === null ? null : toDate(sealsAt),
        canWithdraw: !withdrawal && isBeforeSeal && WITHDRAWABLE.includes(state),
        canOfferAgain: outbox.offerAgain(items, waveId) !== undefined,
      });
    }
    return described;
  }

  async #sealsAt(person, waveId) {
    const ballot = await this.#database.get(["ballot", person, waveId]);
    if (!ballot) return null;
    const charter = await this.#documents.storedCharter(waveId, ballot.charterDigest);
    return charter?.sealsAt ?? null;
  }

  async #openWave(waveId) {
    const { person } = this.#require();
    const ballot = await this.#database.get(["ballot", person, waveId]);
    const refusal = await this.#database.get(["refusal", person, waveId]);
    ensure(ballot, refusal?.reason ?? "no_ballot_yet");
    const charter = await this.#documents.acceptedCharter(waveId, ballot.charterDigest);
    const items = await this.items();
    const item = items.find((each) => each.waveId === waveId) ?? null;
    const seen = await this.#documents.seen(waveId);
    const now = await this.#clock.now();
    const reason = findReason({ ...ballot, reason: null }, charter, seen, item, now);
    ensure(reason === null, reason);
    return { person, ballot, charter };
  }

  #require() {
    ensure(this.#account, "not_enrolled");
    return this.#account;
  }

  // Results and storage.

  /**
   * The scores that the person may read, as served, the newest first.
   *
   * @returns {Promise<{waveId: string, document: object}[]>}
   */
  async results() {
    const person = this.#account?.person;
    const stored = person ? await this.#database.all("result", person) : [];
    return stored
      .flatMap(readStored)
      .sort((a, b) => (a.document.closes_at < b.document.closes_at ? 1 : -1));
  }

  /** Whether the browser promised to keep what is stored, and whether it was asked. */
  async persistence() {
    const isPersisted = (await this.#storage?.persisted?.()) ?? false;
    return { isPersisted, isAsked: (await this.#database.get(["persist"])) === true };
  }

  /** Asks the browser to keep what is stored; it may say no without asking anybody. */
  async askPersistence() {
    const isPersisted = (await this.#storage?.persist?.()) ?? false;
    await this.#database.write((rows) => rows.put(["persist"], true));
    return isPersisted;
  }

  /**
   * Calls a listener when anything changed, also in another tab.
   *
   * @param {() => void} listener
   * @returns {() => void} ends it
   */
  subscribe(listener) {
    this.#listeners.add(listener);
    if (!this.#channel && globalThis.BroadcastChannel) {
      this.#channel = new BroadcastChannel(CHANNEL);
      this.#channel.onmessage = () => this.#notify(false);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size) return;
      this.#channel?.close();
      this.#channel = undefined;
    };
  }

  #notify(isOwn) {
    if (isOwn) this.#announce();
    if (!this.#listeners.size) return;
    this.#timer ??= setTimeout(async () => {
      this.#timer = null;
      await this.reload().catch(() => {});
      for (const listener of this.#listeners) listener();
    }, NOTIFY_MILLISECONDS);
  }

  #announce() {
    if (!globalThis.BroadcastChannel) return;
    const channel = this.#channel ?? new BroadcastChannel(CHANNEL);
    channel.postMessage("changed");
    if (channel !== this.#channel) channel.close();
  }
}

/** That of the browser; none where it forbids even to look. */
function ownIndexedDB() {
  try {
    return globalThis.indexedDB;
  } catch {
    return undefined;
  }
}

/** A stored score; none where an earlier app kept one that cannot be shown. */
function readStored(body) {
  try {
    const { waveId, document } = readScore(body);
    return [{ waveId, document }];
  } catch {
    return [];
  }
}

function hasKey(charter, teamId) {
  try {
    return Boolean(keyFor(charter, teamId));
  } catch {
    return false;
  }
}

function stateOf({ cancelled }, { opensAt, closesAt }, now) {
  if (cancelled != null) return "cancelled";
  if (now < opensAt) return "announced";
  return now < closesAt ? "open" : "closed";
}

const ITEM_REASONS = {
  waiting: "already_answered",
  received: "already_answered",
  final: "already_answered",
  withdrawing: "withdrawn",
  withdrawn: "withdrawn",
  rejected: "answer_refused",
};

/** Why a pulse cannot be answered now; null if it can. */
function findReason(wave, charter, seen, item, now) {
  if (item) return ITEM_REASONS[item.state];
  if (wave.cancelled != null) return "cancelled";
  if (seen && (seen.changed || seen.digest !== charter.digest))
    return "charter_refused";
  if (wave.reason !== null) return wave.reason;
  const state = stateOf(wave, charter, now);
  if (state === "announced") return "not_open_yet";
  return state === "closed" ? "closed" : null;
}
