// Sync: the order of requests, what they say, what lets an answer go, and what does not.

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";

import { bytes } from "./core.js";
import {
  answer,
  CODE,
  putRow,
  readAll,
  startAnswered,
  startEnrolled,
  startWorld,
} from "./fake_phone.js";
import { json, NORTH, portal, problem, SOUTH } from "./fake_service.js";
import { example } from "./support.js";

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
const SUBMISSIONS = "/v1/submissions";
const byHand = { send: true, draw: true };
const stateOf = async (phone, at = 0) => (await phone.items())[at].state;
const onPath = (pattern, fault) => (request, answered) =>
  pattern.test(request.path) ? fault(request, answered) : answered();
const noReply = () => {
  throw new TypeError("failed to fetch");
};
const loseReply = async (_, answered) => {
  await answered();
  noReply();
};
const editReply = (edit) => async (_, answered) => {
  const reply = await (await answered()).json();
  edit(reply);
  return json(reply);
};

test("answers go first, then ballots are drawn, and only the poll book knows who", async () => {
  const { phone, service, clock } = await startAnswered();
  await service.addWave({ opens: DAY, closes: 2 * DAY });
  clock.advance(DAY / 2); // the access token is over, and the second look may be due
  const report = await phone.sync(byHand);

  assert.deepEqual([report.sent, report.drawn, report.problems], [1, 1, []]);
  const paths = service.paths().filter((path) => !path.endsWith("/charter"));
  assert.deepEqual(paths.slice(0, 3), [SUBMISSIONS, "/v1/token", "/v1/sync"]);
  assert.equal(paths.at(-1), "/v1/teams");
  for (const request of service.log) {
    const { path, headers, body } = request;
    const isBox = /submissions|charter|keys|instruments/.test(path);
    assert.equal("Authorization" in headers, !isBox && path !== "/v1/token", path);
    assert.equal(request.credentials, "omit");
    assert.equal(request.referrerPolicy, "no-referrer");
    assert.equal(request.cache, "no-store");
    assert.equal(request.search, "");
    const names = Object.keys(headers).sort();
    if (path === SUBMISSIONS) {
      assert.deepEqual(names, ["Accept", "Accept-Language", "Content-Type"]);
      assert.deepEqual(Object.keys(JSON.parse(body)), ["protocol", "batch", "items"]);
      assert.equal(JSON.parse(body).items.length, 1);
    } else if (isBox) assert.deepEqual(names, ["Accept", "Accept-Language"]);
  }
});

test("drawing says nothing of answering: a draw is for every wave, at once", async () => {
  const { phone, service } = await startWorld({ waves: 3 });
  await phone.enrol(CODE);
  const report = await phone.sync(byHand);
  assert.equal(report.drawn, 3);
  const [request, ...others] = service.log.filter(({ path }) => path === "/v1/ballots");
  assert.equal(others.length, 0);
  assert.equal(JSON.parse(request.body).requests.length, 3);
});

test("by itself the phone leaves minutes between the two doors", async () => {
  const { phone, service, clock } = await startAnswered();

  const first = await phone.sync();
  assert.deepEqual(service.paths(), [], "the poll book was asked a moment ago");
  assert.ok(first.nextAt > new Date(clock.source.wall() * 1000));

  clock.advance(4 * 60 + 1);
  const second = await phone.sync();
  assert.equal(second.sent, 1);
  assert.deepEqual(service.paths(), [SUBMISSIONS]);

  clock.advance(2 * HOUR);
  await phone.sync();
  assert.ok(service.paths().includes("/v1/sync"));
});

test("the gap outlives the page", async () => {
  const { service, clock, open } = await startAnswered();
  const again = await open({ clock: { ...clock.source, boot: "page-2" } });
  await again.sync();
  assert.deepEqual(service.submissions(), []);
});

test("what was sent by itself is followed by no draw for minutes, in any page", async () => {
  const { service, clock, open } = await startAnswered();
  clock.advance(4 * 60 + 1);
  const again = await open({ clock: { ...clock.source, boot: "page-2" } });
  assert.equal((await again.sync()).sent, 1);
  await again.sync();
  assert.deepEqual(service.paths(), [SUBMISSIONS]);
  clock.advance(4 * 60 + 1);
  await again.sync();
  assert.ok(service.paths().includes("/v1/sync"));
});

const FAULTS = {
  "no reply": noReply,
  "a lost reply": loseReply,
  "a captive portal": portal,
  "a portal that speaks JSON": () => json({ login: true }),
  "an empty reply": () => new Response(null, { status: 204 }),
  "a redirection": () => new Response(null, { status: 302 }),
  "too many requests": () => problem(429, "slow-down"),
  busy: () => problem(503, "busy"),
  "a server error": () => problem(500, "internal"),
  "a bad gateway": () => new Response("Bad gateway", { status: 502 }),
  "credentials on the way": () => problem(400, "credentials-not-wanted"),
  "a stranger that asks for a day": () =>
    new Response("Later", { status: 503, headers: { "Retry-After": "86400" } }),
  "a limit on the way": () => new Response("Too large", { status: 413 }),
  "a stranger's refusal": () => new Response("Bad request", { status: 400 }),
  "another protocol": editReply((reply) => (reply.protocol = 2)),
  "another batch": editReply((reply) => (reply.batch = "another")),
  "no result": editReply((reply) => (reply.results = [])),
  "two results": editReply((reply) => reply.results.push(reply.results[0])),
  "another hash": editReply((reply) => (reply.results[0].hash = "h".repeat(43))),
  "another digest": editReply((reply) => (reply.results[0].digest = "d".repeat(43))),
  "a status that has gone": editReply((reply) => (reply.results[0].status = "held")),
};
for (const [name, fault] of Object.entries(FAULTS)) {
  test(`an answer stays until the exact reply comes: ${name}`, async () => {
    const { phone, service } = await startAnswered();
    service.intercept = onPath(/submissions/, fault);

    const report = await phone.sync(byHand);

    assert.equal(report.sent, 0);
    assert.notDeepEqual(report.problems, []);
    const [item] = await phone.items();
    assert.deepEqual([item.state, item.canOfferAgain], ["waiting", false]);
    assert.ok(report.problems.includes(item.waitingBecause));

    service.intercept = (_, answered) => answered();
    assert.equal((await phone.sync(byHand)).sent, 1);
    assert.equal(await stateOf(phone), "received");
    assert.equal((await phone.items())[0].waitingBecause, null);
    assert.equal(service.spent.size, 1);
  });
}

test("a lost reply costs a request: the same bytes, another batch, counted once", async () => {
  const { phone, service } = await startAnswered();
  service.intercept = onPath(/submissions/, loseReply);
  await phone.sync(byHand);
  service.intercept = (_, answered) => answered();
  await phone.sync(byHand);

  const [first, second] = service.submissions().map(({ body }) => JSON.parse(body));
  assert.deepEqual(first.items, second.items);
  assert.notEqual(first.batch, second.batch);
});

test("two syncs at once send an answer once, and the check would find two", async () => {
  const { phone, service, open } = await startAnswered();
  const other = await open();
  const reports = await Promise.all([
    phone.sync(byHand),
    other.sync(byHand),
    phone.sync(),
  ]);
  assert.equal(service.submissions().length, 1);
  assert.deepEqual(reports[2].problems, ["sync_running"]);

  // Planted: locks that everybody holds at once.
  const world = await startWorld();
  const locks = { request: (_, __, work) => work({}) };
  const [left, right] = [await world.open({ locks }), await world.open({ locks })];
  await left.enrol(CODE);
  await left.sync(byHand);
  await right.reload();
  await answer(left, world.service.waves[0].id);
  world.service.log.length = 0;
  await Promise.all([left.sync(byHand), right.sync(byHand)]);
  assert.equal(world.service.submissions().length, 2);
  assert.equal(world.service.spent.size, 1, "the ballot makes a double harmless");
});

test("Web Locks are asked for, without waiting when nobody asked for a sync", async () => {
  const asked = [];
  const locks = {
    request: (name, options, work) => {
      if (name.endsWith("-sync")) asked.push(options.ifAvailable ?? false);
      return work(options.ifAvailable ? null : {});
    },
  };
  const { open } = await startWorld();
  const phone = await open({ locks });
  assert.deepEqual((await phone.sync()).problems, ["sync_running"]);
  assert.deepEqual((await phone.sync(byHand)).problems, ["not_enrolled"]);
  assert.deepEqual(asked, [true, false]);
});

test("a tab that hangs is not waited for for ever", async (t) => {
  const locks = {
    request: (name, { signal }, work) =>
      name.endsWith("-sync")
        ? new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason));
          })
        : work({}),
  };
  const { open } = await startAnswered();
  const phone = await open({ locks });
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const syncing = phone.sync(byHand);
  t.mock.timers.tick(60_000);
  t.mock.timers.reset();
  assert.deepEqual((await syncing).problems, ["sync_running"]);
});

test("an answer is sent although the storage is full, and asked about again", async (t) => {
  const { phone, service } = await startAnswered();
  const stored = IDBObjectStore.prototype.put;
  t.mock.method(IDBObjectStore.prototype, "put", () => {
    throw new DOMException("full", "QuotaExceededError");
  });
  const report = await phone.sync(byHand);
  assert.deepEqual(report.problems, ["storage_full"]);
  assert.equal(service.spent.size, 1);
  assert.equal(await stateOf(phone), "waiting");
  IDBObjectStore.prototype.put = stored;
  await phone.sync(byHand);
  assert.equal(await stateOf(phone), "received");
});

test("two tabs that press Send freeze one answer", async () => {
  const { phone, service, open } = await startEnrolled();
  const [{ id }] = service.waves;
  const other = await open();
  const { items } = await phone.questions(id);
  const answers = Object.fromEntries(items.map((item) => [item.id, 3]));
  await phone.saveDraft(id, { answers, context: null, position: 5 });
  const sent = await Promise.allSettled([phone.send(id), other.send(id)]);
  const refused = sent.filter(({ status }) => status === "rejected");
  assert.deepEqual(
    refused.map(({ reason }) => reason.code),
    ["already_answered"],
  );
  assert.equal((await phone.items()).length, 1);
});

// What is refused, what is late, what is withdrawn.

test("a refused answer is kept and shown, and sent again only if the person asks", async () => {
  const { phone, service } = await startAnswered();
  const wave = service.waves[0];
  service.intercept = onPath(
    /submissions/,
    editReply(({ results: [result] }) => {
      Object.assign(result, { status: "rejected", reason: "undecodable" });
      Object.assign(result, { hash: null, digest: null });
    }),
  );
  const report = await phone.sync(byHand);
  assert.deepEqual(report.problems, ["undecodable"]);
  const [item] = await phone.items();
  assert.deepEqual([item.state, item.reason], ["rejected", "undecodable"]);
  assert.equal(item.canOfferAgain, true);
  assert.equal((await phone.pulses())[0].reason, "answer_refused");

  service.intercept = (_, answered) => answered();
  service.log.length = 0;
  await phone.sync(byHand);
  assert.equal(service.submissions().length, 0);

  await phone.offerAgain(wave.id);
  await phone.sync(byHand);
  assert.equal(await stateOf(phone), "received");
  await assert.rejects(phone.offerAgain(wave.id), { code: "nothing_to_offer" });
});

test("an answer that Rapport itself refuses does not stop the others", async () => {
  const { phone, service } = await startEnrolled({ waves: 2 });
  const [first, second] = service.waves;
  await answer(phone, first.id);
  await answer(phone, second.id);
  let refused = 0;
  service.intercept = onPath(/submissions/, (_, answered) => {
    refused += 1;
    return refused === 1 ? problem(422, "invalid") : answered();
  });
  await phone.sync(byHand);
  const states = new Map(
    (await phone.items()).map(({ waveId, state }) => [waveId, state]),
  );
  assert.equal(states.get(first.id), "rejected");
  assert.equal(states.get(second.id), "received");
});

test("an answer that breaks the service goes behind the others", async () => {
  const { phone, service } = await startEnrolled({ waves: 2 });
  const [first, second] = service.waves;
  await answer(phone, first.id);
  await answer(phone, second.id);
  const { kid } = first;
  const isFirst = ({ body }) => {
    const [header] = JSON.parse(body).items[0].ballot.split(".");
    return bytes.text(bytes.decode(header)).includes(kid);
  };
  service.intercept = onPath(/submissions/, (request, answered) =>
    isFirst(request) ? problem(500, "internal") : answered(),
  );
  for (let failures = 0; failures < 3; failures += 1) {
    assert.equal(await stateOf(phone, 1), "waiting");
    await phone.sync(byHand);
  }
  assert.deepEqual(
    [await stateOf(phone, 0), await stateOf(phone, 1)],
    ["waiting", "received"],
  );
});

test("what comes too late is final, with its reason", async () => {
  const { phone, service, clock } = await startAnswered();
  clock.advance(3 * DAY);
  await phone.sync(byHand);
  const [item] = await phone.items();
  assert.deepEqual([item.state, item.reason], ["final", "too_late"]);
  assert.deepEqual([item.canWithdraw, item.canOfferAgain], [false, false]);
  service.log.length = 0;
  await phone.sync(byHand);
  assert.equal(service.submissions().length, 0);
});

test("a withdrawal goes out instead of an answer that was not sent", async () => {
  const { phone, service } = await startAnswered();
  const [wave] = service.waves;
  await phone.withdraw(wave.id);
  await phone.withdraw(wave.id);
  assert.equal(await stateOf(phone), "withdrawing");

  await phone.sync(byHand);

  const [sent, ...others] = service.submissions().map(({ body }) => JSON.parse(body));
  assert.equal(others.length, 0);
  assert.equal(sent.items[0].op, "withdraw");
  assert.equal(await stateOf(phone), "withdrawn");
  assert.equal((await phone.pulses())[0].reason, "withdrawn");
  await assert.rejects(answer(phone, wave.id), { code: "withdrawn" });
});

test("a withdrawal is as long as an answer, and has bytes of its own", async () => {
  const { phone, service } = await startAnswered();
  await phone.sync(byHand);
  await phone.withdraw(service.waves[0].id);
  service.intercept = onPath(/submissions/, noReply);
  await phone.sync(byHand);
  service.intercept = (_, answered) => answered();
  await phone.sync(byHand);

  const [submit, lost, again] = service.submissions().map(({ body }) => body);
  assert.equal(submit.length, lost.length);
  assert.deepEqual(JSON.parse(lost).items, JSON.parse(again).items);
  assert.notEqual(
    JSON.parse(submit).items[0].envelope,
    JSON.parse(lost).items[0].envelope,
  );
  assert.equal(await stateOf(phone), "withdrawn");
});

test("a withdrawal after the seal is too late, and the answer stands", async () => {
  const { phone, service, clock } = await startAnswered();
  await phone.sync(byHand);
  await phone.withdraw(service.waves[0].id);
  clock.advance(3 * DAY);
  await phone.sync(byHand);
  const [item] = await phone.items();
  assert.deepEqual([item.state, item.reason], ["received", "withdraw_too_late"]);
  assert.equal(item.canWithdraw, false);
});

test("what was not answered here cannot be withdrawn", async () => {
  const { phone, service } = await startEnrolled();
  const withdrawing = phone.withdraw(service.waves[0].id);
  await assert.rejects(withdrawing, { code: "nothing_to_withdraw" });
});

test("a pulse that was cancelled says so", async () => {
  const { phone, service } = await startEnrolled();
  service.waves[0].cancelled = "The wrong week.";
  await phone.sync(byHand);
  const [pulse] = await phone.pulses();
  assert.deepEqual([pulse.state, pulse.reason], ["cancelled", "cancelled"]);
  await assert.rejects(phone.questions(pulse.waveId), { code: "cancelled" });
});

// Charters and keys.

const chooseCharter = (charter) => onPath(/charter$/, () => json(charter));
const edited = (wave, edit) => {
  const charter = JSON.parse(wave.charter);
  edit(charter);
  return JSON.stringify(charter);
};
const forAll = (wave) =>
  edited(wave, (each) => (each.organization.name = "Acme for all"));

test("a second look that finds another charter sends nothing and shows nothing", async () => {
  const { phone, service, clock } = await startAnswered();
  clock.advance(DAY - 60);
  service.intercept = chooseCharter(forAll(service.waves[0]));

  const report = await phone.sync(byHand);

  assert.equal(service.paths()[0], `/v1/waves/${service.waves[0].id}/charter`);
  assert.equal(service.submissions().length, 0);
  assert.ok(report.problems.includes("charter_changed"));
  assert.ok(report.problems.includes("charter_refused"));
  const [item] = await phone.items();
  assert.deepEqual([item.state, item.reason], ["rejected", "charter_changed"]);
  await phone.offerAgain(item.waveId);
  service.intercept = (_, answered) => answered();
  await phone.sync(byHand);
  assert.equal(service.submissions().length, 0, "not by hand either");
});

test("a second look that agrees is made once, an hour to a day later", async () => {
  const { phone, service, clock } = await startEnrolled();
  const looks = () => service.paths().filter((path) => path.endsWith("charter")).length;
  assert.equal((await phone.pulses())[0].keySeenTwice, false);
  clock.advance(HOUR - 1);
  await phone.sync(byHand);
  assert.equal(looks(), 0);
  clock.advance(23 * HOUR);
  await phone.sync(byHand);
  await phone.sync(byHand);
  assert.equal(looks(), 1);
  assert.equal((await phone.pulses())[0].keySeenTwice, true);
});

for (const [name, fault] of Object.entries({
  "no reply": noReply,
  "a portal": portal,
  "a portal that speaks JSON": () => json({ login: true }),
  busy: () => problem(503, "busy"),
  "not found": () => problem(404, "not-found"),
})) {
  test(`a second look says nothing if something else replies: ${name}`, async () => {
    const { phone, service, clock } = await startEnrolled();
    clock.advance(DAY - 60); // before the wave closes
    service.intercept = onPath(/charter$/, fault);
    await phone.sync(byHand);
    const [pulse] = await phone.pulses();
    assert.deepEqual([pulse.canAnswer, pulse.keySeenTwice], [true, false]);
  });
}

const REFUSED = {
  "another digest": { named: "d".repeat(43) },
  "too few people": { edit: (charter) => (charter.tree[0].pool = 5) },
  "a smaller group allowed": { edit: (charter) => (charter.min_pool = 4) },
  "another wave": {
    edit: (charter) => (charter.wave.id = charter.wave.id.replace("0", "1")),
  },
  "no such team": { edit: (charter) => charter.tree.pop() },
  "a team twice": { edit: (charter) => charter.tree.push(charter.tree[1]) },
  "a key twice": { edit: (charter) => (charter.tree[1].pool = 8) },
  "no key": { edit: (charter) => (charter.tree[1].ballot_key_id = null) },
  "an unlisted key": { edit: (charter) => (charter.tree[1].ballot_key_id = "acme.x") },
  "a sealing key off its curve": { edit: ({ sealing_key: key }) => (key.x = key.y) },
  "no sealing key": { edit: (charter) => delete charter.sealing_key },
};
for (const [name, { named, edit }] of Object.entries(REFUSED)) {
  test(`no ballot is drawn under a charter with ${name}`, async () => {
    const { phone, service } = await startWorld({ waves: 0 });
    Object.assign(await service.addWave({ edit }), named && { named });
    await phone.enrol(CODE);
    const report = await phone.sync(byHand);
    assert.deepEqual([report.drawn, report.problems], [0, ["charter_refused"]]);
    assert.ok(!service.paths().includes("/v1/ballots"));
  });
}

test("a charter of a newer format asks for a newer app", async () => {
  const { phone, service } = await startWorld({ waves: 0 });
  await service.addWave({ edit: (charter) => (charter.format = 3) });
  await phone.enrol(CODE);
  assert.deepEqual((await phone.sync(byHand)).problems, ["server_newer"]);
});

test("the sealing key of another wave is refused, and the others are drawn", async () => {
  const { phone, service } = await startEnrolled();
  const { sealing_key: key } = JSON.parse(service.waves[0].charter);
  await service.addWave({ edit: (charter) => (charter.sealing_key = key) });
  await service.addWave();
  const report = await phone.sync(byHand);
  assert.deepEqual([report.drawn, report.problems], [1, ["charter_refused"]]);
});

test("a key that is not the one of its name is refused", async () => {
  const { phone, service } = await startWorld({ waves: 2 });
  await phone.enrol(CODE);
  const [first, second] = service.waves;
  const { n, e } = second.jwk;
  service.intercept = onPath(new RegExp(`keys/${first.kid}`), () =>
    json({ kty: "RSA", n, e }),
  );
  const report = await phone.sync(byHand);
  assert.deepEqual([report.drawn, report.problems], [1, ["key_refused"]]);
});

// Draws.

test("R and factor are on disk before the blinded value is sent", async () => {
  const { phone, service, open } = await startWorld();
  await phone.enrol(CODE);
  service.intercept = onPath(/ballots/, loseReply);
  assert.equal((await phone.sync(byHand)).drawn, 0);
  assert.equal((await phone.pulses())[0].reason, "no_ballot_yet");

  service.intercept = (_, answered) => answered();
  const again = await open(); // the page was closed
  assert.equal((await again.sync(byHand)).drawn, 1);
  const [first, second] = service.log.filter(({ path }) => path === "/v1/ballots");
  assert.equal(first.body, second.body);
  assert.equal((await again.pulses())[0].canAnswer, true);
});

test("a signature of a closed wave that was lost is asked for until the seal", async () => {
  const { phone, service, clock } = await startWorld();
  await phone.enrol(CODE);
  service.intercept = onPath(/ballots/, loseReply);
  await phone.sync(byHand);
  service.intercept = (_, answered) => answered();
  clock.advance(2 * DAY);
  assert.equal((await phone.sync(byHand)).drawn, 1);
});

test("a ballot that was drawn elsewhere says so", async () => {
  const { phone, service } = await startWorld();
  service.waves[0].drawn.set("maria", "another");
  await phone.enrol(CODE);
  const report = await phone.sync(byHand);
  assert.deepEqual([report.drawn, report.problems], [0, []]);
  const [pulse] = await phone.pulses();
  assert.deepEqual([pulse.canAnswer, pulse.reason], [false, "already_drawn"]);
  await assert.rejects(phone.questions(pulse.waveId), { code: "already_drawn" });
});

test("a signature that does not verify makes no ballot", async () => {
  const { phone, service } = await startWorld();
  await phone.enrol(CODE);
  service.intercept = onPath(
    /ballots/,
    editReply(({ results: [result] }) => {
      result.signature = bytes.encode(new Uint8Array(256).fill(1));
    }),
  );
  const report = await phone.sync(byHand);
  assert.deepEqual([report.drawn, report.problems], [0, ["signature_invalid"]]);
  service.intercept = (_, answered) => answered();
  assert.equal((await phone.sync(byHand)).drawn, 1, "the draw was kept");
});

test("forms are drawn fresh for each wave, and stay", async () => {
  const { phone, service } = await startEnrolled({ waves: 2 });
  const [first, second] = service.waves.map(({ id }) => id);
  const { form } = await phone.questions(first);
  assert.equal((await phone.questions(first)).form, form);
  const forms = new Set();
  for (let at = 0; at < 5; at += 1) {
    const world = await startEnrolled();
    forms.add((await world.phone.questions(world.service.waves[0].id)).form);
  }
  assert.ok(forms.size > 1);
  assert.ok((await phone.questions(second)).form < 45);
});

test("after a restore the phone offers again what it keeps, and not for ever", async () => {
  const { phone, service, clock } = await startAnswered();
  await phone.sync(byHand);
  service.spent.clear();
  service.epoch = "epoch-2";
  await phone.sync(byHand);
  assert.equal(await stateOf(phone), "waiting");
  await phone.sync(byHand);
  assert.equal(service.spent.size, 1);
  assert.equal(await stateOf(phone), "received");

  clock.advance(14 * DAY);
  await phone.sync(byHand);
  service.epoch = "epoch-3";
  service.log.length = 0;
  await phone.sync(byHand);
  await phone.sync(byHand);
  assert.equal(service.submissions().length, 0, "the envelope is erased");
  assert.equal(await stateOf(phone), "received");
});

test("a withdrawn answer is not offered again after a restore: the withdrawal is", async () => {
  const { phone, service } = await startAnswered();
  await phone.sync(byHand);
  await phone.withdraw(service.waves[0].id);
  await phone.sync(byHand);
  service.spent.clear();
  service.log.length = 0;
  service.epoch = "epoch-2";
  await phone.sync(byHand);
  await phone.sync(byHand);
  const sent = service.submissions().map(({ body }) => JSON.parse(body).items[0].op);
  assert.deepEqual(sent, ["withdraw"]);
});

// Time.

test("Retry-After is obeyed by the Send button too, and outlives the page", async () => {
  const { phone, service, clock, open } = await startAnswered();
  const busy = () => problem(503, "busy", { "Retry-After": "600" });
  service.intercept = onPath(/submissions/, busy);
  await phone.sync(byHand);
  service.intercept = (_, answered) => answered();
  clock.advance(599);
  const again = await open({ clock: { ...clock.source, boot: "page-2" } });
  const report = await again.sync(byHand);
  assert.ok(report.problems.includes("retry_later"));
  assert.equal(service.submissions().length, 1);
  clock.advance(1);
  assert.equal((await again.sync(byHand)).sent, 1);
});

test("a connection that comes back allows an early try", async () => {
  const { phone, service, clock } = await startAnswered();
  clock.advance(10 * 60);
  service.intercept = noReply;
  await phone.sync();
  clock.advance(1);
  service.intercept = (_, answered) => answered();
  service.log.length = 0;
  await phone.sync();
  assert.equal(service.submissions().length, 0, "it waits two seconds at least");
  phone.connected();
  assert.equal((await phone.sync()).sent, 1);
});

for (const years of [-9, 9]) {
  test(`a clock ${years} years off shows pulses by the service's time`, async () => {
    const wall = Date.UTC(2027 + years, 3, 5) / 1000;
    const { phone, service, clock, open } = await startWorld({ wall });
    await phone.enrol(CODE);
    const report = await phone.sync(byHand);
    assert.deepEqual(report.problems, ["wrong_date"]);
    assert.equal((await phone.pulses())[0].canAnswer, true);
    const { earliest, latest } = await phone.dateContradiction();
    const now = clock.server * 1000;
    assert.ok(earliest.getTime() <= now && now <= latest.getTime());

    const again = await open({ clock: { ...clock.source, boot: "page-2" } });
    clock.advance(HOUR);
    assert.equal((await again.pulses())[0].canAnswer, true, "also after a restart");
    await answer(again, service.waves[0].id);
  });
}

test("a header that jumps hides no pulse from a clock that the list agrees with", async () => {
  const { phone, service } = await startWorld();
  await phone.enrol(CODE);
  service.intercept = async (_, answered) => {
    const response = await answered();
    response.headers.set("Date", "Mon, 05 Apr 2021 12:00:00 GMT");
    return response;
  };
  await phone.sync(byHand);
  assert.equal((await phone.pulses())[0].canAnswer, true);
});

test("opening and closing go by the phone, without a signal", async () => {
  const { phone, service, clock } = await startWorld({ waves: 0 });
  await service.addWave({ opens: HOUR, closes: 2 * HOUR });
  await phone.enrol(CODE);
  await phone.sync(byHand);
  const [{ id }] = service.waves;
  service.intercept = noReply;
  assert.equal((await phone.nextOpensAt()).getTime(), (clock.server + HOUR) * 1000);
  await assert.rejects(phone.questions(id), { code: "not_open_yet" });
  clock.advance(HOUR);
  await phone.questions(id);
  clock.advance(HOUR);
  await assert.rejects(phone.questions(id), { code: "closed" });
  assert.equal(await phone.nextOpensAt(), null);
});

test("a draft that can be sent no more is erased, and records of a retired wave", async () => {
  const { phone, service, clock } = await startEnrolled({ waves: 2 });
  const [first, second] = service.waves.map(({ id }) => id);
  await phone.questions(first);
  await phone.saveDraft(first, { answers: { A0: 1 }, context: null, position: 1 });
  await answer(phone, second);
  await phone.sync(byHand);
  assert.equal((await phone.draft(first)).position, 1);
  clock.advance(DAY);
  await phone.sync(byHand);
  assert.equal(await phone.draft(first), null);
  clock.advance(400 * DAY);
  await phone.sync(byHand);
  assert.deepEqual(await phone.pulses(), []);
  assert.equal((await phone.items())[0].state, "received");
});

test("documents go with the last wave that names them", async () => {
  const { phone, service, clock, storage } = await startEnrolled({ waves: 2 });
  const documents = async () =>
    (await readAll(storage))
      .filter(({ key: [kind] }) => kind === "document")
      .map(({ key: [, path] }) => path);
  assert.equal((await documents()).length, 5, "two charters, two keys, one instrument");
  clock.advance(399 * DAY);
  const late = await service.addWave();
  await phone.sync(byHand);
  clock.advance(2 * DAY);
  await phone.sync(byHand);
  const kept = await documents();
  assert.equal(kept.length, 3);
  assert.ok(kept.includes(`/v1/waves/${late.id}/charter`));
  assert.ok(kept.some((path) => path.startsWith("/v1/instruments/")));
});

test("a charter is checked once a page, and again if another text is stored", async (t) => {
  const { phone, storage } = await startEnrolled();
  await phone.pulses();
  const verify = t.mock.method(crypto.subtle, "digest");
  const charterChecks = () =>
    verify.mock.calls.filter(({ arguments: [, data] }) => data.byteLength > 1000).length;
  await phone.pulses();
  assert.equal(charterChecks(), 0);
  const row = (await readAll(storage)).find(({ key }) => key[1]?.endsWith("/charter"));
  await putRow(storage, { ...row, value: `${row.value} ` });
  assert.deepEqual(await phone.pulses(), [], "what is not the charter is not shown");
  assert.ok(charterChecks() > 0);
});

// Results.

const RELEASED = example("get_team_score.released-fine").response.json;

for (const [name, spoil] of Object.entries({
  "no team": (score) => delete score.team,
  "a team without a name": (score) => delete score.team.name,
  "a date that is none": (score) => (score.closes_at = "soon"),
  "no sentence": (score) => (score.explanation = []),
  "a sentence without words": (score) => delete score.explanation[0].en,
  "a construct less": (score) => delete score.constructs.trust,
  "no interval": (score) => delete score.constructs.overall.interval,
  "a level without figures": (score) => (score.constructs.trust.level = {}),
  "a bound unknown here": (score) => (score.constructs.trust.bound = "around"),
  "no band": (score) => delete score.respondents,
  "figures of a group without a name": (score) => (score.status = "rolled_up"),
  "another format": (score) => (score.format = 3),
})) {
  test(`a score that no screen could show is left out: ${name}`, async () => {
    const { phone, service, storage } = await startEnrolled();
    const spoiled = structuredClone(RELEASED);
    spoil(spoiled);
    spoiled.team = { ...spoiled.team, id: NORTH };
    if (name === "no team") delete spoiled.team.name;
    service.scores = [spoiled, RELEASED];
    const { problems } = await phone.sync(byHand);
    assert.deepEqual(problems, []);
    const [result, ...others] = await phone.results();
    assert.deepEqual([result.document, others.length], [RELEASED, 0]);

    // One that an earlier app stored hides no other, either.
    const row = (await readAll(storage)).find(({ key: [kind] }) => kind === "result");
    const key = [...row.key.slice(0, 3), "another"];
    await putRow(storage, { ...row, key, value: JSON.stringify(spoiled) });
    assert.equal((await phone.results()).length, 1);
  });
}

test("every score that the service gives can be shown", async () => {
  for (const name of ["level", "released-coarse", "rolled-up", "group-hidden", "withheld"]) {
    const { phone, service } = await startEnrolled();
    service.scores = [example(`get_team_score.${name}`).response.json];
    await phone.sync(byHand);
    assert.equal((await phone.results()).length, 1, name);
  }
});

test("scores are kept as served, and read without a signal", async () => {
  const { phone, service } = await startEnrolled();
  const score = (wave, closes) => ({
    ...RELEASED,
    team: { id: SOUTH, name: "South" },
    wave_id: wave,
    closes_at: closes,
  });
  service.scores = [score("acme.1", "2027-01-01T00:00:00Z")];
  await phone.sync(byHand);
  service.scores = [
    score("acme.2", "2027-02-01T00:00:00Z"),
    { ...score("acme.2"), status: "pending", team: { id: NORTH, name: "North" } },
  ];
  await phone.sync(byHand);
  service.intercept = noReply;
  const results = await phone.results();
  assert.deepEqual(
    results.map(({ waveId }) => waveId),
    ["acme.2", "acme.1"],
  );
  assert.deepEqual(results[0].document, service.scores[0]);
});

test("nothing is up to date until everything listed has been fetched", async () => {
  const { phone, service, open } = await startWorld();
  await phone.enrol(CODE);
  service.intercept = onPath(/sync/, noReply);
  await phone.sync({ draw: true });
  assert.equal(await phone.hasFetched(), false);

  service.intercept = onPath(/charter$/, noReply);
  await phone.sync({ draw: true });
  assert.equal(await phone.hasFetched(), false);

  service.intercept = (_, answered) => answered();
  await phone.sync({ draw: true });
  assert.equal(await phone.hasFetched(), true);
  assert.equal(await (await open()).hasFetched(), true);
  await phone.leave();
  assert.equal(await phone.hasFetched(), false);
});
