// The watcher itself: what it counts, and that nothing happens after a kill. The kill loops depend
// on it.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { killAt, stopAtCalls } from "./kill-at.ts";
import { temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
const first = join(directory, "first");
const second = join(directory, "second");
const script = `echo hello > ${first}; echo said; cat ${first} | cat; mv ${first} ${second}; sync ${second}`;

beforeEach(() => {
  for (const file of [first, second]) rmSync(file, { force: true });
});

test("killAt() counts calls that change files, of every process, and no output", () => {
  const ended = killAt(["sh", "-c", script], { at: 0 });
  expect(ended.status).toBe(0);
  expect(ended.stdout).toBe("said\nhello\n");
  expect(ended.calls).toEqual(["openat sh", `write sh ${first}`, "renameat2 mv", "fsync sync"]);
});

test("killAt() kills before the call it was told, and nothing of it happens", () => {
  const beforeWrite = killAt(["sh", "-c", script], { at: 2 });
  expect(beforeWrite.status).toBe(137);
  expect(beforeWrite.calls).toHaveLength(2);
  expect(readFileSync(first, "utf8")).toBe("");
  const beforeRename = killAt(["sh", "-c", script], { at: 3 });
  expect(beforeRename.status).toBe(137);
  expect(readFileSync(first, "utf8")).toBe("hello\n");
  expect(existsSync(second)).toBe(false);
});

test("killAt() gives the status of a program that ends before that call", () => {
  expect(killAt(["sh", "-c", "exit 7"], { at: 5 })).toMatchObject({ status: 7, calls: [] });
});

test("stopAtCalls() stops before each call from a number on", async () => {
  const stops: [string, boolean][] = [];
  const status = await stopAtCalls(["sh", "-c", script], 2, (call) => {
    stops.push([call.split(" ").slice(0, 2).join(" "), existsSync(second)]);
    return undefined;
  });
  expect(status).toBe(0);
  expect(stops).toEqual([
    ["write sh", false],
    ["renameat2 mv", false],
    ["fsync sync", true],
  ]);
});

test("stopAtCalls() kills where it is told to, and nothing of the call happens", async () => {
  const status = await stopAtCalls(["sh", "-c", script], 3, () => "kill");
  expect(status).toBe(137);
  expect(readFileSync(first, "utf8")).toBe("hello\n");
  expect(existsSync(second)).toBe(false);
});
