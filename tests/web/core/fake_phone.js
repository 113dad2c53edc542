// A phone of a test: its own storage and clocks, a service in memory.

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

import { phones } from "./core.js";
import { FakeService, ManualClock } from "./fake_service.js";

globalThis.IDBKeyRange ??= IDBKeyRange;

export const ORIGIN = "https://rapport.test";
export const CODE = "acme-7QFM-29XK-T4WD";

/** A service with one code and, unless it is told otherwise, one open wave. */
export async function startWorld({ waves = 1, wall } = {}) {
  const clock = new ManualClock(undefined, wall);
  const service = new FakeService(clock);
  service.addCode(CODE, "maria");
  for (let at = 0; at < waves; at += 1) await service.addWave();
  const storage = new IDBFactory();
  const open = (given = {}) =>
    phones.openPhone({
      fetch: service.fetch,
      indexedDB: storage,
      origin: ORIGIN,
      random: () => 0.5,
      clock: clock.source,
      ...given,
    });
  return { clock, service, storage, open, phone: await open() };
}

/** The same, enrolled, with the ballots of its waves. */
export async function startEnrolled(given) {
  const world = await startWorld(given);
  await world.phone.enrol(CODE);
  await world.phone.sync({ send: true, draw: true });
  world.service.log.length = 0;
  return world;
}

/** Answers the questions of a wave; sends nothing. */
export async function answer(phone, waveId, value = 4) {
  const { items } = await phone.questions(waveId);
  const answers = Object.fromEntries(items.map(({ id }) => [id, value]));
  await phone.saveDraft(waveId, { answers, context: "normal", position: 5 });
  await phone.send(waveId);
}

/** The same, with an answer to the first wave that waits. */
export async function startAnswered(given) {
  const world = await startEnrolled(given);
  await answer(world.phone, world.service.waves[0].id);
  return world;
}

/** Every record that is stored. */
export const readAll = (storage) => askStore(storage, "readonly", (rows) => rows.getAll());

/** Stores a record as it is, past the phone. */
export const putRow = (storage, row) =>
  askStore(storage, "readwrite", (rows) => rows.put(row));

async function askStore(storage, mode, ask) {
  const opening = storage.open("rapport");
  await new Promise((resolve) => (opening.onsuccess = resolve));
  const database = opening.result;
  const asked = ask(database.transaction("records", mode).objectStore("records"));
  await new Promise((resolve) => (asked.onsuccess = resolve));
  database.close();
  return asked.result;
}
