// Storage: what is said to be saved is on disk, or an error says what to do.

import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";

import { IDBFactory } from "fake-indexeddb";

import { databases, errors } from "./core.js";
import { answer, CODE, readAll, startEnrolled, startWorld } from "./fake_phone.js";

const open = (given) =>
  new databases.Database({ indexedDB: new IDBFactory(), ...given });
const put = (database, key, value) => database.write((rows) => rows.put(key, value));

test("a record is read back, by key and by the beginning of a key", async () => {
  const database = open();
  await put(database, ["item", "p", "w2"], 2);
  await put(database, ["item", "p", "w1"], 1);
  await put(database, ["item", "q", "w1"], 3);
  await put(database, ["items"], 4);
  assert.equal(await database.get(["item", "p", "w1"]), 1);
  assert.equal(await database.get(["item", "p"]), undefined);
  assert.deepEqual(await database.all("item", "p"), [1, 2]);
  assert.deepEqual(await database.all("item"), [1, 2, 3]);
  await database.write((rows) => rows.remove(["item", "p", "w1"]));
  assert.deepEqual(await database.all("item", "p"), [2]);
});

test("a transaction that fails changes nothing", async () => {
  const database = open();
  const writing = database.write(async (rows) => {
    await rows.put(["a"], 1);
    throw new errors.PhoneError("answers_invalid");
  });
  await assert.rejects(writing, { code: "answers_invalid" });
  assert.equal(await database.get(["a"]), undefined);
});

test("writes are strict, and each use closes its connection", async (t) => {
  const database = open();
  const modes = [];
  const begin = IDBDatabase.prototype.transaction;
  t.mock.method(IDBDatabase.prototype, "transaction", function (store, mode, options) {
    if (options) modes.push([mode, options.durability]); // the rest is the fake's own
    return begin.call(this, store, mode, options);
  });
  const close = t.mock.method(IDBDatabase.prototype, "close");
  await put(database, ["a"], 1);
  assert.deepEqual(modes, [
    ["readwrite", "strict"],
    ["readonly", "strict"],
  ]);
  assert.equal(close.mock.callCount(), 2);
});

test("a write that the browser lost is found", async (t) => {
  const database = open();
  await put(database, ["a"], 1);
  const { get } = IDBObjectStore.prototype;
  t.mock.method(IDBObjectStore.prototype, "put", function () {
    return get.call(this, ["a"]); // it succeeds, and does nothing
  });
  await assert.rejects(put(database, ["b"], 1), { code: "storage_lost" });
  await assert.rejects(put(database, ["a"], 2), { code: "storage_lost" });
  t.mock.restoreAll();
  t.mock.method(IDBObjectStore.prototype, "delete", function () {
    return get.call(this, ["a"]);
  });
  const removing = database.write((rows) => rows.remove(["a"]));
  await assert.rejects(removing, { code: "storage_lost" });
});

test("a lost write of an answer is no sent answer", async (t) => {
  const { phone, service } = await startEnrolled();
  const [{ id }] = service.waves;
  const { items } = await phone.questions(id);
  const answers = Object.fromEntries(items.map((item) => [item.id, 3]));
  await phone.saveDraft(id, { answers, context: null, position: 5 });
  const stored = IDBObjectStore.prototype.put;
  t.mock.method(IDBObjectStore.prototype, "put", function (row) {
    return row.key[0] === "item" ? this.get(row.key) : stored.call(this, row);
  });
  await assert.rejects(phone.send(id), { code: "storage_lost" });
});

test("another tab that wrote in between is no lost write", async (t) => {
  const indexedDB = new IDBFactory();
  const [one, other] = [open({ indexedDB }), open({ indexedDB })];
  await put(one, ["a"], 1);
  const begin = IDBDatabase.prototype.transaction;
  let isFirst = true;
  t.mock.method(IDBDatabase.prototype, "transaction", function (store, mode, options) {
    const transaction = begin.call(this, store, mode, options);
    if (options && mode === "readwrite" && isFirst) {
      isFirst = false;
      transaction.addEventListener("complete", () => put(other, ["a"], 3));
    }
    return transaction;
  });
  await put(one, ["a"], 2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await one.get(["a"]), 3);
});

test("a connection that died is opened again, once", async (t) => {
  const database = open();
  const begin = IDBDatabase.prototype.transaction;
  let failures = 1;
  t.mock.method(IDBDatabase.prototype, "transaction", function (...given) {
    if (given[2]) failures -= 1;
    if (given[2] && failures >= 0)
      throw new DOMException("closing", "InvalidStateError");
    return begin.apply(this, given);
  });
  await put(database, ["a"], 1);
  assert.equal(await database.get(["a"]), 1);
  failures = 2;
  await assert.rejects(put(database, ["a"], 2), { code: "storage_refused" });
});

test("a transaction that was killed is done again", async (t) => {
  const database = open();
  let runs = 0;
  await database.write(async (rows) => {
    runs += 1;
    if (runs === 1) throw new DOMException("killed", "UnknownError");
    await rows.put(["a"], 1);
  });
  assert.deepEqual([runs, await database.get(["a"])], [2, 1]);
  t.diagnostic("once more, and no more");
});

test("a full disk, a refusal and a newer version are told apart", async (t) => {
  const fail = (name) => () => {
    throw new DOMException(name, name);
  };
  const database = open();
  t.mock.method(IDBObjectStore.prototype, "put", fail("QuotaExceededError"));
  await assert.rejects(put(database, ["a"], 1), { code: "storage_full" });

  const refusing = open({ indexedDB: { open: fail("SecurityError") } });
  await assert.rejects(refusing.get(["a"]), { code: "storage_refused" });
  await assert.rejects(open({ indexedDB: null }).get(["a"]), {
    code: "storage_refused",
  });

  const indexedDB = new IDBFactory();
  const request = indexedDB.open("rapport", databases.SCHEMA_VERSION + 1);
  await new Promise((resolve) => (request.onsuccess = resolve));
  request.result.close();
  await assert.rejects(open({ indexedDB }).get(["a"]), { code: "storage_newer" });
});

test("a database that does not open in time is refused", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let opened = 0;
  const hanging = { open: () => ((opened += 1), {}) };
  const database = open({ indexedDB: hanging, name: "hanging" });
  const reading = assert.rejects(database.get(["a"]), { code: "storage_refused" });
  for (let turn = 0; turn < 30; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(1_000);
  }
  await reading;
  assert.equal(opened, 2, "it was tried again");
});

test("a code is not presented if its device secret cannot be stored", async () => {
  const { service, clock } = await startWorld();
  const { phones } = await import("./core.js");
  const refusing = {
    open() {
      throw new DOMException("private mode", "SecurityError");
    },
  };
  const given = { indexedDB: refusing, fetch: service.fetch, origin: "https://a.test" };
  const opening = phones.openPhone({ ...given, clock: clock.source });
  await assert.rejects(opening, { code: "storage_refused" });
  assert.equal(service.log.length, 0);
});

test("what was wiped is gone, and the phone says that nobody is enrolled", async () => {
  const { phone, open: reopen } = await startEnrolled();
  assert.equal(phone.isEnrolled(), true);
  const wiped = await reopen({ indexedDB: new IDBFactory() });
  assert.equal(wiped.isEnrolled(), false);
  const { problems } = await wiped.sync({ draw: true });
  assert.deepEqual(problems, ["not_enrolled"]);
});

test("no readable answer is stored once Send was pressed, in any tab", async () => {
  const { phone, service, storage, open: reopen } = await startEnrolled();
  const [{ id }] = service.waves;
  const other = await reopen();
  await other.questions(id);
  await answer(phone, id, 2);
  const draft = { answers: { A0: 3 }, context: null, position: 1 };
  await assert.rejects(other.saveDraft(id, draft), { code: "already_answered" });
  assert.equal(await other.draft(id), null);
  const rows = await readAll(storage);
  const kinds = rows.map(({ key: [kind] }) => kind);
  assert.ok(!kinds.includes("draw"), "salt and blinding factor are gone");
  for (const { key, value } of rows) {
    if (key[0] === "document" || typeof value !== "object") continue;
    assert.ok(!("answers" in value), key.join());
    if (key[0] === "ballot") assert.equal(value.form, null);
  }
});

test("a listener hears of changes here, and in another tab", async (t) => {
  const { phone, open: reopen } = await startWorld();
  const other = await reopen();
  const heard = (each) =>
    new Promise((resolve) => {
      t.after(each.subscribe(() => each.isEnrolled() && resolve()));
    });
  const both = Promise.all([heard(phone), heard(other)]);
  await phone.enrol(CODE);
  await both;
});

test("the browser's promise to keep what is stored is asked for and shown", async () => {
  const { open: reopen } = await startWorld();
  let isPersisted = false;
  const storage = {
    persisted: async () => isPersisted,
    persist: async () => (isPersisted = true),
  };
  const phone = await reopen({ storage });
  assert.deepEqual(await phone.persistence(), { isPersisted: false, isAsked: false });
  assert.equal(await phone.askPersistence(), true);
  assert.deepEqual(await phone.persistence(), { isPersisted: true, isAsked: true });
  const without = await reopen({ storage: null });
  assert.equal(await without.askPersistence(), false);
});
