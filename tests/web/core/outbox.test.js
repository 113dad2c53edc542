// The transitions of an item, one by one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { outbox } from "./core.js";

const WEEK = 7 * 24 * 60 * 60;
const NOW = 1_800_000_000;
const settled = (status, members = {}) => ({
  state: status === "rejected" ? "dead" : "settled",
  settlement: { status, reason: null, epoch: "e1", noted: NOW, at: NOW, ...members },
});
const item = (op, members = {}) => ({
  seq: op === "submit" ? 1 : 2,
  op,
  waveId: "w",
  person: "p",
  envelope: "E",
  ballot: "B",
  keepSeconds: 2 * WEEK,
  epoch: "e1",
  retiresAt: NOW + 50 * WEEK,
  state: "queued",
  failures: 0,
  position: null,
  settlement: null,
  ...members,
});
const reoffered = (items, epoch = "e2", now = NOW + WEEK) =>
  outbox.reoffer(items, epoch, now).map(({ op, state }) => `${op} ${state}`);

test("a restored service gets again what it may have lost, and no more", () => {
  const answer = item("submit", settled("accepted"));
  assert.deepEqual(reoffered([answer]), ["submit queued"]);
  assert.deepEqual(reoffered([answer], "e1"), []);
  assert.deepEqual(reoffered([{ ...answer, envelope: null }]), []);
  assert.deepEqual(reoffered([item("submit")]), []);
});

for (const [status, expected] of Object.entries({
  withdrawn: ["withdraw queued"],
  rejected: [], // refused: neither may be sent by itself
  final: ["submit queued", "withdraw queued"], // it was too late, the answer stands
})) {
  test(`of a withdrawn answer the withdrawal is offered again: ${status}`, () => {
    const items = [
      item("submit", settled("accepted")),
      item("withdraw", settled(status)),
    ];
    assert.deepEqual(reoffered(items), expected);
  });
}

test("an answer whose withdrawal waits is not offered again", () => {
  const items = [item("submit", settled("accepted")), item("withdraw")];
  assert.deepEqual(reoffered(items), []);
});

test("an unknown key is tried again weekly after a restore, until the wave retires", () => {
  const unknown = settled("rejected", { reason: "ballot_unknown_key" });
  const dead = item("submit", unknown);
  assert.deepEqual(reoffered([dead]), ["submit queued"]);
  assert.deepEqual(reoffered([dead], "e2", NOW + WEEK - 1), []);
  assert.deepEqual(reoffered([dead], "e2", NOW - WEEK), ["submit queued"]);
  assert.deepEqual(reoffered([dead], "e1"), []);
  assert.deepEqual(reoffered([dead], "e2", NOW + 50 * WEEK), []);
  const other = item("submit", settled("rejected", { reason: "ballot_invalid" }));
  assert.deepEqual(reoffered([other]), []);
});

test("the person offers again the withdrawal, where both were refused", () => {
  const items = [
    item("submit", settled("rejected")),
    item("withdraw", settled("rejected")),
  ];
  assert.equal(outbox.offerAgain(items, "w").op, "withdraw");
  assert.equal(outbox.offerAgain([items[0]], "w").op, "submit");
  assert.equal(outbox.offerAgain(items, "other"), undefined);
  assert.equal(outbox.offerAgain([item("submit")], "w"), undefined);
});

test("a withdrawal closes an answer that was not sent, unless it came too late", () => {
  const [answer, withdrawal] = [item("submit"), item("withdraw")];
  const close = (status, answered = answer) =>
    outbox
      .closeItem([answered, withdrawal], withdrawal, "settled", { status })
      .map(({ op }) => op);
  assert.deepEqual(close("withdrawn"), ["submit", "withdraw"]);
  assert.deepEqual(close("final"), ["withdraw"]);
  const dead = item("submit", settled("rejected"));
  assert.deepEqual(close("withdrawn", dead), ["submit", "withdraw"]);
  assert.deepEqual(close("rejected", dead), ["withdraw"]);
  const accepted = item("submit", settled("accepted"));
  assert.deepEqual(close("withdrawn", accepted), ["withdraw"]);
});

test("the first result of an item stands", () => {
  const accepted = item("submit", settled("accepted"));
  const again = outbox.closeItem([accepted], accepted, "dead", { status: "rejected" });
  assert.deepEqual(again, []);
});

test("items go oldest first; one that failed three times goes last", () => {
  const items = [3, 1, 2].map((seq) => item("submit", { seq, waveId: `w${seq}` }));
  assert.equal(outbox.nextItem(items).seq, 1);
  const failed = outbox.recordFailures(items, items[1], 3);
  const rest = items.map((each) => (each.seq === 1 ? failed : each));
  assert.equal(outbox.nextItem(rest).seq, 2);
  assert.equal(outbox.nextItem(rest, ({ seq }) => seq > 1).seq, 1);
  assert.equal(outbox.recordFailures(items, items[1], 2).position, null);
});

test("ballot and envelope are erased after the charter's period, by a trusted time", () => {
  const kept = item("submit", settled("accepted"));
  assert.deepEqual(outbox.eraseSettled([kept], NOW + 2 * WEEK - 1), []);
  const [erased] = outbox.eraseSettled([kept], NOW + 2 * WEEK);
  assert.deepEqual([erased.ballot, erased.envelope], ["", null]);
  const untimed = item("submit", settled("accepted", { at: null }));
  const [started] = outbox.eraseSettled([untimed], NOW + 9 * WEEK);
  assert.deepEqual([started.envelope, started.settlement.at], ["E", NOW + 9 * WEEK]);
  const dead = item("submit", settled("rejected"));
  assert.deepEqual(outbox.eraseSettled([dead], NOW + 99 * WEEK), []);
});

test("an answer is described as it is", () => {
  const describe = (answer, withdrawal) => {
    const { state, reason } = outbox.describe(answer, withdrawal);
    return reason ? `${state}: ${reason}` : state;
  };
  const accepted = item("submit", settled("accepted"));
  const late = settled("final", { reason: "withdraw_too_late" });
  assert.equal(describe(item("submit")), "waiting");
  assert.equal(describe(item("submit", settled("duplicate"))), "received");
  assert.equal(describe(accepted, item("withdraw")), "withdrawing");
  assert.equal(describe(accepted, item("withdraw", settled("withdrawn"))), "withdrawn");
  assert.equal(
    describe(accepted, item("withdraw", late)),
    "received: withdraw_too_late",
  );
  const tooLate = item("submit", settled("final", { reason: "too_late" }));
  assert.equal(describe(tooLate), "final: too_late");
  const refused = item("withdraw", settled("rejected", { reason: "op_unknown" }));
  assert.equal(describe(accepted, refused), "rejected: op_unknown");
  // Offered again after a restore, it waits, whatever its last result.
  assert.equal(describe({ ...accepted, state: "queued" }), "waiting");
});
