// Pacing rules: when to send, and what to do after a failure. A request has one item.
//
// The state is a value. The outcome, the time and the jitter come in as arguments, and
// the next state comes out: no clock, no randomness, no network.

/** Failures in a row after which an item goes behind all others. */
export const MAX_SERVER_ERRORS = 3;

const MIN_BACKOFF = 2; // seconds, as all others here
const MAX_BACKOFF = 15 * 60;
const MIN_EARLY_RETRY_INTERVAL = 30;
const MAX_RETRY_AFTER = 24 * 60 * 60; // one reply cannot silence a device for longer
const NOT_ITEM_CODES = ["credentials-not-wanted"]; // about the connection

/**
 * @typedef {object} Pace
 * @property {number} failures in a row, of the connection or the server
 * @property {number} notBefore on the monotonic clock, unless a person asks
 * @property {number} serverErrors in a row, of the present item
 * @property {number} lastEarlyAt when an early try was last made
 */

/** @type {Pace} */
export const FIRST_PACE = Object.freeze({
  failures: 0,
  notBefore: -Infinity,
  serverErrors: 0,
  lastEarlyAt: -Infinity,
});

/** Seconds to wait after failures in a row: full jitter, 2 s to 15 min. */
export function computeBackoff(failures, jitter) {
  const ceiling = Math.min(MAX_BACKOFF, MIN_BACKOFF * 2 ** Math.min(failures, 9));
  return MIN_BACKOFF + jitter * (ceiling - MIN_BACKOFF);
}

function backOff(pace, now, jitter) {
  const failures = pace.failures + 1;
  return { ...pace, failures, notBefore: now + computeBackoff(failures, jitter) };
}

/**
 * The pace after a request, and what to do with its item.
 *
 * @param {Pace} pace before
 * @param {string} outcome of the request, as `classify` names it
 * @param {number} now the monotonic clock
 * @param {number} jitter uniformly random in [0, 1)
 * @returns {[Pace, "settle" | "retry" | "move_to_end" | "pause" | "mark_dead"]}
 */
export function nextPace(pace, outcome, now, jitter) {
  const serverErrors = pace.serverErrors + 1;
  switch (outcome) {
    case "delivered":
      return [{ ...FIRST_PACE, lastEarlyAt: pace.lastEarlyAt }, "settle"];
    case "no_connection":
    case "busy":
      return [backOff(pace, now, jitter), "retry"];
    case "timed_out": // the connection or the item may be the cause
      return [
        backOff({ ...pace, serverErrors: 0 }, now, jitter),
        serverErrors >= MAX_SERVER_ERRORS ? "pause" : "retry",
      ];
    case "server_error":
    case "too_large_on_the_way":
      if (serverErrors < MAX_SERVER_ERRORS) {
        return [backOff({ ...pace, serverErrors }, now, jitter), "retry"];
      }
      if (serverErrors > MAX_SERVER_ERRORS) {
        return [backOff({ ...pace, serverErrors: 0 }, now, jitter), "pause"];
      }
      // The failures are kept until a delivery: perhaps it is not this item.
      return [{ ...pace, serverErrors: 0, failures: pace.failures + 1 }, "move_to_end"];
    default: // it was read and refused
      return [{ ...pace, serverErrors: 0 }, "mark_dead"];
  }
}

/** The pace after a connection came back: one early try, at most every 30 s. */
export const connected = (pace, now) =>
  now < pace.notBefore && now - pace.lastEarlyAt >= MIN_EARLY_RETRY_INTERVAL
    ? { ...pace, notBefore: now, lastEarlyAt: now }
    : pace;

/**
 * The outcome for an error of a request.
 *
 * Only a problem document of Rapport can say that a request is wrong: no other device
 * on the network may decide about an answer.
 *
 * @param {import("./errors.js").PhoneError} error
 */
export function classify({ code, status = 0, problem }) {
  if (code === "timed_out") return "timed_out";
  if (code === "retry_later") return "busy";
  if (problem && (status === 400 || status === 422)) {
    return NOT_ITEM_CODES.includes(problem) ? "no_connection" : "refused";
  }
  if (status === 413) return problem ? "too_large" : "too_large_on_the_way";
  if (status === 429 || status === 503) return "busy";
  return status >= 500 ? "server_error" : "no_connection";
}

/**
 * Seconds that a refusal asks to wait; 0 if it does not ask.
 *
 * A date is compared with the reply's own `Date`, never with the device's clock.
 *
 * @param {string | null} retryAfter the header
 * @param {string | null} date the header
 */
export function parseRetryAfter(retryAfter, date) {
  const value = (retryAfter ?? "").trim();
  if (!value) return 0;
  if (/^\d+$/.test(value)) return Math.min(MAX_RETRY_AFTER, Number(value));
  const seconds = parseDate(value) - parseDate(date);
  return seconds > 0 ? Math.min(MAX_RETRY_AFTER, seconds) : 0; // NaN is not greater
}

/** Seconds since the epoch of an HTTP date; NaN where it is none. */
export function parseDate(text) {
  const at = /[a-z]{3}/i.test(text ?? "") ? Date.parse(text) / 1000 : NaN;
  return at < MAX_DATE ? at : NaN;
}

const MAX_DATE = Date.UTC(9001, 0) / 1000; // any period can be added to what is before
