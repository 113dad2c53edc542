// Requests to the service, and its replies: nothing that identifies, nothing kept.

import { PhoneError } from "./errors.js";
import { readJson } from "./json.js";
import { parseDate, parseRetryAfter } from "./pacing.js";

/** The two doors: the poll book knows who asks, the ballot box takes answers. */
export const [POLL_BOOK, BALLOT_BOX] = ["book", "box"];

const JSON_TYPE = "application/json";
const READ_MILLISECONDS = 30_000; // while nothing arrives
const REPLY_MILLISECONDS = 10 * 60_000; // enough for a charter on a slow connection
const MAX_REPLY_BYTES = 16 * 1024 * 1024; // far above any of Rapport's

// The same on every phone. Browsers add a `User-Agent` that a page cannot take away.
const CONSTANT_HEADERS = {
  Accept: "application/json, application/problem+json",
  "Accept-Language": "*",
};

/**
 * @typedef {object} Reply
 * @property {number} status
 * @property {string} mediaType in lower case, without parameters
 * @property {string | null} etag
 * @property {Uint8Array} body
 * @property {{at: number, sentAt: number, receivedAt: number} | null} date
 */

/**
 * Carries requests to the origin of this page, none before a `Retry-After` has passed.
 */
export class Transport {
  #fetch;
  #origin;
  #clock;
  #database;
  #unsaved = new Map();

  /**
   * @param {object} given
   * @param {typeof fetch} given.fetch
   * @param {string} given.origin
   * @param {import("./device_clock.js").DeviceClock} given.clock
   * @param {import("./database.js").Database} given.database
   */
  constructor({ fetch, origin, clock, database }) {
    [this.#fetch, this.#origin] = [fetch, origin];
    [this.#clock, this.#database] = [clock, database];
  }

  /**
   * Carries one request and brings its reply.
   *
   * @param {string} door
   * @param {string} path without anything that names a person
   * @param {{method?: string, headers?: object, body?: string}} [options]
   * @returns {Promise<Reply>}
   * @throws {PhoneError} `retry_later`, `no_connection` or `timed_out`
   */
  async send(door, path, { method = "GET", headers = {}, body } = {}) {
    const left = await this.secondsLeft(door);
    if (left > 0)
      throw new PhoneError("retry_later", "the service asked to wait", { left });
    if (door === POLL_BOOK || method === "POST") {
      await this.#remember(["asked", door], this.#clock.mark());
    }
    const sentAt = this.#clock.source.monotonic();
    const { response, body: received } = await this.#exchange(
      `${this.#origin}${path}`,
      {
        method,
        headers: { ...CONSTANT_HEADERS, ...headers },
        body,
        cache: "no-store",
        credentials: "omit",
        redirect: "manual",
        referrerPolicy: "no-referrer",
      },
    );
    const receivedAt = this.#clock.source.monotonic();
    const header = (name) => response.headers.get(name);
    const at = parseDate(header("date"));
    const reply = {
      status: response.status,
      mediaType: (header("content-type") ?? "").split(";")[0].trim().toLowerCase(),
      etag: header("etag"),
      body: received,
      date: Number.isNaN(at) ? null : { at, sentAt, receivedAt },
    };
    const seconds = readPause(reply, header("retry-after"), header("date"));
    if (seconds > 0) {
      await this.#remember(["pause", door], { seconds, ...this.#clock.mark() });
    }
    return reply;
  }

  /** Seconds until a door may be asked. */
  async secondsLeft(door) {
    const pause = await this.#recall(["pause", door]);
    if (!pause) return 0;
    const elapsed = this.#clock.elapsed(pause);
    return elapsed < 0 ? 0 : Math.max(0, pause.seconds - elapsed);
  }

  /** Seconds since any tab asked a door; infinity if that is not known. */
  async secondsSince(door) {
    const mark = await this.#recall(["asked", door]);
    const elapsed = mark ? this.#clock.elapsed(mark) : -1;
    return elapsed < 0 ? Infinity : elapsed;
  }

  /** Stores a mark; full storage must not keep an answer from being sent. */
  async #remember(key, mark) {
    this.#unsaved.delete(key.join());
    try {
      await this.#database.write((rows) => rows.put(key, mark));
    } catch (error) {
      if (error.code !== "storage_full") throw error;
      this.#unsaved.set(key.join(), mark);
    }
  }

  async #recall(key) {
    return this.#unsaved.get(key.join()) ?? this.#database.get(key);
  }

  async #exchange(url, options) {
    const controller = new AbortController();
    const abort = () => controller.abort();
    let timer;
    const restart = () => {
      clearTimeout(timer);
      timer = setTimeout(abort, READ_MILLISECONDS);
    };
    const whole = setTimeout(abort, REPLY_MILLISECONDS);
    try {
      restart();
      const { signal } = controller;
      const response = await this.#fetch(url, { ...options, signal });
      return { response, body: await readBody(response, restart) };
    } catch (error) {
      if (error instanceof PhoneError) throw error;
      const code = controller.signal.aborted ? "timed_out" : "no_connection";
      throw new PhoneError(code, `no reply from the service (${error?.name})`);
    } finally {
      clearTimeout(timer);
      clearTimeout(whole);
      abort(); // of what is too long the rest is not read
    }
  }
}

async function readBody(response, restart) {
  const [parts, reader] = [[], response.body?.getReader()];
  let length = 0;
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    restart();
    parts.push(value);
    length += value.length;
    if (length > MAX_REPLY_BYTES)
      throw new PhoneError("no_connection", "it is too long");
  }
  const body = new Uint8Array(length);
  parts.reduce((at, part) => (body.set(part, at), at + part.length), 0);
  return body;
}

/**
 * The bytes of a reply that succeeded and says it is JSON.
 *
 * @param {Reply} reply
 * @returns {Uint8Array}
 * @throws {PhoneError} `not_rapport`, or the service's problem
 */
export function readReply(reply) {
  if (reply.status !== 200) throw toError(reply);
  if (reply.mediaType !== JSON_TYPE) throw foreignReply(reply);
  return reply.body;
}

/** The JSON object of a reply that succeeded. */
export const readDocument = (reply) =>
  readJson(readReply(reply), "not_rapport", "the reply");

/** The error for a reply without the document: the service's problem, or a stranger. */
export function toError(reply) {
  const { status, mediaType, body } = reply;
  if (mediaType !== "application/problem+json" || status < 400)
    return foreignReply(reply);
  try {
    const document = readJson(body, "not_rapport", "the problem");
    const problem = document.text("code");
    const detail = document.textOrNull("title") ?? problem;
    const members = { status, problem, requestId: document.textOrNull("request_id") };
    return new PhoneError(problem.replaceAll("-", "_"), detail, members);
  } catch {
    return foreignReply(reply);
  }
}

/**
 * Seconds that the service asks to wait; 0 if it does not ask.
 *
 * Only a problem document of Rapport can ask: no other device on the network may keep
 * an answer for a day. What else fails is tried again after the backoff.
 *
 * @param {Reply} reply
 * @param {string | null} retryAfter the header
 * @param {string | null} date the header
 */
export const readPause = (reply, retryAfter, date) =>
  reply.status >= 400 && toError(reply).problem
    ? parseRetryAfter(retryAfter, date)
    : 0;

const foreignReply = ({ status, mediaType }) =>
  new PhoneError("not_rapport", `HTTP ${status}, ${mediaType || "no content type"}`, {
    status,
  });

/** A request that sends a JSON document. */
export const jsonBody = (document) => ({
  method: "POST",
  headers: { "Content-Type": JSON_TYPE },
  body: JSON.stringify(document),
});
