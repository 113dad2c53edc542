// A wave's public documents: stored, or fetched without credentials, and always
// checked.

import { parseBallotKey } from "./ballot.js";
import { digest, text, utf8 } from "./bytes.js";
import { compareWithSeen, parseCharter } from "./charter.js";
import { parseInstrument } from "./instrument.js";
import { BALLOT_BOX, readReply } from "./transport.js";

const MIN_SECONDS_TO_SECOND_LOOK = 60 * 60;
const MAX_SECONDS_TO_SECOND_LOOK = 24 * 60 * 60; // chance decides, within these bounds

const MAX_CHECKED = 50; // charters that are not checked again while the page lives

const charterPath = (waveId) => `/v1/waves/${encodeURIComponent(waveId)}/charter`;
const instrumentPath = (named) => `/v1/instruments/${encodeURIComponent(named)}`;
const keyPath = (kid) => `/v1/keys/${encodeURIComponent(kid)}`;

/** Charters, instruments and ballot keys; none is used or stored unchecked. */
export class Documents {
  #database;
  #transport;
  #clock;
  #random;
  #checked = new Map();

  /**
   * @param {object} given
   * @param {import("./database.js").Database} given.database
   * @param {import("./transport.js").Transport} given.transport
   * @param {import("./device_clock.js").DeviceClock} given.clock
   * @param {() => number} given.random uniform in [0, 1)
   */
  constructor({ database, transport, clock, random }) {
    [this.#database, this.#transport] = [database, transport];
    [this.#clock, this.#random] = [clock, random];
  }

  /** A wave's charter, if it has the digest that the poll book named. */
  charter(waveId, named) {
    return this.#getOrFetch(
      charterPath(waveId),
      (body) => parseCharter(body, named, waveId),
      (stored) => this.#parseOnce(stored, named, waveId),
    );
  }

  /** Checks a stored charter; the same text under the same digest is checked once. */
  async #parseOnce(stored, named, waveId) {
    const before = this.#checked.get(named);
    if (before?.stored === stored && before.charter.waveId === waveId) {
      return before.charter;
    }
    const charter = await parseCharter(utf8(stored), named, waveId);
    if (this.#checked.size >= MAX_CHECKED) {
      this.#checked.delete(this.#checked.keys().next().value);
    }
    this.#checked.set(named, { stored, charter });
    return charter;
  }

  /** The same if it is stored and passes its checks, else null. */
  async storedCharter(waveId, named) {
    const stored = await this.#database.get(["document", charterPath(waveId)]);
    if (stored === undefined) return null;
    return this.#parseOnce(stored, named, waveId).catch(() => null);
  }

  /**
   * The charter of a wave that is to be drawn for, or answered.
   *
   * Refused also if it has the sealing key of another wave, or if the wave had another
   * charter before, or at the second look.
   */
  async acceptedCharter(waveId, named) {
    const charter = await this.charter(waveId, named);
    const { waveId: id } = charter;
    const span = MAX_SECONDS_TO_SECOND_LOOK - MIN_SECONDS_TO_SECOND_LOOK;
    const wait = MIN_SECONDS_TO_SECOND_LOOK + this.#random() * span;
    const lookAgainAt = (await this.#clock.now()) + wait;
    const compare = async (rows) =>
      compareWithSeen(charter, await rows.all("seen"), lookAgainAt);
    if (await this.#database.read(compare)) {
      await this.#database.write(async (rows) => {
        const record = await compare(rows);
        if (record) await rows.put(["seen", id], record);
      });
    }
    return charter;
  }

  /** What this device remembers of a wave's charter. */
  seen(waveId) {
    return this.#database.get(["seen", waveId]);
  }

  /**
   * Fetches the charters again that are due; what could not be fetched stays due.
   *
   * A service that wants to tell a person apart knows who asks when the list of pulses
   * was fetched a moment ago. Hours later, and before anything is sent, it does not.
   * Only a charter of the same wave is another charter: whatever else replies has
   * nothing to say about it.
   */
  async lookAgain() {
    const now = await this.#clock.now();
    for (const seen of await this.#database.all("seen")) {
      if (seen.lookAgainAt === null || now < seen.lookAgainAt) continue;
      let found;
      try {
        const body = await this.#fetch(charterPath(seen.waveId));
        found = await digest(body);
        if (found !== seen.digest) await parseCharter(body, found, seen.waveId);
      } catch (error) {
        if (error.code?.startsWith("storage_")) throw error;
        if (["no_connection", "timed_out", "retry_later"].includes(error.code)) return;
        continue;
      }
      const record = { ...seen, lookAgainAt: null, changed: found !== seen.digest };
      await this.#database.write((rows) => rows.put(["seen", seen.waveId], record));
    }
  }

  /**
   * Erases the documents of retired waves, but none that a kept wave names, too.
   *
   * @param {import("./charter.js").SeenCharter[]} retired
   * @param {import("./charter.js").SeenCharter[]} kept
   */
  async erase(retired, kept) {
    if (!retired.length) return;
    const over = await this.#pathsOf(retired);
    for (const path of await this.#pathsOf(kept)) over.delete(path);
    await this.#database.write(async (rows) => {
      for (const path of over) await rows.remove(["document", path]);
    });
  }

  async #pathsOf(seen) {
    const paths = new Set();
    for (const { waveId, digest: named } of seen) {
      paths.add(charterPath(waveId));
      const charter = await this.storedCharter(waveId, named);
      if (!charter) continue;
      paths.add(instrumentPath(charter.instrumentDigest));
      for (const kid of charter.pools.keys()) paths.add(keyPath(kid));
    }
    return paths;
  }

  /** The instrument of a charter. */
  instrument(named) {
    return this.#getOrFetch(instrumentPath(named), (body) =>
      parseInstrument(body, named),
    );
  }

  /** The ballot key that a charter lists. */
  key(kid) {
    return this.#getOrFetch(keyPath(kid), (body) => parseBallotKey(body, kid));
  }

  async #getOrFetch(path, check, checkStored = (stored) => check(utf8(stored))) {
    const stored = await this.#database.get(["document", path]);
    if (stored !== undefined) return checkStored(stored);
    const body = await this.#fetch(path);
    const checked = await check(body);
    await this.#database.write((rows) => rows.put(["document", path], text(body)));
    return checked;
  }

  async #fetch(path) {
    return readReply(await this.#transport.send(BALLOT_BOX, path));
  }
}
