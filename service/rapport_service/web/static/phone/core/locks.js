// Web Locks, which all tabs of an origin share; where there are none, locks of this
// page.

const held = new Map();

/**
 * Runs some work while this tab alone holds a lock, or `work(false)` if it does not get
 * the lock in time.
 *
 * @template T
 * @param {LockManager | undefined} locks
 * @param {string} name
 * @param {(isHeld: boolean) => Promise<T>} work
 * @param {number} [milliseconds] to wait for another that holds it
 * @returns {Promise<T>}
 */
export async function withLock(locks, name, work, milliseconds = 60_000) {
  if (!locks) return withPageLock(name, work, milliseconds);
  const hold = (lock) => work(lock !== null);
  if (!milliseconds) return locks.request(name, { ifAvailable: true }, hold);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), milliseconds);
  let isHeld = false;
  const holdInTime = (lock) => {
    isHeld = true;
    clearTimeout(timer);
    return hold(lock);
  };
  try {
    return await locks.request(name, { signal: controller.signal }, holdInTime);
  } catch (error) {
    if (isHeld || !controller.signal.aborted) throw error;
    return work(false);
  } finally {
    clearTimeout(timer);
  }
}

function withPageLock(name, work, milliseconds) {
  if (!milliseconds && held.has(name)) return work(false);
  const turn = (held.get(name) ?? Promise.resolve()).then(() => work(true));
  const ended = turn.then(
    () => {},
    () => {},
  );
  held.set(name, ended);
  ended.then(() => held.get(name) === ended && held.delete(name));
  return turn;
}
