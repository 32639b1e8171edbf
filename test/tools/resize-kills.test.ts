// grow and shrink, killed before every call that changes something, of their tools too. Whatever run comes next has to
// find the old store or the new one, whole, and leave nothing beside it.
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { killAt } from "./kill-at.ts";
import { tryRun } from "./programs.ts";
import {
  allocatedBytes,
  complaints,
  directory,
  findRemains,
  innerBytes,
  isRoot,
  isUntouched,
  makeModel,
  program,
  putBack,
  readContents,
  type StoreModel,
} from "./stores.ts";

interface KillCase {
  readonly operation: "grow" | "shrink";
  readonly type: string;
  readonly from: number;
  readonly to: number;
  readonly filler?: number;
  readonly options?: readonly string[];
  readonly limitMs: number;
}

// Each block of metadata is a call of its own.
const few = ["-N", "64", "-J", "size=1"];

const cases: readonly KillCase[] = [
  { operation: "grow", type: "ext4", from: 16, to: 24, options: few, limitMs: 120_000 },
  // No room for more descriptors of groups: data has to move.
  {
    operation: "grow",
    type: "ext4",
    from: 12,
    to: 40,
    options: [...few, "-b", "1024", "-g", "1024", "-O", "^resize_inode"],
    limitMs: 120_000,
  },
  {
    operation: "shrink",
    type: "ext4",
    from: 24,
    to: 10,
    filler: 15,
    // A journal would move with the rest.
    options: ["-N", "64", "-b", "4096", "-O", "^has_journal"],
    limitMs: 120_000,
  },
  { operation: "grow", type: "xfs", from: 300, to: 320, limitMs: 240_000 },
  { operation: "grow", type: "btrfs", from: 256, to: 272, limitMs: 240_000 },
  { operation: "shrink", type: "btrfs", from: 300, to: 264, filler: 100, limitMs: 240_000 },
  { operation: "shrink", type: "xfs", from: 320, to: 300, limitMs: 400_000 },
];

const store = join(directory, "host", "sysrcd.bs");

for (const { operation, type, from, to, filler, options, limitMs } of cases) {
  const words = [program, operation, store, String(to)];
  const name = `${operation} of ${type} from ${from} to ${to} MiB`;
  describe.skipIf(!isRoot)(`${name} (needs root)`, () => {
    test("killed at any call, the next run finds the old store or the new one", {
      timeout: limitMs,
    }, () => {
      const model = makeModel(type, from, {
        ...(filler && { filler }),
        ...(options && { options }),
      });
      putBack(model, store);
      const whole = killAt(words, { at: 0 });
      expect(whole).toMatchObject({ status: 0 });
      expect(describeStore(model)).toEqual(described(model, to));
      const outcomes = new Set<number>();
      for (let at = 1; at <= whole.calls.length; at++) {
        putBack(model, store);
        const killed = killAt(words, { at });
        // How many calls there are differs by one or two from run to run: xfs and btrfs have threads.
        if (killed.status !== 137) expect(at).toBeGreaterThan(whole.calls.length - 5);
        const call = `${at}: ${killed.calls.at(-1)}`;
        // Asked for the size that it had, it says whether that is so.
        const next = tryRun([program, operation, store, String(from)]);
        const bytes = statSync(store).size;
        expect([from, to], call).toContain(bytes / 2 ** 20);
        expect([call, next.status, next.stderr]).toEqual([
          call,
          bytes === model.bytes ? 0 : 2,
          expect.anything(),
        ]);
        expect({ call, ...describeStore(model) }).toEqual({
          call,
          ...described(model, bytes / 2 ** 20),
        });
        outcomes.add(bytes);
      }
      expect(outcomes.size, "both are found").toBe(2);
    });
  });
}

function describeStore(model: StoreModel) {
  const { type, bytes, contents } = model;
  const isSame = isUntouched(model, store);
  return {
    bytes: statSync(store).size,
    inner: isSame ? bytes : innerBytes(type, store),
    isAllocated: allocatedBytes(store) >= statSync(store).size,
    remains: findRemains(store),
    complaints: isSame ? "" : complaints(type, store),
    contents: isSame ? contents : readContents(type, store),
  };
}

function described({ contents }: StoreModel, megabytes: number) {
  return {
    bytes: megabytes * 2 ** 20,
    inner: megabytes * 2 ** 20,
    isAllocated: true,
    remains: [],
    complaints: "",
    contents,
  };
}
