// What the modules never do: touch a page, log, leave their origin, or guess.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

import { read } from "./support.js";

const FOLDER = "service/rapport_service/web/static/phone/core";
const FORBIDDEN = [
  /\bdocument\.(query|getElement|create|body|cookie|location|title|addEvent)/,
  /\bwindow\.(open|location|addEvent)/,
  /\b(localStorage|sessionStorage|XMLHttpRequest)\b/,
  /\bconsole\b/,
  /\beval\b|\bnew Function\b|\bimport\(/,
  /\bMath\.random\b/,
  /\bhttps?:\/\//,
  /\bcookie\b/i,
];
const names = readdirSync(new URL(`../../../${FOLDER}`, import.meta.url));

for (const name of names.filter((each) => each.endsWith(".js"))) {
  test(`${name} touches no page and leaves no trace`, () => {
    const comments = /\/\*\*[^]*?\*\/|^\s*\/\/.*$|\/\/ .*$/gm;
    const code = read(`${FOLDER}/${name}`).replace(comments, "");
    for (const pattern of FORBIDDEN) assert.ok(!pattern.test(code), String(pattern));
    for (const [, path] of code.matchAll(/from "([^"]+)"/g)) {
      assert.match(path, /^\.\/\w+\.js$/, "it imports its neighbours alone");
    }
  });
}
