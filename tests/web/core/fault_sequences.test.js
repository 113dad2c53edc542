// Random sequences of answers, withdrawals, faults, restores and closed pages: in the
// end every answer has been received exactly once, or withdrawn.

import assert from "node:assert/strict";
import { test } from "node:test";

import { answer, startEnrolled } from "./fake_phone.js";
import { json, portal, problem } from "./fake_service.js";

const SEQUENCES = Number(process.env.SEQUENCES ?? 8);
const STEPS = 24;
const WAVES = 3;

const passOn = (_, answered) => answered();
const noReply = () => {
  throw new TypeError("failed to fetch");
};
const FAULTS = [
  passOn,
  passOn,
  noReply,
  portal,
  async (_, answered) => {
    await answered();
    noReply();
  },
  () => problem(500, "internal"),
  () => problem(503, "busy", { "Retry-After": "5" }),
  () => problem(429, "slow-down"),
  async (_, answered) => {
    const reply = await answered();
    const document = reply.status === 200 ? await reply.json() : {};
    return json({ ...document, batch: "another", results: [] });
  },
];

/** Numbers that a seed decides (mulberry32). */
function seeded(seed) {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

async function play(seed) {
  const choose = seeded(seed);
  const { phone: first, service, clock, open } = await startEnrolled({ waves: WAVES });
  const [answered, withdrawn] = [new Set(), new Set()];
  let [phone, pages] = [first, 1];
  const ignore = (error) => assert.equal(error.name, "PhoneError", error.stack);
  const steps = [
    async (waveId) => {
      await answer(phone, waveId, 1 + choose(5));
      answered.add(waveId);
    },
    async (waveId) => {
      await phone.withdraw(waveId);
      withdrawn.add(waveId);
    },
    () => phone.sync({ send: true, draw: true }),
    () => phone.sync(),
    () => {
      service.intercept = FAULTS[choose(FAULTS.length)];
    },
    () => clock.advance(choose(900)),
    async () => {
      pages += 1;
      phone = await open({ clock: { ...clock.source, boot: `page-${pages}` } });
    },
    () => {
      if (choose(4)) return;
      service.spent.clear();
      service.epoch = `epoch-${choose(1e6)}`;
    },
  ];
  for (let step = 0; step < STEPS; step += 1) {
    const waveId = service.waves[choose(WAVES)].id;
    await Promise.resolve(steps[choose(steps.length)](waveId)).catch(ignore);
  }

  service.intercept = passOn;
  for (let round = 0; round < 4; round += 1) {
    clock.advance(10);
    await phone.sync({ send: true, draw: true });
  }
  return { phone, service, answered, withdrawn };
}

for (let seed = 1; seed <= SEQUENCES; seed += 1) {
  test(`nothing is lost and nothing doubled: sequence ${seed}`, async () => {
    const { phone, service, answered, withdrawn } = await play(seed);

    const items = await phone.items();
    assert.deepEqual(new Set(items.map(({ waveId }) => waveId)), answered);
    for (const { waveId, state } of items) {
      assert.equal(state, withdrawn.has(waveId) ? "withdrawn" : "received", waveId);
    }
    const received = [...service.spent.values()].filter((each) => each !== "withdrawn");
    assert.equal(received.length, answered.size - withdrawn.size);
    const bodies = service.submissions().map(({ body }) => JSON.parse(body).items);
    assert.ok(bodies.every(({ length }) => length === 1));
    const sent = new Set(bodies.map(([item]) => JSON.stringify(item)));
    assert.ok(sent.size <= answered.size + withdrawn.size, "the bytes never change");
  });
}
