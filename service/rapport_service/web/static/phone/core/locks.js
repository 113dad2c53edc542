// Web Locks, which all tabs of an origin share; where there are none, locks of this page.

const held = new Map();

/**
 * Runs some work while this tab alone holds a lock.
 *
 * @template T
 * @param {LockManager | undefined} locks
 * @param {string} name
 * @param {(isHeld: boolean) => Promise<T>} work
 * @param {boolean} [ifAvailable] do not wait: `work(false)` if another holds the lock
 * @returns {Promise<T>}
 */
export function withLock(locks, name, work, ifAvailable = false) {
  if (locks) {
    return locks.request(name, { ifAvailable }, (lock) => work(lock !== null));
  }
  if (ifAvailable && held.has(name)) return work(false);
  const turn = (held.get(name) ?? Promise.resolve()).then(() => work(true));
  const ended = turn.then(
    () => {},
    () => {},
  );
  held.set(name, ended);
  ended.then(() => held.get(name) === ended && held.delete(name));
  return turn;
}
