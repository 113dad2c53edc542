/** Short texts that a browser keeps; where it refuses, they last as long as the page. */

/** @param {"localStorage"|"sessionStorage"} name */
function openStore(name) {
  const held = {};
  /** Even the name may throw, where cookies are blocked. */
  function attempt(work) {
    try {
      return work(window[name]);
    } catch {
      return null;
    }
  }
  return {
    get: (key) => attempt((store) => store.getItem(key)) ?? held[key] ?? null,
    /** @param {string|null} value null removes it */
    set(key, value) {
      held[key] = value;
      attempt((store) =>
        (value === null ? store.removeItem(key) : store.setItem(key, value)));
    },
  };
}

/** What every later visit finds, and what this visit alone does. */
export const ofBrowser = openStore("localStorage");
export const ofVisit = openStore("sessionStorage");
