// The facade from end to end against a real service: six phones and their score.

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { openPhone } from "../../../service/rapport_service/web/static/phone/core/phone.js";
import { eventually, startService, until } from "./service.js";

let service;
const requests = [];

before(async () => {
  service = await startService({ draw: 10, answer: 10, send: 8 });
});
after(() => service?.stop());

const recordingFetch = (url, options) => {
  requests.push({ path: new URL(url).pathname, ...options });
  return fetch(url, options);
};
const open = (name) =>
  openPhone({ name, origin: service.url, fetch: recordingFetch, indexedDB });

const answersOf = ({ items, options }) =>
  Object.fromEntries(items.map(({ id }, at) => [id, options[3 + (at % 2)].value]));

async function answer(phone, waveId, context = "normal") {
  const questions = await phone.questions(waveId);
  const answers = answersOf(questions);
  await phone.saveDraft(waveId, { answers, context, position: 5 });
  await phone.send(waveId);
}

test("six phones answer, one withdraws, and everybody reads the score", async () => {
  const phones = await Promise.all(
    service.codes.slice(0, 7).map((_, at) => open(`p${at}`)),
  );
  const [first] = phones;
  const { wave_id: waveId } = service;

  assert.equal(first.isEnrolled(), false);
  await assert.rejects(first.enrol("acme-0000-0000-0000"), { code: "code_unknown" });
  await assert.rejects(first.enrol("acme"), { code: "code_malformed" });
  await assert.rejects(first.enrol(service.reading_code), { code: "code_for_reading" });
  assert.equal(first.isEnrolled(), false);
  await Promise.all(
    phones.map((phone, at) => phone.enrol(` ${service.codes[at].toLowerCase()} `)),
  );
  await first.enrol(service.codes[0]); // again, on the same phone: nothing happens
  await assert.rejects((await open("other")).enrol(service.codes[0]), {
    code: "code_used",
  });
  assert.deepEqual(first.person(), { organization: "acme", purpose: "answering" });

  for (const phone of phones) {
    const drawn = await eventually(async () => {
      const report = await phone.sync({ send: true, draw: true });
      assert.deepEqual(report.problems, []);
      return report.drawn;
    });
    assert.equal(
      drawn,
      1,
      `${Date.now() / 1000 - service.opens_at} s after the opening`,
    );
  }
  const [announced] = await first.pulses();
  assert.equal(announced.waveId, waveId);
  assert.deepEqual(announced.team, {
    name: "Intake North",
    pool: 10,
    teams: ["Intake North"],
  });
  assert.equal(announced.reason, "not_open_yet");
  assert.equal(announced.plainLanguage.en.length, announced.plainLanguage.es.length);
  assert.match(announced.fingerprint, /^([0-9A-Z]{4}-){2}[0-9A-Z]{4}$/);
  assert.equal((await first.nextOpensAt()).getTime() / 1000, service.opens_at);
  await assert.rejects(first.questions(waveId), { code: "not_open_yet" });

  await until(service.opens_at);
  const [pulse] = await first.pulses();
  assert.deepEqual([pulse.state, pulse.canAnswer, pulse.reason], ["open", true, null]);
  requests.length = 0;
  for (const phone of phones) await answer(phone, waveId);
  assert.equal(requests.length, 0, "answering needs no signal");
  assert.equal(await first.draft(waveId), null);
  assert.equal((await first.items())[0].state, "waiting");
  await assert.rejects(answer(first, waveId), { code: "already_answered" });

  for (const phone of phones) {
    const report = await phone.sync({ send: true, draw: true });
    assert.deepEqual([report.sent, report.problems], [1, []]);
    const [item] = await phone.items();
    assert.deepEqual([item.state, item.canWithdraw], ["received", true]);
  }
  const sent = requests.filter(({ path }) => path === "/v1/submissions");
  assert.equal(sent.length, 7);
  assert.equal(new Set(sent.map(({ body }) => body.length)).size, 1);

  const last = phones.at(-1);
  await last.withdraw(waveId);
  await last.withdraw(waveId);
  assert.equal((await last.items())[0].state, "withdrawing");
  requests.length = 0;
  await last.sync({ send: true, draw: true });
  assert.equal((await last.items())[0].state, "withdrawn");
  const [withdrawal, ...others] = requests.filter(
    ({ path }) => path === "/v1/submissions",
  );
  assert.equal(others.length, 0);
  assert.equal(withdrawal.body.length, sent[0].body.length);
  for (const { path, headers, credentials } of requests) {
    assert.equal(credentials, "omit");
    const isKnown = "Authorization" in headers;
    assert.equal(
      isKnown,
      !/submissions|charter|keys|instruments|token/.test(path),
      path,
    );
  }

  await until(service.seals_at);
  const document = await eventually(async () => {
    await first.sync({ send: true, draw: true });
    const [result] = await first.results();
    return result?.document;
  });
  assert.equal(document.wave_id, waveId);
  assert.match(document.status, /released|rolled_up|withheld/);
  assert.ok(Number.isInteger(document.constructs.trust.score));
  assert.equal((await first.pulses())[0].state, "closed");
});
