// "backstore create" killed before every single call that changes something: the result is nothing,
// or the store as it was; the next run creates a complete one and leaves nothing beside it.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findStoreType } from "../../src/core/file-systems/store-types.ts";
import { callsOf, killBefore } from "./kill-at.ts";
import { copyProgram, run, temporaryDirectory, tryRun } from "./programs.ts";

const mebibyte = 2 ** 20;
const directory = temporaryDirectory();
const program = copyProgram(directory);
const at = join(directory, "at");
const store = join(at, "sysrcd.bs");
const old = join(directory, "old");

// Not ext3: it differs from these two only in the thousand calls in which mke2fs writes its
// journal's block map.
const cases = [
  { type: "ext4", megabytes: 8 },
  { type: "ext2", megabytes: 8 },
  { type: "xfs", megabytes: 300 },
  { type: "btrfs", megabytes: 109 },
];

function start(): void {
  rmSync(at, { recursive: true, force: true });
  mkdirSync(at);
}

function words({ type, megabytes }: (typeof cases)[number], ...more: string[]): string[] {
  return [program, "create", at, String(megabytes), "--type", type, ...more];
}

function isWhole(type: string, bytes: number): boolean {
  const { size, blocks } = statSync(store);
  const check = findStoreType(type)?.check(store) ?? [];
  return size === bytes && blocks * 512 >= bytes && tryRun([...check]).status === 0;
}

describe("backstore create that is killed", () => {
  for (const one of cases) {
    const title = `before any of its calls leaves no store of ${one.type}, and the next run makes one`;
    test(title, { timeout: 300_000 }, () => {
      start();
      const calls = callsOf(words(one));
      const renamed = calls.findIndex((call) => call.startsWith("rename"));
      expect(renamed).toBeGreaterThan(5);
      for (let number = 1; number <= calls.length; number++) {
        start();
        const where = killBefore(words(one), number, calls);
        const left = readdirSync(at);
        if (number - 1 > renamed) {
          expect(left, where).toEqual(["sysrcd.bs"]);
          expect(isWhole(one.type, one.megabytes * mebibyte), where).toBe(true);
          continue;
        }
        expect(left, where).toEqual(number === 1 ? [] : ["sysrcd.bs.backstore-new"]);
        const next = tryRun(words(one));
        // The tests may be on the disk of this machine.
        const said = next.stderr.replace(/^Note: .* the disk of the running system; .*\n/, "");
        expect([next.status, said], where).toEqual([0, ""]);
        expect(readdirSync(at), where).toEqual(["sysrcd.bs"]);
        // Each next run is the same; one of them is inspected.
        if (number % 10 === 1)
          expect(isWhole(one.type, one.megabytes * mebibyte), where).toBe(true);
      }
    });
  }

  test("while it replaces a store leaves the old one or the new one", { timeout: 300_000 }, () => {
    const one = { type: "ext4", megabytes: 8 };
    run(["truncate", "-s", "16M", old]);
    run(["mkfs.ext4", "-q", "-L", "old", old]);
    const before = readFileSync(old);
    const restart = () => {
      start();
      copyFileSync(old, store);
    };
    restart();
    const calls = callsOf(words(one, "--force"));
    const renamed = calls.findIndex((call) => call.startsWith("rename"));
    for (let number = 1; number <= calls.length; number++) {
      restart();
      const where = killBefore(words(one, "--force"), number, calls);
      if (number - 1 > renamed) expect(isWhole("ext4", 8 * mebibyte), where).toBe(true);
      else expect(readFileSync(store).equals(before), where).toBe(true);
      expect(tryRun(words(one, "--force")).status, where).toBe(0);
      expect(readdirSync(at), where).toEqual(["sysrcd.bs"]);
      expect(isWhole("ext4", 8 * mebibyte), where).toBe(true);
    }
  });
});
