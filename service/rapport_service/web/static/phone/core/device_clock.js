// Device clock, corrected by the service's last verified replies.
//
// No time is ever sent to the service. A phone's wall clock may be years off, so the
// time is that of the last verified reply plus what has passed since then. A reply says
// the time by two witnesses: its `Date`, and its list of pulses, because a wave is open
// between two instants of its charter, which everybody sees. A header, which any device
// on the way may set or strip, must not outweigh a clock that the list agrees with.
//
// A page has no clock that counts sleep and survives it. So what has passed is the
// larger of two counts: the monotonic clock's, and the wall clock's.

import { encode, randomBytes } from "./bytes.js";

/** Seconds by which two clocks may differ that are both called right. */
export const TOLERANCE = 60 * 60;

const MAX_SLEEP = 7 * 24 * 60 * 60; // of a page; a longer one is a clock that was set

/**
 * @typedef {object} Clock the clocks of a device, in seconds
 * @property {() => number} wall since the epoch
 * @property {() => number} monotonic never going back
 * @property {string} boot an id of this run of the page
 */

/** @returns {Clock} */
export const systemClock = () => ({
  wall: () => Date.now() / 1000,
  monotonic: () => performance.now() / 1000,
  boot: encode(randomBytes(12)),
});

/** @typedef {{earliest: number, latest: number}} TimeWindow seconds since the epoch */

/** @type {TimeWindow} */
export const ANY_TIME = Object.freeze({ earliest: -Infinity, latest: Infinity });

const contains = ({ earliest, latest }, at) => earliest <= at && at <= latest;
const isAnyTime = ({ earliest, latest }) =>
  earliest === -Infinity && latest === Infinity;

/**
 * The window of a list of waves: when all of its waves can be as they are listed.
 *
 * @param {{charter: import("./charter.js").Charter, isOpen: boolean}[]} listed
 * @returns {TimeWindow} `ANY_TIME` if no wave is listed, or the list contradicts itself
 */
export function buildWindow(listed) {
  const starts = listed.map(({ charter: c, isOpen }) =>
    isOpen ? c.opensAt : c.announcesAt,
  );
  const ends = listed.map(({ charter: c, isOpen }) =>
    isOpen ? c.closesAt : c.opensAt,
  );
  const [earliest, latest] = [Math.max(...starts), Math.min(...ends)];
  return earliest <= latest ? { earliest, latest } : ANY_TIME;
}

/**
 * The evidence that most other evidence supports; a fresh date before any other.
 *
 * The corrected clock does not count for a date, nor against it: both come from
 * headers.
 *
 * @param {TimeWindow} window of the list
 * @param {number | null} date of the reply
 * @param {number | null} corrected the clock as an earlier date corrected it
 * @param {number} wall
 * @returns {"date" | "corrected_clock" | "wall_clock" | "list"}
 */
export function chooseTime(window, date, corrected, wall) {
  // By its own date, a service may close a wave late, which hides no open pulse.
  const byDate = { ...window, latest: window.latest + TOLERANCE };
  const isNearWall = (at) => Math.abs(at - wall) <= TOLERANCE;
  const byHeader = (at) => Number(contains(byDate, at)) + Number(isNearWall(at));
  const support = [
    ["date", date === null ? -1 : byHeader(date)],
    ["corrected_clock", corrected === null ? -1 : byHeader(corrected)],
    ["wall_clock", Number(contains(window, wall))],
  ];
  const best = support.reduce((most, each) => (each[1] > most[1] ? each : most));
  return best[1] > 0 ? best[0] : "list";
}

/** The corrected clock, whose records are in the database. */
export class DeviceClock {
  #database;

  /**
   * @param {Clock} source
   * @param {import("./database.js").Database} database
   */
  constructor(source, database) {
    this.source = source;
    this.#database = database;
  }

  /** This instant on the device's own clocks. */
  mark() {
    const { wall, monotonic, boot } = this.source;
    return { wall: wall(), monotonic: monotonic(), boot };
  }

  /**
   * Seconds since a mark; negative if the wall clock went back and the page is another.
   */
  elapsed(mark) {
    const wall = this.source.wall() - mark.wall;
    if (mark.boot !== this.source.boot) return wall;
    const monotonic = this.#monotonicSince(mark);
    return wall - monotonic > MAX_SLEEP ? monotonic : Math.max(monotonic, wall);
  }

  #monotonicSince(mark) {
    return this.source.monotonic() - mark.monotonic;
  }

  /** The best guess at the time, in seconds since the epoch. */
  async now() {
    return this.#timeBy(await this.#anchor());
  }

  /**
   * The time if it is based on a verified reply to this page, else null.
   *
   * Erasure goes by this time, so that no jump of the wall clock erases anything.
   */
  async trustedNow() {
    const anchor = await this.#anchor();
    const isTrusted = anchor?.isDated && anchor.boot === this.source.boot;
    return isTrusted ? anchor.server + this.#monotonicSince(anchor) : null;
  }

  /**
   * When it is now by the service's list of pulses, if the wall clock differs.
   *
   * @returns {Promise<TimeWindow | null>}
   */
  async contradiction() {
    const window = await this.#listedWindow();
    const { earliest, latest } = window;
    const wide = { earliest: earliest - TOLERANCE, latest: latest + TOLERANCE };
    return contains(wide, this.source.wall()) ? null : window;
  }

  /**
   * Takes the time from a reply that passed its checks.
   *
   * @param {{at: number, sentAt: number, receivedAt: number} | null} date of the reply,
   *     and the monotonic clock when the request was sent and the reply arrived
   * @param {TimeWindow} [given] of the list in it; without one, that of the last list
   */
  async observe(date, given = ANY_TIME) {
    if (isAnyTime(given) && date === null) return;
    let window = isAnyTime(given) ? await this.#listedWindow() : given;
    const [anchor, wall] = [await this.#anchor(), this.source.wall()];
    const server = date && this.#atArrival(date, wall);
    const corrected = anchor?.isDated ? this.#timeBy(anchor) : null;
    const anchorAt = (at, isDated) => ({ server: at, isDated, ...this.mark() });
    const source = chooseTime(window, server, corrected, wall);
    // The service closes or opens a wave late.
    if (source === "date" && !contains(window, server)) window = ANY_TIME;
    const chosen = {
      date: () => anchorAt(server, true),
      corrected_clock: () => anchor,
      list: () => anchorAt(window.earliest, false),
      wall_clock: () => null,
    }[source]();
    await this.#database.write(async (rows) => {
      await rows.put(["listed"], { ...window, ...this.mark() });
      await (chosen ? rows.put(["clock"], chosen) : rows.remove(["clock"]));
    });
  }

  /** A date is cut to the second; a wall clock within these bounds is more exact. */
  #atArrival({ at, sentAt, receivedAt }, wall) {
    const age = this.source.monotonic() - receivedAt;
    const then = wall - age;
    return (at <= then && then <= at + 1 + (receivedAt - sentAt) ? then : at) + age;
  }

  #anchor() {
    return this.#database.get(["clock"]);
  }

  /** Time does not go back, and after another page only the wall clock goes on. */
  #timeBy(anchor) {
    return anchor
      ? anchor.server + Math.max(0, this.elapsed(anchor))
      : this.source.wall();
  }

  /** The window of the last list, as time has passed since. */
  async #listedWindow() {
    const listed = await this.#database.get(["listed"]);
    if (!listed) return ANY_TIME;
    const isSameRun = listed.boot === this.source.boot;
    if (!isSameRun) return { earliest: listed.earliest, latest: Infinity };
    return {
      earliest: listed.earliest + this.#monotonicSince(listed),
      latest: listed.latest + this.elapsed(listed),
    };
  }
}
