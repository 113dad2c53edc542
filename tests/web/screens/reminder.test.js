// The calendar file: what a calendar reads, and no name in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { calendarFile } from
  "../../../service/rapport_service/web/static/phone/reminder.js";

const PULSE = {
  opensAt: new Date("2027-09-13T12:00:00Z"),
  closesAt: new Date("2027-09-17T21:00:00Z"),
};
const WORDS = { title: "Cinco preguntas; y más", text: () => "Hasta: viernes, 17" };
const NOW = new Date("2027-09-01T14:05:00Z");

const lines = (pulses) => calendarFile(pulses, WORDS, NOW).split("\r\n");

test("an entry begins when the pulse opens and rings then", () => {
  const file = lines([PULSE]);

  assert.equal(file[0], "BEGIN:VCALENDAR");
  assert.ok(file.includes("DTSTART:20270913T120000Z"));
  assert.ok(file.includes("TRIGGER:PT0M"));
  assert.equal(file.at(-2), "END:VCALENDAR");
  assert.equal(file.at(-1), "");
});

test("commas and semicolons are escaped", () => {
  assert.ok(lines([PULSE]).includes("SUMMARY:Cinco preguntas\\; y más"));
  assert.ok(lines([PULSE]).includes("DESCRIPTION:Hasta: viernes\\, 17"));
});

test("the same pulse has the same id, so an entry is replaced", () => {
  const ids = lines([PULSE, PULSE]).filter((line) => line.startsWith("UID:"));

  assert.equal(new Set(ids).size, 1);
  assert.equal(ids.length, 2);
});

test("no line is longer than 75 bytes", () => {
  const long = { ...WORDS, text: () => "á".repeat(200) };
  const file = calendarFile([PULSE], long, NOW).split("\r\n");

  for (const line of file) assert.ok(Buffer.byteLength(line) <= 75, line);
});
