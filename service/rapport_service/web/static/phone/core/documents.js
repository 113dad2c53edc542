// A wave's public documents: stored, or fetched without credentials, and always
// checked.

import { parseBallotKey } from "./ballot.js";
import { digest, text, utf8 } from "./bytes.js";
import { compareWithSeen, parseCharter } from "./charter.js";
import { parseInstrument } from "./instrument.js";
import { BALLOT_BOX, readReply } from "./transport.js";

const MIN_SECONDS_TO_SECOND_LOOK = 60 * 60;
const MAX_SECONDS_TO_SECOND_LOOK = 24 * 60 * 60; // chance decides, within these bounds

const charterPath = (waveId) => `/v1/waves/${encodeURIComponent(waveId)}/charter`;

/** Charters, instruments and ballot keys; none is used or stored unchecked. */
export class Documents {
  #database;
  #transport;
  #clock;
  #random;

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
    return this.#getOrFetch(charterPath(waveId), (body) =>
      parseCharter(body, named, waveId),
    );
  }

  /** The same if it is stored and passes its checks, else null. */
  async storedCharter(waveId, named) {
    const stored = await this.#database.get(["document", charterPath(waveId)]);
    if (stored === undefined) return null;
    return parseCharter(utf8(stored), named, waveId).catch(() => null);
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

  /** The instrument of a charter. */
  instrument(named) {
    const path = `/v1/instruments/${encodeURIComponent(named)}`;
    return this.#getOrFetch(path, (body) => parseInstrument(body, named));
  }

  /** The ballot key that a charter lists. */
  key(kid) {
    const path = `/v1/keys/${encodeURIComponent(kid)}`;
    return this.#getOrFetch(path, (body) => parseBallotKey(body, kid));
  }

  async #getOrFetch(path, check) {
    const stored = await this.#database.get(["document", path]);
    if (stored !== undefined) return check(utf8(stored));
    const body = await this.#fetch(path);
    const checked = await check(body);
    await this.#database.write((rows) => rows.put(["document", path], text(body)));
    return checked;
  }

  async #fetch(path) {
    return readReply(await this.#transport.send(BALLOT_BOX, path));
  }
}
