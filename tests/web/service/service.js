// A real service, in a process of its own, for as long as a test lasts.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const ROOT = new URL("../../../", import.meta.url).pathname;
const PYTHON = `${ROOT}.venv/bin/python`;

/**
 * Starts a service with one wave.
 *
 * @param {{draw: number, answer: number, send: number}} seconds of the wave
 */
export async function startService({ draw, answer, send }) {
  const program = [
    "-m",
    "tests.web.service.serve",
    ...[draw, answer, send].map(String),
  ];
  const child = spawn(PYTHON, program, {
    cwd: ROOT,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, "line"), ended]);
  if (typeof line !== "string") throw new Error("the service did not start");
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { ...JSON.parse(line), stop };
}

/** Waits until an instant in seconds since the epoch has passed. */
export const until = (seconds) =>
  new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, seconds * 1000 - Date.now()) + 50);
  });

/** Tries until there is a result; gives up after some seconds. */
export async function eventually(attempt, seconds = 120) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const result = await attempt();
    if (result || Date.now() > end) return result;
    await until(Date.now() / 1000 + 0.3);
  }
}
