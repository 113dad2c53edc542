import assert from "node:assert/strict";
import { test } from "node:test";

import { bytes } from "./core.js";

test("base64url of any length is read back", () => {
  for (let length = 0; length < 70; length += 1) {
    const data = bytes.randomBytes(length);
    assert.equal(bytes.encode(data), Buffer.from(data).toString("base64url"));
    assert.deepEqual(bytes.decode(bytes.encode(data)), data);
    assert.deepEqual(bytes.decode(bytes.encode(data), length), data);
    assert.equal(bytes.decode(bytes.encode(data), length + 1), null);
  }
});

test("any other form than the canonical one is refused", () => {
  for (const written of [
    "AA==",
    "AA=",
    "A",
    "AB",
    "+/+/",
    "AA\n",
    " AA",
    "ÄA",
    "AAB",
  ]) {
    assert.equal(bytes.decode(written), null, written);
  }
  for (const value of [null, undefined, 4, ["AA"]])
    assert.equal(bytes.decode(value), null);
});

test("numbers are big-endian", () => {
  assert.equal(bytes.toNumber(new Uint8Array([1, 0])), 256n);
  assert.deepEqual(bytes.fromNumber(256n, 4), new Uint8Array([0, 0, 1, 0]));
  assert.equal(bytes.toNumber(new Uint8Array()), 0n);
});

test("a number below a limit is each as likely as the others", () => {
  const counts = Array(45).fill(0);
  for (let draw = 0; draw < 45_000; draw += 1) counts[bytes.randomBelow(45)] += 1;
  for (const count of counts) assert.ok(count > 800 && count < 1200, String(counts));
});

test("text that is not UTF-8 is refused, and a byte order mark stays", () => {
  assert.throws(() => bytes.text(new Uint8Array([0xff])));
  assert.equal(bytes.text(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), "\ufeffa");
});
