// Files that the tests of the SDK read, too.

import { readFileSync } from "node:fs";

const ROOT = new URL("../../../", import.meta.url);

export const read = (path) => readFileSync(new URL(path, ROOT), "utf8");
export const readJson = (path) => JSON.parse(read(path));
export const example = (name) => readJson(`schemas/examples/v1/${name}.json`);
export const VECTORS = example("ballot_vectors");

/** The rules of a client as data. */
export const RULES = example("client_rules");

export const fromHex = (text) => new Uint8Array(Buffer.from(text, "hex"));
export const toBytes = (document) => new TextEncoder().encode(JSON.stringify(document));
