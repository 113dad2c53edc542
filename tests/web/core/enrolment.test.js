// Who is enrolled: codes, tokens, and phones that several people share.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  answer,
  CODE,
  readAll,
  startAnswered,
  startEnrolled,
  startWorld,
} from "./fake_phone.js";
import { json, portal, problem } from "./fake_service.js";

const byHand = { send: true, draw: true };
const OTHER_CODE = "acme-0123-4567-89AB";
const noReply = () => {
  throw new TypeError("failed to fetch");
};
const loseReply = async (_, answered) => {
  await answered();
  noReply();
};
const passOn = (_, answered) => answered();

test("a code enrols however it is typed, once, and no URL has it", async () => {
  const { phone, service } = await startWorld();
  await phone.enrol(" ACME 7qfm 29xk t4wd ");
  await phone.enrol(CODE);
  assert.equal(phone.isEnrolled(), true);
  assert.deepEqual(phone.person(), { organization: "acme", purpose: "answering" });
  const [request, ...others] = service.log;
  assert.equal(others.length, 0);
  assert.equal(request.path, "/v1/enrolments");
  assert.equal(JSON.parse(request.body).code, CODE);
});

for (const [code, fault] of Object.entries({
  code_unknown: () => problem(404, "code-unknown"),
  code_used: () => problem(409, "code-used"),
  code_expired: () => problem(410, "code-expired"),
  no_connection: noReply,
  not_rapport: portal,
  server_newer: () => problem(404, "not-found"),
  internal: () => problem(500, "internal"),
  invalid: () => problem(422, "invalid"),
})) {
  test(`a failed enrolment is told apart, and may be repeated: ${code}`, async () => {
    const { phone, service } = await startWorld();
    service.intercept = fault;
    await assert.rejects(phone.enrol(CODE), { name: "PhoneError", code });
    assert.equal(phone.isEnrolled(), false);
    service.intercept = passOn;
    await phone.enrol(CODE);
    assert.equal(phone.isEnrolled(), true);
  });
}

test("what cannot be a code is not sent", async () => {
  const { phone, service } = await startWorld();
  for (const typed of ["", "acme", "7QFM-29XK-T4WD", "acme-7QFM-29XK-T4WU"]) {
    await assert.rejects(phone.enrol(typed), { code: "code_malformed" });
  }
  assert.equal(service.log.length, 0);
});

test("a lost reply costs nothing: the same device asks again, from another page", async () => {
  const { phone, service, open } = await startWorld();
  service.intercept = loseReply;
  await assert.rejects(phone.enrol(CODE), { code: "no_connection" });
  service.intercept = passOn;
  const again = await open();
  await again.enrol(CODE);
  const [first, second] = service.log.map(({ body }) => JSON.parse(body));
  assert.deepEqual(first, second);
});

test("a code for reading enrols nobody, and says what the page of results needs", async () => {
  const { phone, service } = await startWorld();
  service.addCode(OTHER_CODE, "sofia", "supervisor");
  const error = await phone.enrol(OTHER_CODE).catch((caught) => caught);
  assert.equal(error.code, "code_for_reading");
  assert.equal(error.device, JSON.parse(service.log[0].body).device);
  assert.equal(phone.isEnrolled(), false);
  await phone.enrol(CODE);
});

test("tokens that answer another request are another person's, and refused", async () => {
  const { phone, service } = await startWorld();
  service.intercept = async (_, answered) => {
    const tokens = await (await answered()).json();
    return json({ ...tokens, echo: "e".repeat(43) });
  };
  await assert.rejects(phone.enrol(CODE), { code: "not_rapport" });
  assert.equal(phone.isEnrolled(), false);
});

test("a token that could break out of a header is refused", async () => {
  const { phone, service } = await startWorld();
  service.intercept = async (_, answered) => {
    const tokens = await (await answered()).json();
    return json({ ...tokens, access_token: `${tokens.access_token}\r\nCookie: x` });
  };
  await assert.rejects(phone.enrol(CODE), { code: "not_rapport" });
});

test("a token is renewed when it is old, or refused, and a lost renewal repeated", async () => {
  const { phone, service, clock } = await startEnrolled();
  const renewals = () => service.paths().filter((path) => path === "/v1/token").length;
  await phone.sync(byHand);
  assert.equal(renewals(), 0);
  clock.advance(900);
  service.intercept = (request, answered) =>
    request.path === "/v1/token" ? loseReply(request, answered) : answered();
  const refresh = [...service.devices.values()][0].refresh;
  assert.deepEqual((await phone.sync(byHand)).problems, ["no_connection"]);
  [...service.devices.values()][0].refresh = refresh; // it gives a successor again
  service.intercept = passOn;
  assert.deepEqual((await phone.sync(byHand)).problems, []);
  assert.equal(renewals(), 2);

  [...service.devices.values()][0].access = "another"; // the service's secret changed
  assert.deepEqual((await phone.sync(byHand)).problems, []);
  assert.equal(renewals(), 3);
});

test("an enrolment that has ended draws no more, and what waits is still sent", async () => {
  const { phone, service, clock } = await startAnswered();
  for (const device of service.devices.values()) device.ended = true;
  clock.advance(900);
  const report = await phone.sync(byHand);
  assert.deepEqual([report.sent, report.problems], [1, ["revoked"]]);

  const world = await startAnswered();
  world.service.revoked.add("maria");
  const other = await world.phone.sync(byHand);
  assert.deepEqual([other.sent, other.problems], [1, ["revoked"]]);
});

test("another code of the same person keeps ballots, answers and drafts", async () => {
  const { phone, service } = await startEnrolled({ waves: 2 });
  const [first, second] = service.waves.map(({ id }) => id);
  await answer(phone, first);
  await phone.saveDraft(second, { answers: { A0: 1 }, context: null, position: 1 });
  service.addCode(OTHER_CODE, "maria");
  await phone.enrol(OTHER_CODE);
  assert.equal((await phone.items()).length, 1);
  assert.equal((await phone.draft(second)).position, 1);
});

test("who leaves a shared phone leaves sealed answers, which drain unseen", async () => {
  const { phone, service, storage, clock } = await startAnswered({ waves: 2 });
  const [first, second] = service.waves.map(({ id }) => id);
  await phone.questions(second);
  await phone.saveDraft(second, { answers: { A0: 5 }, context: "crisis", position: 1 });

  await phone.leave();

  assert.equal(phone.isEnrolled(), false);
  assert.equal(phone.person(), null);
  for (const list of [phone.pulses(), phone.items(), phone.results()]) {
    assert.deepEqual(await list, []);
  }
  await assert.rejects(phone.draft(second), { code: "not_enrolled" });
  const rows = await readAll(storage);
  const stored = JSON.stringify(rows.filter(({ key: [kind] }) => kind !== "document"));
  for (const trace of ['"crisis"', '"refreshToken"', '"A0"']) {
    assert.ok(!stored.includes(trace), trace);
  }

  service.addCode(OTHER_CODE, "jose");
  await phone.enrol(OTHER_CODE);
  assert.equal(await phone.hasUnsent(), true, "also what is not of this person");
  const arrived = await phone.sync({ draw: true });
  assert.deepEqual([arrived.sent, arrived.drawn], [0, 2]);
  assert.equal(service.spent.size, 0, "nothing of one person beside another's login");
  clock.advance(4 * 60 + 1);
  assert.equal((await phone.sync()).sent, 0, "and nobody else is told");
  assert.equal(service.spent.size, 1, "the answer of the one who left was sent");
  assert.equal(await phone.hasUnsent(), false);
  assert.deepEqual(await phone.items(), []);
  await answer(phone, first, 1);
  await phone.sync(byHand);
  assert.equal(service.spent.size, 2);

  service.addCode("acme-ABCD-ABCD-ABCD", "maria"); // who left comes back
  await phone.enrol("acme-ABCD-ABCD-ABCD");
  const [item, ...others] = await phone.items();
  assert.deepEqual([item.waveId, item.state, others.length], [first, "received", 0]);
  const pulse = (await phone.pulses()).find(({ waveId }) => waveId === second);
  assert.deepEqual([pulse.canAnswer, pulse.hasDraft], [true, false]);
});

test("who leaves while a sync is under way leaves nothing of theirs", async () => {
  const { phone, service, storage } = await startEnrolled();
  service.intercept = async ({ path }, answered) => {
    const response = await answered();
    if (path === "/v1/sync") await phone.leave();
    return response;
  };
  await service.addWave();
  const { problems } = await phone.sync(byHand);
  assert.deepEqual(problems, ["not_enrolled"]);
  const kinds = (await readAll(storage)).map(({ key: [kind] }) => kind);
  assert.ok(!kinds.includes("list") && !kinds.includes("account"));
});

test("a tab that does not know yet who left writes nothing for them", async () => {
  const { phone, service, open } = await startEnrolled();
  const [{ id }] = service.waves;
  const other = await open();
  await phone.leave();
  const draft = { answers: { A0: 1 }, context: null, position: 1 };
  await assert.rejects(other.saveDraft(id, draft), { code: "not_enrolled" });
});

test("a code or a look for news sends nothing that waits beside the login", async () => {
  for (const arrive of [
    (phone) => phone.enrol(OTHER_CODE).then(() => phone.sync({ draw: true })),
    (phone) => phone.answerNow(OTHER_CODE),
    (phone) => phone.sync({ draw: true }),
  ]) {
    const { phone, service, clock } = await startAnswered();
    service.addCode(OTHER_CODE, "maria");
    clock.advance(2 * 60 * 60); // both doors are due
    await arrive(phone);
    await phone.sync();
    assert.ok(service.paths().includes("/v1/sync"));
    assert.deepEqual(service.submissions(), []);
    clock.advance(4 * 60 + 1);
    assert.equal((await phone.sync()).sent, 1);
    assert.equal(service.paths().at(-1), "/v1/submissions", "and draws nothing beside it");
  }
});

test("who sends from a page that was just opened sends alone", async () => {
  const { phone, service } = await startAnswered();
  assert.equal((await phone.sync({ send: true })).sent, 1);
  assert.deepEqual(service.paths(), ["/v1/submissions"]);
});

test("a visit without signal says so, and may be repeated", async () => {
  const { phone, service } = await startWorld();
  service.intercept = (request, answered) =>
    request.path === "/v1/sync" ? noReply() : answered();
  await assert.rejects(phone.answerNow(CODE), { code: "no_connection" });
  service.intercept = passOn;
  const [pulse] = await phone.answerNow(CODE);
  assert.equal(pulse.canAnswer, true);
});

test("promises are read by a person, and again when their words change", async () => {
  const { phone, service } = await startEnrolled({ waves: 2 });
  const [first, second] = service.waves.map(({ id }) => id);
  assert.equal(await phone.promisesRead(first), false);
  await phone.notePromisesRead(first);
  assert.equal(await phone.promisesRead(first), true);
  assert.equal(await phone.promisesRead(second), true, "only seal and key differ");

  const edit = (charter) => charter.plain_language.en.push("One more line.");
  const { id: third } = await service.addWave({ edit });
  await phone.sync(byHand);
  assert.equal(await phone.promisesRead(third), false, "the words changed");

  service.addCode(OTHER_CODE, "jose");
  await phone.enrol(OTHER_CODE);
  await phone.sync(byHand);
  assert.equal(await phone.promisesRead(first), false, "another person");
  await phone.leave();
  assert.equal(await phone.promisesRead(first), false);
});

test("who answers within a visit draws for open pulses alone", async () => {
  const { phone, service } = await startWorld();
  await service.addWave({ opens: 3600 });
  const [pulse, ...others] = await phone.answerNow(CODE);
  assert.equal(others.length, 0);
  assert.deepEqual([pulse.waveId, pulse.canAnswer], [service.waves[0].id, true]);
  await answer(phone, pulse.waveId);
  assert.equal((await phone.sync(byHand)).sent, 1);
  assert.equal(service.waves[1].drawn.size, 0);
});

test("a late renewal does not undo a code that was entered meanwhile", async () => {
  const { phone, service, clock, storage, open } = await startEnrolled();
  service.addCode(OTHER_CODE, "maria");
  const other = await open();
  clock.advance(900);
  service.intercept = async ({ path }, answered) => {
    const response = await answered();
    if (path === "/v1/token") {
      service.intercept = passOn;
      await other.enrol(OTHER_CODE);
    }
    return response;
  };
  const { problems } = await phone.sync({ draw: true });
  assert.deepEqual(problems, []);
  const newest = [...service.devices.values()].at(-1);
  const account = (await readAll(storage)).find(({ key: [kind] }) => kind === "account");
  assert.equal(account.value.refreshToken, newest.refresh);
});
