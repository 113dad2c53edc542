/**
 * A phone that says what a picture needs, in place of `core/phone.js`.
 *
 * Only pictures and the accessibility of screens use it: some states take weeks, or a
 * fault of the service, to come about. Every other test runs the real phone.
 */
const DATES = /At$/;

function revive(value) {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) =>
    [name, DATES.test(name) && typeof each === "string" ? new Date(each) : revive(each)]));
}

function failure(code) {
  return Object.assign(new Error(code), { code });
}

export async function openPhone() {
  const script = window.SCRIPT;
  if (script.openProblem) throw failure(script.openProblem);
  const { questions, drafts = {}, ...rest } = script;
  const data = { isEnrolled: true, pulses: [], items: [], results: [], nextOpensAt: null,
    lastContactAt: null, persistence: { isPersisted: true }, problems: [],
    hasFetched: true,
    ...revive(rest) };
  const results = data.results.map(({ waveId, document }, at) =>
    ({ waveId, document: script.results[at].document }));
  return {
    isEnrolled: () => data.isEnrolled,
    person: () => ({ organization: script.organization, purpose: "answering" }),
    async enrol() { throw failure(script.enrolProblem); },
    async answerNow() { throw failure(script.enrolProblem); },
    async sync() {
      document.documentElement.dataset.isSynced = "";
      return { sent: 0, drawn: 0, problems: data.problems, nextAt: null };
    },
    async pulses() { return data.pulses; },
    async items() { return data.items; },
    async results() { return results; },
    async hasFetched() { return data.hasFetched; },
    async hasUnsent() { return false; },
    async promisesRead() { return Boolean(script.isReader); },
    async notePromisesRead() {},
    async nextOpensAt() { return data.nextOpensAt; },
    async lastContactAt() { return data.lastContactAt; },
    async persistence() { return data.persistence; },
    async askPersistence() {},
    async questions() { return questions; },
    async draft(waveId) { return drafts[waveId] ?? null; },
    async saveDraft(waveId, draft) {
      if (script.saveProblem) throw failure(script.saveProblem);
      drafts[waveId] = draft;
    },
    async send() { throw failure(script.sendProblem); },
    async leave() {},
    async withdraw() {},
    async offerAgain() {},
    connected() {},
    subscribe: () => () => {},
  };
}
