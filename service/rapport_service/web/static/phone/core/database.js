// The phone's records, in IndexedDB. What was written is on disk, and was read back.
//
// Every use opens the database and closes it again: browsers kill connections of pages
// in the background, and a handle that is dead has reported success. A record has a key
// of texts, its kind first, and any value that can be cloned.

import { PhoneError } from "./errors.js";
import { withLock } from "./locks.js";

/** Older code refuses a database of a newer version, and changes nothing. */
export const SCHEMA_VERSION = 1;

const STORE = "records";
const OPEN_MILLISECONDS = 10_000;
const RETRIED = ["UnknownError", "InvalidStateError", "AbortError", "TimeoutError"];

/** @typedef {string[]} Key */

/** Records inside one transaction. Await nothing else while it lasts. */
class Rows {
  #store;
  #written;

  constructor(store, written) {
    this.#store = store;
    this.#written = written;
  }

  /** The value of a record; undefined where there is none. */
  async get(key) {
    return (await toPromise(this.#store.get(key)))?.value;
  }

  /** The values of all records whose keys begin so, by key. */
  async all(...prefix) {
    const rows = await toPromise(this.#store.getAll(rangeOf(prefix)));
    return rows.map((row) => row.value);
  }

  /** The same of their keys. */
  keys(...prefix) {
    return toPromise(this.#store.getAllKeys(rangeOf(prefix)));
  }

  async put(key, value) {
    const version = (await this.#versionOf(key)) + 1;
    await toPromise(this.#store.put({ key, value, version }));
    this.#written.set(JSON.stringify(key), { key, version });
  }

  async remove(key) {
    const version = await this.#versionOf(key);
    if (version) await toPromise(this.#store.delete(key));
    this.#written.set(JSON.stringify(key), { key, removed: version });
  }

  async #versionOf(key) {
    return (await toPromise(this.#store.get(key)))?.version ?? 0;
  }
}

const rangeOf = (prefix) => globalThis.IDBKeyRange.bound(prefix, [...prefix, []]);

const toPromise = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** The database of this origin; all tabs share it. */
export class Database {
  #indexedDB;
  #locks;

  /**
   * @param {{indexedDB: IDBFactory, locks?: LockManager, name?: string}} given
   */
  constructor({ indexedDB, locks, name = "rapport" }) {
    [this.#indexedDB, this.#locks, this.name] = [indexedDB, locks, name];
    /** Called after each write. */
    this.onWrite = () => {};
  }

  /** The value of a record; undefined where there is none. */
  get(key) {
    return this.read((rows) => rows.get(key));
  }

  /** The values of all records whose keys begin so, by key. */
  all(...prefix) {
    return this.read((rows) => rows.all(...prefix));
  }

  /**
   * Runs some work on records, all at one moment.
   *
   * @template T
   * @param {(rows: Rows) => Promise<T>} work
   * @returns {Promise<T>}
   */
  read(work) {
    return this.#transact("readonly", (store) => work(new Rows(store, new Map())));
  }

  /**
   * Runs some work that changes records: all of it is on disk when this returns, or
   * none.
   *
   * @template T
   * @param {(rows: Rows) => Promise<T>} work may run twice, if the connection died
   * @returns {Promise<T>}
   * @throws {PhoneError} `storage_full`, `storage_newer`, `storage_refused`, and
   *     `storage_lost` if the browser said that it wrote and did not
   */
  async write(work) {
    let written;
    const result = await this.#transact("readwrite", (store) => {
      written = new Map();
      return work(new Rows(store, written));
    });
    if (written.size) {
      await this.#assertWritten([...written.values()]);
      this.onWrite();
    }
    return result;
  }

  /**
   * Reads back; another tab may have written again, so a later version is right, too.
   */
  async #assertWritten(written) {
    const rows = await this.#transact("readonly", (store) =>
      Promise.all(written.map(({ key }) => toPromise(store.get(key)))),
    );
    const isLost = written.some(({ version, removed }, at) => {
      const stored = rows[at]?.version ?? 0;
      return version ? stored < version : removed && stored === removed;
    });
    if (isLost) throw new PhoneError("storage_lost", "what was written is not there");
  }

  async #transact(mode, work) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(mode, work);
      } catch (error) {
        if (!(error instanceof DOMException)) throw error;
        if (attempt === 1 && RETRIED.includes(error?.name)) continue;
        throw toPhoneError(error);
      }
    }
  }

  async #attempt(mode, work) {
    const database = await this.#openInTime();
    try {
      const transaction = database.transaction(STORE, mode, { durability: "strict" });
      const ended = new Promise((resolve, reject) => {
        const fail = () =>
          reject(transaction.error ?? new DOMException("", "AbortError"));
        transaction.oncomplete = resolve;
        transaction.onabort = fail;
        database.onclose = fail;
      });
      ended.catch(() => {}); // its error is thrown below, or by the work
      try {
        const working = work(transaction.objectStore(STORE));
        const result = await Promise.race([working, ended.then(() => working)]);
        await ended;
        return result;
      } catch (error) {
        abort(transaction);
        throw error;
      }
    } finally {
      database.close();
    }
  }

  /** A tab that hangs while it opens keeps neither its lock nor its caller. */
  #openInTime() {
    const open = () => inTime(this.#open());
    return inTime(withLock(this.#locks, `${this.name}-open`, open));
  }

  #open() {
    if (!this.#indexedDB) throw new PhoneError("storage_refused", "no IndexedDB");
    const request = this.#indexedDB.open(this.name, SCHEMA_VERSION);
    request.onupgradeneeded = () =>
      request.result.createObjectStore(STORE, { keyPath: "key" });
    return toPromise(request).then((database) => {
      database.onversionchange = () => database.close();
      return database;
    });
  }
}

/** The opened database; one that comes later than anybody waits for is closed. */
function inTime(opening) {
  let isLate = false;
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      isLate = true;
      reject(new DOMException("", "TimeoutError"));
    }, OPEN_MILLISECONDS);
  });
  opening.then(
    (database) => isLate && database.close(),
    () => {},
  );
  return Promise.race([opening, late]).finally(() => clearTimeout(timer));
}

function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // it has ended already
  }
}

function toPhoneError(error) {
  const codes = { QuotaExceededError: "storage_full", VersionError: "storage_newer" };
  const code = codes[error?.name] ?? "storage_refused";
  return new PhoneError(code, `${error?.name}: ${error?.message}`);
}
