// The rules of a client as data: the tests of the SDK read the same file.

import assert from "node:assert/strict";
import { test } from "node:test";

import en from "../../../service/rapport_service/web/static/phone/messages/en.js";
import es from "../../../service/rapport_service/web/static/phone/messages/es.js";
import * as core from "./core.js";
import { example, RULES, toBytes } from "./support.js";

const { charters, clocks, codes, instruments, outbox, pacing, plainLanguage } = core;
const CATALOGUES = { en, es };
const nameOf = (section, { name, ...rest }) =>
  `${section}: ${name ?? JSON.stringify(rest)}`;
const each = (section, cases, check) => {
  for (const one of cases) test(nameOf(section, one), () => check(one));
};
const limit = (value) => value ?? -Infinity;
const isNear = (given, expected) => assert.ok(Math.abs(given - expected) < 1e-9, given);

each("backoff", RULES.backoff, ({ failures, jitter, seconds }) => {
  isNear(pacing.computeBackoff(failures, jitter), seconds);
});

each("pacing", RULES.pacing, (rule) => {
  const { failures, server_errors: serverErrors, jitter } = rule;
  const before = { ...pacing.FIRST_PACE, failures, serverErrors };
  const [pace, step] = pacing.nextPace(before, rule.outcome, 1000, jitter);
  assert.equal(step, rule.step);
  assert.equal(pace.failures, rule.failures_after);
  isNear(Math.max(0, pace.notBefore - 1000), rule.wait);
});

each("connected", RULES.connected, (rule) => {
  const before = {
    ...pacing.FIRST_PACE,
    notBefore: limit(rule.not_before),
    lastEarlyAt: limit(rule.last_early_at),
  };
  const { notBefore } = pacing.connected(before, rule.now);
  assert.equal(notBefore, limit(rule.not_before_after));
});

const CODES = {
  no_reply: "no_connection",
  timed_out: "timed_out",
  retry_later: "retry_later",
};
each("outcomes", RULES.outcomes, ({ failure, status, problem, outcome }) => {
  const reply = {
    status,
    mediaType: problem ? "application/problem+json" : "text/html",
    body: toBytes({ code: problem, status }),
  };
  const error = failure ? { code: CODES[failure] } : core.transports.toError(reply);
  assert.equal(pacing.classify(error), outcome);
});

each(
  "retry after",
  RULES.retry_after,
  ({ status, problem, retry_after: after, date, seconds }) => {
    const reply = {
      status,
      mediaType: problem ? "application/problem+json" : "text/html",
      body: toBytes({ code: problem, status }),
    };
    assert.equal(core.transports.readPause(reply, after, date), seconds);
  },
);

each("replies", RULES.replies.cases, ({ status, content_type: type, body, result }) => {
  const { item, batch } = RULES.replies;
  const reply = {
    status,
    mediaType: type.split(";")[0].trim().toLowerCase(),
    body: typeof body === "string" ? core.bytes.utf8(body) : toBytes(body),
  };
  const read = () => outbox.readResult(reply, item, batch);
  if (result) assert.deepEqual(read(), result);
  else assert.throws(read, { name: "PhoneError" });
});

const toWindow = (bounds) =>
  bounds === null ? clocks.ANY_TIME : { earliest: bounds[0], latest: bounds[1] };

each("time", RULES.time, ({ window, date, corrected, wall, believed }) => {
  assert.equal(clocks.chooseTime(toWindow(window), date, corrected, wall), believed);
});

each("windows", RULES.windows, ({ listed, window }) => {
  const waves = listed.map((wave) => ({
    charter: {
      announcesAt: wave.announces_at,
      opensAt: wave.opens_at,
      closesAt: wave.closes_at,
    },
    isOpen: wave.is_open,
  }));
  assert.deepEqual({ ...clocks.buildWindow(waves) }, { ...toWindow(window) });
});

each("plain language", RULES.plain_language, async (rule) => {
  const frozen = example("get_charter.frozen").response.json;
  const body = toBytes({
    ...frozen,
    tree: rule.tree,
    min_pool: 6,
    min_respondents: rule.min_respondents,
    plain_language: { en: [], [rule.language]: [rule.line] },
  });
  const digest = await core.bytes.digest(body);
  const charter = await charters.parseCharter(body, digest, frozen.wave.id);
  const moreTeams = (n, language) =>
    CATALOGUES[language]["promise.more_teams"][1].replace("{n}", n);
  const filled = plainLanguage.fillPlainLanguage(charter, rule.team_id, moreTeams);
  assert.deepEqual(
    filled[rule.language],
    rule.expected === null ? [] : [rule.expected],
  );
});

each(
  "answers",
  RULES.answers,
  async ({ form, answers, context, is_valid: isValid }) => {
    const body = toBytes(example("get_instrument.pulse-1").response.json);
    const digest = await core.bytes.digest(body);
    const instrument = await instruments.parseInstrument(body, digest);
    const write = () => instruments.writePlaintext(instrument, form, answers, context);
    if (isValid) assert.equal(write().length, 256);
    else assert.throws(write, { code: "answers_invalid" });
  },
);

each("codes", RULES.codes, ({ typed, code }) => {
  assert.equal(codes.normalizeCode(typed)?.code ?? null, code);
});

each("statuses", RULES.statuses, ({ status, reason, state, lets_go: letsGo }) => {
  const item = { person: "p", waveId: "w", op: "submit", state: "queued" };
  const settlement = { status, reason };
  const end = status === "rejected" ? "dead" : "settled";
  const [closed] = outbox.closeItem([item], item, end, settlement);
  assert.equal(closed.state, state);
  assert.equal(outbox.nextItem([closed]), undefined);
  assert.equal(state === "settled", letsGo);
});
