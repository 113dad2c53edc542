/** What the phone keeps, read anew before each picture. */
import { codeOf, simplify } from "./screens/frame.js";
import { isForm } from "./screens/index.js";
import { ANSWERED, prepare } from "./screens/question.js";

let loading = Promise.resolve();

/** The view that has been read for; another is on its way. */
let ready = null;

/** Whether the current view can be drawn. */
export const isReady = ({ view, problem }) => view === ready || Boolean(problem);

/**
 * Reads what a view shows, one reading after the other: what was read first must not
 * come last.
 *
 * @returns {Promise<boolean>} whether a form had to be left
 */
function load(app) {
  const next = async () => {
    app.data = await read(app);
    const { view } = app;
    const onError = (error) => leaveForm(app, view, error);
    const isLeft = await prepare(app).then(() => false, onError);
    if (isLeft) app.data = await read(app); // what ended the form may be newer
    ready = isLeft ? app.view : view;
    return isLeft;
  };
  loading = loading.then(next, next);
  return loading;
}

/** Leads out of a form that cannot be answered; elsewhere nobody need leave. */
function leaveForm(app, view, error) {
  console.warn(error.detail ?? error);
  if (app.view !== view) return false;
  const isAnswered = ANSWERED.includes(error.code);
  app.failure = isAnswered ? null : simplify(codeOf(error));
  app.view = isAnswered
    ? { screen: "became", waveId: view.waveId, depth: view.depth }
    : { screen: "start", depth: 0 };
  history.replaceState(app.view, "");
  return true;
}

async function read({ phone }) {
  const isEnrolled = await phone.isEnrolled();
  if (!isEnrolled) {
    return { isEnrolled, person: null, pulses: [], items: [], results: [] };
  }
  const [person, pulses, items, results, hasFetched, nextOpensAt, lastContactAt,
    persistence] = await Promise.all([
    phone.person(), phone.pulses(), phone.items(), phone.results(), phone.hasFetched(),
    phone.nextOpensAt(), phone.lastContactAt(), phone.persistence(),
  ]);
  return { isEnrolled, person, pulses, items, results, hasFetched, nextOpensAt,
    lastContactAt, persistence };
}

/** Reads what the phone keeps, then draws. */
export async function refresh(app, isNew = false) {
  try {
    await load(app);
    app.problem = null;
  } catch (error) {
    app.problem = codeOf(error);
    console.warn(error.detail ?? error);
  }
  app.show(isNew);
}

/** After a change, also in another tab: a form stays, unless it must be left. */
export async function notice(app) {
  if (!isForm(app)) {
    await refresh(app);
    return;
  }
  try {
    if (await load(app)) app.show(true);
  } catch (error) {
    console.warn(error.detail ?? error); // the next tap will say so
  }
}
