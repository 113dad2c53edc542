// Outbox: frozen answers and withdrawals, and what becomes of them. Pure functions.
//
//     queued --> settled    the service has it, or says why it never will
//        ^ `---> dead       refused for good: kept, shown, not sent again
//        `----------------- offered again if the service was restored, or if the person
//                           asks; by itself a dead item only if its key was unknown
//
// An item leaves the queue only by the exact reply to it. Sending it twice does no
// harm.

import { decode, digest, encode, randomBytes } from "./bytes.js";
import { ensure } from "./errors.js";
import { MAX_SERVER_ERRORS } from "./pacing.js";
import { readDocument } from "./transport.js";

const STATUSES = ["accepted", "duplicate", "withdrawn", "final", "rejected"];
const UNKNOWN_KEY = "ballot_unknown_key";
const MIN_REOFFER_INTERVAL = 7 * 24 * 60 * 60;

/**
 * @typedef {object} Settlement the result of an item
 * @property {string | null} status the service's word; null if it gave none
 * @property {string | null} reason
 * @property {string | null} epoch the server's, if it was known then
 * @property {number} noted when it was recorded, by the corrected clock
 * @property {number | null} at the same if the clock could be trusted
 */

/**
 * @typedef {object} Item an answer or a withdrawal; the same bytes go out every time
 * @property {number} seq its number in the order of freezing
 * @property {"submit" | "withdraw"} op
 * @property {string} waveId
 * @property {string} person
 * @property {string} ballot the right to answer, and to take an answer back
 * @property {string} hash of the ballot's R, as the service must echo it
 * @property {string | null} envelope base64url; null once it is erased
 * @property {string} digest of the envelope, as the service must echo it
 * @property {number} keepSeconds how long the charter says to keep it once settled
 * @property {string} epoch the server's, when the ballot was drawn
 * @property {number} at when it was frozen
 * @property {number} retiresAt from when the ballot is worth nothing
 * @property {"queued" | "settled" | "dead"} state
 * @property {number} failures in a row that this item may have caused
 * @property {number | null} position behind all others, once set
 * @property {Settlement | null} settlement the last result
 */

/** The hash of a ballot's R, by which the service names it in its reply. */
export const hashOf = ({ r }) => digest(decode(r, 32));

export const itemKey = ({ person, waveId, op }) => ["item", person, waveId, op];

/**
 * Freezes an envelope under a ballot; `insert` gives it its number.
 *
 * @returns {Promise<Item>}
 */
export async function freeze(op, person, ballot, charter, envelope, at) {
  return {
    seq: 0,
    op,
    waveId: ballot.waveId,
    person,
    ballot: ballot.ballot,
    hash: await hashOf(ballot),
    envelope: encode(envelope),
    digest: await digest(envelope),
    keepSeconds: charter.keepSeconds,
    epoch: ballot.epoch,
    at,
    retiresAt: charter.retiresAt,
    state: "queued",
    failures: 0,
    position: null,
    settlement: null,
  };
}

/** Queues a frozen item inside a transaction; a second withdrawal changes nothing. */
export async function insert(rows, item) {
  const stored = await rows.get(itemKey(item));
  if (stored && item.op === "withdraw") return;
  const isFirst = !stored || stored.digest === item.digest;
  ensure(isFirst, "already_answered");
  const seq = stored?.seq ?? ((await rows.get(["seq"])) ?? 0) + 1;
  await rows.put(["seq"], seq);
  await rows.put(itemKey(item), { ...item, seq });
}

const isOf =
  ({ person, waveId }, op) =>
  (other) =>
    other.person === person && other.waveId === waveId && other.op === op;

/**
 * The item to send next. An answer waits while its own withdrawal is on the way.
 *
 * @param {Item[]} items
 * @param {(item: Item) => boolean} isResting must not be sent now
 * @returns {Item | undefined}
 */
export function nextItem(items, isResting = () => false) {
  const isWithdrawn = (item) =>
    item.op === "submit" &&
    items.some((other) => isOf(item, "withdraw")(other) && other.state === "queued");
  const place = ({ position, seq }) => [position ?? 0, seq];
  return items
    .filter((item) => item.state === "queued" && !isWithdrawn(item) && !isResting(item))
    .sort((a, b) => place(a)[0] - place(b)[0] || a.seq - b.seq)[0];
}

/**
 * The body that sends an item, and what its reply must echo.
 *
 * `withdraw` is two characters longer than `submit`, so the batch id of a withdrawal is
 * two shorter: who watches the network cannot tell one from the other.
 */
export function buildRequest({ op, ballot, envelope }, batch = newBatchId(op)) {
  return { protocol: 1, batch, items: [{ op, ballot, envelope }] };
}

const newBatchId = (op) => encode(randomBytes(op === "submit" ? 16 : 15));

/**
 * Reads the reply to a submission; anything but the exact reply is refused whole.
 *
 * @param {import("./transport.js").Reply} reply
 * @param {Item} item
 * @param {string} batch
 * @returns {{status: string, reason: string | null}}
 */
export function readResult(reply, item, batch) {
  const members = readDocument(reply);
  const isExact = (condition, detail) => ensure(condition, "not_rapport", detail);
  isExact(members.integer("protocol") === 1, "the reply is of another protocol");
  isExact(members.text("batch") === batch, "the reply is to another request");
  const [result, ...others] = members.objects("results");
  isExact(result && !others.length, "the reply has not one result");
  const status = result.text("status");
  isExact(STATUSES.includes(status), "the reply has a status unknown here");
  for (const name of ["hash", "digest"]) {
    // What a service could not parse it cannot echo; a rejected item is kept anyway.
    const isUnparsed = status === "rejected" && result.raw[name] === null;
    const isEcho = isUnparsed || result.text(name) === item[name];
    isExact(isEcho, `the reply echoes another ${name}`);
  }
  return { status, reason: result.textOrNull("reason") };
}

/**
 * Closes an item; a withdrawal also closes its answer if that was not sent.
 *
 * A person who withdrew an answer does not want it sent, even if the withdrawal was
 * refused. Only if it came too late (`final`) the answer stays queued.
 *
 * @param {Item[]} items
 * @param {Item} closed
 * @param {"settled" | "dead"} state
 * @param {Settlement} settlement
 * @returns {Item[]} those that changed
 */
export function closeItem(items, closed, state, settlement) {
  const isSame = isOf(closed, closed.op);
  const isAnswer = isOf(closed, "submit");
  const takesAnswer = closed.op === "withdraw" && settlement.status !== "final";
  const isClosed = (item) =>
    (isSame(item) && item.state === "queued") ||
    (takesAnswer &&
      isAnswer(item) &&
      (item.state === "queued" ||
        (item.state === "dead" && settlement.status === "withdrawn")));
  const close = (item) => ({ ...item, state, settlement, failures: 0, position: null });
  return items.filter(isClosed).map(close);
}

/** An item that may have broken the service so often; the third time it goes last. */
export function recordFailures(items, item, failures) {
  const last = Math.max(0, ...items.map(({ position }) => position ?? 0));
  const position = failures >= MAX_SERVER_ERRORS ? last + 1 : item.position;
  return { ...item, failures, position };
}

const isKept = ({ settlement, envelope }) => settlement !== null && envelope !== null;

/** Whether a withdrawal of the same wave was made that did not come too late. */
const hasWithdrawal = (items, item) =>
  items.some(
    (other) => isOf(item, "withdraw")(other) && other.settlement?.status !== "final",
  );

/**
 * Queues again what a restored service may have lost.
 *
 * A replay costs nothing, a loss costs an answer. A withdrawn answer is not offered
 * again, whatever the result of its withdrawal: the withdrawal is.
 *
 * @returns {Item[]} those that changed
 */
export function reoffer(items, epoch, now) {
  const isDue = ({ state, settlement, ...item }) => {
    if (state === "settled") return settlement.epoch !== epoch;
    const isUnknown = state === "dead" && settlement.reason === UNKNOWN_KEY;
    if (!isUnknown || item.epoch === epoch || now >= item.retiresAt) return false;
    // A clock that jumped, either way, costs one extra request, and no answer.
    return Math.abs(now - settlement.noted) >= MIN_REOFFER_INTERVAL;
  };
  return items
    .filter((item) => isKept(item) && isDue(item))
    .filter((item) => item.op === "withdraw" || !hasWithdrawal(items, item))
    .map((item) => ({ ...item, state: "queued" }));
}

/**
 * Queues the refused item of a wave again, because the person asks for it.
 *
 * If the withdrawal of an answer was refused, it is the withdrawal, not the answer.
 *
 * @returns {Item | undefined} the item, if there was a refused one
 */
export function offerAgain(items, waveId) {
  const isRefused = (item) =>
    item.waveId === waveId &&
    item.state === "dead" &&
    isKept(item) &&
    item.op === (hasWithdrawal(items, item) ? "withdraw" : "submit");
  const refused = items.find(isRefused);
  return refused && { ...refused, state: "queued" };
}

/**
 * Erases ballot and envelope of items whose charter's period has ended.
 *
 * If no trusted time was known when an item was settled, the period begins now.
 *
 * @param {Item[]} items
 * @param {number} now a trusted time
 * @returns {Item[]} those that changed
 */
export function eraseSettled(items, now) {
  const erase = (item) => {
    const { settlement, keepSeconds } = item;
    if (item.state !== "settled" || !isKept(item)) return [];
    if (settlement.at === null)
      return [{ ...item, settlement: { ...settlement, at: now } }];
    const isOver = settlement.at + keepSeconds <= now;
    return isOver ? [{ ...item, ballot: "", envelope: null }] : [];
  };
  return items.flatMap(erase);
}

const SETTLED_STATES = { accepted: "received", duplicate: "received" };

/**
 * The state of an answer for its person, and the reason where there is one.
 *
 * @param {Item | undefined} answer
 * @param {Item | undefined} withdrawal
 * @returns {{state: string, op: string, reason: string | null}}
 */
export function describe(answer, withdrawal) {
  const isTooLate =
    withdrawal?.state === "settled" && withdrawal.settlement.status === "final";
  const item = withdrawal && (!isTooLate || !answer) ? withdrawal : answer;
  const { op, state, settlement } = item;
  if (state === "queued") {
    const waits = op === "submit" ? "waiting" : "withdrawing";
    return { state: waits, op, reason: null };
  }
  if (state === "dead") return { state: "rejected", op, reason: settlement.reason };
  const { status, reason } = settlement;
  const shown = SETTLED_STATES[status] ?? status;
  return { state: shown, op, reason: reason ?? withdrawal?.settlement?.reason ?? null };
}
