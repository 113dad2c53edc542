/** Syncs: at launch, when seen again, when online, by hand, and while the app is open. */
import { say } from "./page.js";
import { codeOf, simplify } from "./screens/frame.js";
import { isForm } from "./screens/index.js";
import { keepUpdated } from "./updates.js";

/** What was asked of the syncs that have not ended; a second one waits for the first. */
const running = [];

export const isSyncing = () => running.length > 0;
export const isSending = () => running.some(({ send }) => send);

/**
 * Does what is due, or what the person asks for: to send, or to draw and send nothing
 * beside it. What went wrong is shown, not thrown.
 *
 * @param {{send?: boolean, draw?: boolean}} asked
 */
export async function syncPhone(app, asked = {}) {
  const isAsked = Boolean(asked.send || asked.draw);
  running.push(asked);
  if (isAsked) app.show();
  try {
    const { problems, nextAt } = await app.phone.sync(asked);
    app.trouble = problems.map(simplify).find((code) => code !== null) ?? null;
    scheduleSync(app, nextAt);
  } catch (error) {
    app.trouble = simplify(codeOf(error));
    console.warn(error.detail ?? error);
  }
  running.splice(running.indexOf(asked), 1);
  await app.refresh();
  const { t, has } = app.words;
  if (isAsked && has(`error.${app.trouble}`)) say(t(`error.${app.trouble}`));
  await keepUpdated(app);
}

let timer = 0;

/** Tries again while the app is open; what matters does not wait for this. */
function scheduleSync(app, at) {
  clearTimeout(timer);
  if (!at) return;
  const wait = Math.min(Math.max(at - Date.now(), 10_000), 3_600_000);
  timer = setTimeout(() => isForm(app) || document.hidden || app.sync(), wait);
}
