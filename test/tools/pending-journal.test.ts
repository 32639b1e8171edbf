// A store whose journal is pending and has inodes of directories that are on disk already, as jbd2 leaves them if the
// power fails: e2image leaves those directories out of a copy of the metadata, and they must not be called damaged.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run, temporaryDirectory, tryRun } from "./programs.ts";
import { program } from "./stores.ts";

const directory = temporaryDirectory();
const store = join(directory, "pending.bs");
const blockBytes = 1024;

/** Makes the store: what changes with new directories is in its journal, except the directories themselves. */
function makePending(): void {
  const before = join(directory, "before");
  const after = join(directory, "after");
  rmSync(before, { force: true });
  run(["mkfs.ext4", "-q", "-b", String(blockBytes), "-O", "^metadata_csum,^64bit", before, "16M"]);
  for (const name of ["upperdir", "workdir"]) debugfs(before, `mkdir ${name}`);
  copyFileSync(before, after);
  const made = Array.from({ length: 20 }, (_, index) => `/upperdir/made-${index}`);
  debugfs(after, ...made.map((name) => `mkdir ${name}`));
  const own = made.map((name) => Number(debugfs(after, `blocks ${name}`).match(/^\d+/m)?.[0]));
  const [old, now] = [readFileSync(before), readFileSync(after)];
  const at = (block: number) => now.subarray(block * blockBytes, (block + 1) * blockBytes);
  const changed = Array.from({ length: now.length / blockBytes }, (_, block) => block).filter(
    (block) => !at(block).equals(old.subarray(block * blockBytes, (block + 1) * blockBytes)),
  );
  const journaled = changed.filter((block) => !own.includes(block));
  expect([own.length, journaled.length > 0]).toEqual([20, true]);
  for (const block of own) at(block).copy(old, block * blockBytes);
  writeFileSync(store, old);
  const blocks = join(directory, "blocks");
  writeFileSync(blocks, Buffer.concat(journaled.map(at)));
  debugfs(store, "jo", `jw -b ${journaled.join(",")} ${blocks}`, "jc");
}

function debugfs(image: string, ...commands: string[]): string {
  return run(["debugfs", "-w", "-f", "-", image], commands.map((line) => `${line}\n`).join(""));
}

function check(...more: string[]) {
  return tryRun([program, "check", ...more, "--json", store]);
}

test("check finds no damage in directories that only a pending journal leads to", () => {
  makePending();
  const copy = join(directory, "copy");
  run(["e2image", "-r", store, copy]);
  expect(tryRun(["e2fsck", "-f", "-p", copy]).stdout).toMatch(/directory corrupted/);
  const before = readFileSync(store);
  const { status, stdout } = check();
  const { findings } = JSON.parse(stdout);
  expect(findings.filter(({ level }: { level: string }) => level === "error")).toEqual([]);
  expect(status).toBe(0);
  expect(readFileSync(store).equals(before)).toBe(true);
});

test("grow asks for the journal of such a store to be replayed first", () => {
  makePending();
  run(["fallocate", "--length", "16M", store]);
  const before = readFileSync(store);
  const { status, stderr } = tryRun([program, "grow", store, "32"]);
  expect([status, stderr]).toEqual([8, expect.stringMatching(/journal .*\n.*check --repair/)]);
  expect(readFileSync(store).equals(before)).toBe(true);
});

test("check --repair replays the journal of such a store, and asks nothing", () => {
  makePending();
  expect(check("--repair").status).toBe(0);
  expect(tryRun(["e2fsck", "-f", "-n", store]).status).toBe(0);
  expect(debugfs(store, "ls -p /upperdir")).toMatch(/made-19/);
});
