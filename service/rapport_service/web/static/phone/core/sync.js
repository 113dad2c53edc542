// Sync: sends what waits, then draws a ballot for every pulse that is announced.

import { finish, mint } from "./ballot.js";
import { keyFor } from "./charter.js";
import { buildWindow } from "./device_clock.js";
import { ensure, PhoneError } from "./errors.js";
import { withLock } from "./locks.js";
import * as outbox from "./outbox.js";
import * as pacing from "./pacing.js";
import { MAX_DRAWS } from "./poll_book.js";
import { BALLOT_BOX, jsonBody, POLL_BOOK } from "./transport.js";

const DRAW_INTERVAL = 60 * 60; // seconds between two draws by itself, on average
const MIN_DOOR_GAP = 2 * 60; // seconds between the two doors, unless the person asks
const POLL_INTERVAL = 10;
const LOCK_MILLISECONDS = 60_000; // for a tab that syncs; one that hangs must not block
const ITEM_FAILURES = ["server_error", "too_large_on_the_way", "timed_out"];
const REFUSALS = [
  "charter_refused",
  "key_refused",
  "instrument_refused",
  "server_newer",
];
const CHARTER_CHANGED = "charter_changed";
const REVOKED = "device_revoked";
const ENROLMENT_ENDED = ["grant_invalid", REVOKED];

/**
 * The two halves of a sync. All tabs share one lock, so one of them syncs at a time.
 *
 * A request to the poll book shows who is here. So minutes pass between it and a
 * submission, in either order, and chance decides how many. Only a person who presses
 * Send shortens that, for the submission; who asks for news asks for a draw alone.
 */
export class Synchronizer {
  #database;
  #clock;
  #transport;
  #pollBook;
  #documents;
  #locks;
  #random;
  #pace = pacing.FIRST_PACE;
  #drawPace = pacing.FIRST_PACE;
  #nextDrawAt = -Infinity;
  #restingUntil = new Map();
  #gaps;

  /**
   * @param {object} given
   * @param {import("./database.js").Database} given.database
   * @param {import("./device_clock.js").DeviceClock} given.clock
   * @param {import("./transport.js").Transport} given.transport
   * @param {import("./poll_book.js").PollBook} given.pollBook
   * @param {import("./documents.js").Documents} given.documents
   * @param {LockManager} [given.locks]
   * @param {() => number} given.random uniform in [0, 1)
   */
  constructor({ database, clock, transport, pollBook, documents, locks, random }) {
    [this.#database, this.#clock, this.#transport] = [database, clock, transport];
    [this.#pollBook, this.#documents] = [pollBook, documents];
    [this.#locks, this.#random] = [locks, random];
    this.#drawGaps();
  }

  /**
   * Syncs once: the halves that the person asks for, or else what is due by itself.
   *
   * A half that is asked for waits for a sync that runs.
   *
   * @param {{send: boolean, draw: boolean}} asked
   * @returns {Promise<{sent: number, drawn: number, problems: string[], nextAt: Date}>}
   */
  run(asked) {
    const work = async (isHeld) => {
      const report = { sent: 0, drawn: 0, problems: new Set(), failures: 0 };
      let seconds = POLL_INTERVAL;
      if (!isHeld) report.problems.add("sync_running");
      else await this.#collect(report, () => this.#sync(report, asked));
      await this.#collect(report, async () => {
        seconds = await this.#secondsToWait();
      });
      const { sent, drawn, problems } = report;
      const nextAt = new Date((this.#clock.source.wall() + seconds) * 1000);
      return { sent, drawn, problems: [...problems], nextAt };
    };
    return withLock(
      this.#locks,
      `${this.#database.name}-sync`,
      work,
      asked.send || asked.draw ? LOCK_MILLISECONDS : 0,
    );
  }

  /** Notes that a connection came back: the next sync tries early, every 30 s. */
  connected() {
    this.#pace = pacing.connected(this.#pace, this.#now());
    this.#drawPace = pacing.connected(this.#drawPace, this.#now());
  }

  async #sync(report, { send, draw }) {
    // Whoever asks for a draw alone has shown who is here: nothing is sent beside it.
    if (send || (!draw && (await this.#isSendDue()))) {
      await this.#documents.lookAgain();
      await this.#drain(report, send);
    }
    if (draw || this.#now() >= (await this.#drawDue())) {
      await this.#documents.lookAgain();
      await this.#drawAll(report);
    }
  }

  // The first half: sending.

  async #isSendDue() {
    if (this.#now() < this.#pace.notBefore) return false;
    if ((await this.#sendGapLeft()) > 0) return false;
    return outbox.nextItem(await this.#database.all("item")) !== undefined;
  }

  /** Sends until no item is ready, or connection, server or storage fail. */
  async #drain(report, ignoreBackoff) {
    if (ignoreBackoff) this.#restingUntil.clear();
    while (ignoreBackoff || this.#now() >= this.#pace.notBefore) {
      const items = await this.#database.all("item");
      const isResting = ({ seq }) => this.#restingUntil.get(seq) > this.#now();
      const item = outbox.nextItem(items, isResting);
      if (!item || !(await this.#sendOne(item, report))) return;
    }
  }

  /** Sends one item in a request of its own; returns whether to go on. */
  async #sendOne(item, report) {
    if (item.op === "submit" && (await this.#documents.seen(item.waveId))?.changed) {
      await this.#close(item, "dead", { status: null, reason: CHARTER_CHANGED });
      await this.#note(item, report, CHARTER_CHANGED);
      return true;
    }
    const request = outbox.buildRequest(item);
    try {
      const path = "/v1/submissions";
      const reply = await this.#transport.send(BALLOT_BOX, path, jsonBody(request));
      const result = outbox.readResult(reply, item, request.batch);
      await this.#clock.observe(reply.date);
      const state = result.status === "rejected" ? "dead" : "settled";
      await this.#close(item, state, result);
      await this.#note(item, report, state === "dead" ? result.reason : null);
      return this.#applyOutcome(item, "delivered", null, report);
    } catch (error) {
      if (!(error instanceof PhoneError)) throw error;
      if (error.code.startsWith("storage_")) {
        // A result that cannot be stored is asked for again, like a lost reply.
        await this.#step("no_connection");
        throw error;
      }
      return this.#applyOutcome(item, pacing.classify(error), error, report);
    }
  }

  /** Counts a result for the person whose it is; nobody else learns of it. */
  async #note(item, report, problem) {
    if ((await this.#pollBook.account())?.person !== item.person) return;
    if (problem) report.problems.add(problem);
    else report.sent += 1;
  }

  #step(outcome) {
    const jitter = this.#random();
    const [pace, step] = pacing.nextPace(this.#pace, outcome, this.#now(), jitter);
    this.#pace = { ...pace, serverErrors: 0 }; // an item's failures are its own
    return [step, jitter];
  }

  async #applyOutcome(item, outcome, error, report) {
    this.#pace = { ...this.#pace, serverErrors: item.failures };
    const [step, jitter] = this.#step(outcome);
    await this.#setTrouble(error ? error.code : null);
    if (ITEM_FAILURES.includes(outcome)) {
      const failures = item.failures + 1;
      await this.#change((items) => {
        const same = items.find(({ seq }) => seq === item.seq);
        return same ? [outbox.recordFailures(items, same, failures)] : [];
      });
      if (step === "move_to_end" || step === "pause") {
        const rest = pacing.computeBackoff(failures, jitter);
        this.#restingUntil.set(item.seq, this.#now() + rest);
      }
    }
    if (step === "mark_dead") {
      const reason = error.problem ?? error.code;
      await this.#close(item, "dead", { status: null, reason });
      await this.#note(item, report, reason);
    } else if (error) report.problems.add(error.code);
    return step !== "retry" && step !== "pause";
  }

  /** Why items wait, for a screen that is opened later. */
  async #setTrouble(code) {
    if (((await this.#database.get(["trouble"])) ?? null) === code) return;
    await this.#database.write((rows) =>
      code ? rows.put(["trouble"], code) : rows.remove(["trouble"]),
    );
  }

  /** Closes an item, in the transaction that stores its result. */
  async #close(item, state, { status, reason }) {
    const [noted, at] = [await this.#clock.now(), await this.#clock.trustedNow()];
    await this.#database.write(async (rows) => {
      const epoch = (await rows.get(["epoch"])) ?? null;
      const settlement = { status, reason, epoch, noted, at };
      const items = await rows.all("item");
      for (const changed of outbox.closeItem(items, item, state, settlement)) {
        await rows.put(outbox.itemKey(changed), changed);
      }
      if (status) await rows.put(["contact"], noted);
    });
  }

  async #change(change) {
    await this.#database.write(async (rows) => {
      for (const changed of change(await rows.all("item"))) {
        await rows.put(outbox.itemKey(changed), changed);
      }
    });
  }

  // The second half: drawing.

  async #drawAll(report) {
    const before = report.failures;
    await this.#collect(report, async () => {
      const account = await this.#pollBook.account();
      ensure(account, "not_enrolled");
      await this.#draw(account, report);
      if (!account.isVisit) await this.#pollBook.fetchResults(account);
    });
    const [now, jitter] = [this.#now(), this.#random()];
    const outcome = report.failures > before ? "no_connection" : "delivered";
    [this.#drawPace] = pacing.nextPace(this.#drawPace, outcome, now, jitter);
    if (outcome === "delivered") {
      this.#nextDrawAt = now + (0.5 + this.#random()) * DRAW_INTERVAL;
    }
    this.#drawGaps();
    if (await this.#clock.contradiction()) report.problems.add("wrong_date");
    await this.#erase();
  }

  async #draw(account, report) {
    const { list, date } = await this.#pollBook.pull(account);
    const hasCharters = await this.#observeTime(list, date);
    await this.#recordContact(account, list);
    ensure(!list.isRevoked, REVOKED, "this phone may draw no more ballots");
    // Whoever answers within this visit only must not lose a ballot of a later wave.
    const drawable = list.drawable.filter(({ isOpen }) => isOpen || !account.isVisit);
    const draws = [];
    for (const wave of drawable) {
      const prepare = () => this.#prepareDraw(account, wave, list.epoch);
      draws.push(await this.#tryDraw(account, wave, report, prepare));
    }
    if (!hasCharters) await this.#observeTime(list, date); // with those that just came
    draws.push(...(await this.#closedDraws(account, list, report)));
    const committed = draws.filter(Boolean);
    while (committed.length) {
      const part = committed.splice(0, MAX_DRAWS);
      const results = await this.#pollBook.draw(part.map(({ draw }) => draw));
      for (const each of part) {
        await this.#finish(account, each, results.get(each.draw.waveId), report);
      }
    }
  }

  /** Sets the clock by a list and its date; returns whether all charters are here. */
  async #observeTime({ drawable }, date) {
    const listed = [];
    for (const { waveId, charterDigest, isOpen } of drawable) {
      const charter = await this.#documents.storedCharter(waveId, charterDigest);
      if (charter) listed.push({ charter, isOpen });
    }
    await this.#clock.observe(date, buildWindow(listed));
    return listed.length === drawable.length;
  }

  /** Records contact, epoch and cancelled waves; offers items again if it is new. */
  async #recordContact({ person }, { epoch, cancelled }) {
    const now = await this.#clock.now();
    await this.#database.write(async (rows) => {
      await rows.put(["contact"], now);
      await rows.put(["epoch"], epoch);
      for (const item of outbox.reoffer(await rows.all("item"), epoch, now)) {
        await rows.put(outbox.itemKey(item), item);
      }
      for (const { waveId, reason } of cancelled) {
        const key = ["ballot", person, waveId];
        const ballot = await rows.get(key);
        if (ballot && ballot.cancelled === null) {
          await rows.put(key, { ...ballot, cancelled: reason });
        }
      }
    });
  }

  /** Makes a draw; null if that is impossible for this wave, which is recorded. */
  async #tryDraw({ person }, wave, report, make) {
    try {
      return await make();
    } catch (error) {
      const isRefused = REFUSALS.includes(error.code);
      if (!isRefused && !error.problem && error.code !== "not_rapport") throw error;
      report.problems.add(error.code);
      if (isRefused) await this.#recordRefusal(person, wave, error.code);
      else report.failures += 1;
      return null;
    }
  }

  /** Checks a wave's documents and commits a draw; one that is there is used again. */
  async #prepareDraw({ person }, { waveId, charterDigest, votingTeamId }, epoch) {
    const charter = await this.#documents.acceptedCharter(waveId, charterDigest);
    if (await this.#database.get(["ballot", person, waveId])) return null;
    const key = await this.#documents.key(keyFor(charter, votingTeamId));
    await this.#documents.instrument(charter.instrumentDigest);
    const stored = await this.#database.get(["draw", person, waveId]);
    const fresh = stored ?? {
      ...(await mint(key)),
      waveId,
      charterDigest,
      votingTeamId,
      epoch,
    };
    const draw = await this.#database.write(async (rows) => {
      const committed = await rows.get(["draw", person, waveId]);
      if (!committed) await rows.put(["draw", person, waveId], fresh);
      return committed ?? fresh;
    });
    ensure(draw.kid === key.kid, "charter_refused", "the key changed after the draw");
    return { draw, key, isClosed: false };
  }

  /**
   * Draws of closed waves that have no signature: their reply may have been lost.
   *
   * The service repeats a signature until the seal, so the device asks until the
   * service says that there is none.
   */
  async #closedDraws(account, { drawable, cancelled }, report) {
    const listed = new Set([...drawable, ...cancelled].map(({ waveId }) => waveId));
    const draws = [];
    for (const draw of await this.#database.all("draw", account.person)) {
      if (listed.has(draw.waveId)) continue;
      const make = async () => {
        await this.#documents.charter(draw.waveId, draw.charterDigest);
        return { draw, key: await this.#documents.key(draw.kid), isClosed: true };
      };
      draws.push(await this.#tryDraw(account, draw, report, make));
    }
    return draws;
  }

  async #finish({ person }, { draw, key, isClosed }, { status, signature }, report) {
    const keyOf = (kind) => [kind, person, draw.waveId];
    let [ballot, reason] = [null, status];
    if (status === "signed") {
      try {
        ballot = await finish(draw, key, signature);
      } catch (error) {
        reason = error.code;
        report.problems.add(reason);
      }
    }
    if (ballot === null) {
      await this.#recordRefusal(person, draw, reason, isClosed && status !== "signed");
      return;
    }
    const { waveId, votingTeamId, charterDigest, epoch, kid, r } = draw;
    const drawn = { waveId, votingTeamId, charterDigest, epoch, kid, r, ballot };
    await this.#database.write(async (rows) => {
      const stored = await rows.get(keyOf("ballot"));
      const record = stored ?? { ...drawn, form: null, cancelled: null };
      await rows.put(keyOf("ballot"), record);
      // Only salt and factor could prove which blinded value this ballot came from.
      await rows.remove(keyOf("draw"));
      await rows.remove(keyOf("refusal"));
    });
    report.drawn += 1;
  }

  async #recordRefusal(person, { waveId, charterDigest, votingTeamId }, reason, isEnd) {
    const record = { waveId, charterDigest, votingTeamId, reason };
    await this.#database.write(async (rows) => {
      await rows.put(["refusal", person, waveId], record);
      if (isEnd) await rows.remove(["draw", person, waveId]);
    });
  }

  /** Erases what is over, by a time that no jump of the device's clock can make. */
  async #erase() {
    const now = await this.#clock.trustedNow();
    if (now === null) return;
    await this.#change((items) => outbox.eraseSettled(items, now));
    const ballots = await this.#database.all("ballot");
    const closed = new Set();
    for (const { waveId, charterDigest } of ballots) {
      const charter = await this.#documents.storedCharter(waveId, charterDigest);
      if (charter?.closesAt <= now) closed.add(waveId);
    }
    const seen = await this.#database.all("seen");
    const retired = seen.filter(({ retiresAt }) => retiresAt <= now);
    await this.#removeOf("draft", closed);
    // While it is remembered which waves these are.
    await this.#documents.erase(
      retired,
      seen.filter((each) => !retired.includes(each)),
    );
    const kinds = ["ballot", "draw", "refusal", "promises", "seen"];
    for (const kind of kinds) {
      await this.#removeOf(kind, new Set(retired.map(({ waveId }) => waveId)));
    }
  }

  /** Removes the records of some waves, whose keys end with the wave. */
  #removeOf(kind, waves) {
    return this.#database.write(async (rows) => {
      const keys = waves.size ? await rows.keys(kind) : [];
      for (const key of keys.filter((each) => waves.has(each.at(-1)))) {
        await rows.remove(key);
      }
    });
  }

  // When.

  /** Runs a part; its failure is reported, not thrown, and ends that part alone. */
  async #collect(report, work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof PhoneError)) throw error;
      const hasEnded = ENROLMENT_ENDED.includes(error.code);
      report.problems.add(hasEnded ? "revoked" : error.code);
      if (!hasEnded) report.failures += 1;
    }
  }

  #drawGaps() {
    const gap = () => (1 + this.#random()) * MIN_DOOR_GAP;
    this.#gaps = { send: gap(), draw: gap() };
  }

  async #sendGapLeft() {
    return this.#gaps.send - (await this.#transport.secondsSince(POLL_BOOK));
  }

  async #drawDue() {
    const submitted = this.#now() - (await this.#transport.secondsSince(BALLOT_BOX));
    const { notBefore } = this.#drawPace;
    return Math.max(this.#nextDrawAt, notBefore, submitted + this.#gaps.draw);
  }

  async #secondsToWait() {
    const isWaiting = outbox.nextItem(await this.#database.all("item")) !== undefined;
    const [box, book] = [
      await this.#transport.secondsLeft(BALLOT_BOX),
      await this.#transport.secondsLeft(POLL_BOOK),
    ];
    const backoff = this.#pace.notBefore - this.#now();
    const send = isWaiting
      ? Math.max(await this.#sendGapLeft(), backoff, box)
      : Infinity;
    const draw = Math.max((await this.#drawDue()) - this.#now(), book);
    return Math.max(POLL_INTERVAL, Math.min(send, draw));
  }

  #now() {
    return this.#clock.source.monotonic();
  }
}
