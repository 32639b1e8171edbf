// grow and shrink, killed before every call that changes something, including those of their tools.
// Whatever run comes next has to find the old store or the new one, complete, and leave nothing
// beside it.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { buildDirectory } from "../../scripts/lib/cache.ts";
import { killAt } from "./kill-at.ts";
import { run, tryRun } from "./programs.ts";
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
  removeScratch,
  type StoreModel,
} from "./stores.ts";

interface KillCase {
  readonly operation: "grow" | "shrink";
  readonly type: string;
  readonly from: number;
  readonly to: number;
  readonly filler?: number;
  readonly options?: readonly string[];
  /**
   * On a disk's file system, which clears a range by one call, while memory needs 256 for the log
   * of an xfs file system.
   */
  readonly onDisk?: true;
  readonly limitMs: number;
}

// Each block of metadata is a call of its own.
const few = ["-N", "64", "-J", "size=1"];

const cases: readonly KillCase[] = [
  {
    operation: "grow",
    type: "ext4",
    from: 16,
    to: 24,
    options: ["-N", "64", "-b", "4096"],
    limitMs: 120_000,
  },
  // No space for more group descriptors: data has to move.
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
  { operation: "shrink", type: "xfs", from: 320, to: 300, onDisk: true, limitMs: 400_000 },
];

const disk = mkdtempSync(join(buildDirectory, "resize-kills-"));
afterAll(() => rmSync(disk, { recursive: true, force: true }));

const storeInMemory = join(directory, "host", "sysrcd.bs");

for (const { operation, type, from, to, filler, options, onDisk, limitMs } of cases) {
  const store = onDisk ? join(disk, "host", "sysrcd.bs") : storeInMemory;
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
      expect(describeStore(model, store)).toEqual(described(model, to));
      const outcomes = new Set<number>();
      for (let at = 1; at <= whole.calls.length; at++) {
        // An undone resize is as good as a restored store.
        if (statSync(store).size !== model.bytes) putBack(model, store);
        const killed = killAt(words, { at });
        // The number of calls differs by one or two from run to run: xfs and btrfs have threads.
        if (killed.status !== 137) expect(at).toBeGreaterThan(whole.calls.length - 5);
        const call = `${at}: ${killed.calls.at(-1)}`;
        // If the requested size is the present one, it says so.
        const next = tryRun([program, operation, store, String(from)]);
        const bytes = statSync(store).size;
        expect([from, to], call).toContain(bytes / 2 ** 20);
        expect([call, next.status, next.stderr]).toEqual([
          call,
          bytes === model.bytes ? 0 : 2,
          expect.anything(),
        ]);
        expect({ call, ...describeStore(model, store) }).toEqual({
          call,
          ...described(model, bytes / 2 ** 20),
        });
        outcomes.add(bytes);
      }
      expect(outcomes.size, "both are found").toBe(2);
    });
  });
}

test.skipIf(!isRoot)(
  "killed at any call, the run that finishes or takes back is done again (needs root)",
  { timeout: 120_000 },
  () => {
    const model = makeModel("ext4", 20, { options: ["-N", "64", "-b", "4096"] });
    const store = storeInMemory;
    const beside = join(directory, "beside");
    const words = [program, "grow", store, "28"];
    const isRecord = (call: string) => call.startsWith("rename backstore");
    const points: readonly (readonly [string, number, (calls: readonly string[]) => boolean])[] = [
      ["before the first copy", 20, (calls) => calls.at(-1)?.includes("e2image") === true],
      [
        "when the changes are whole",
        28,
        (calls) => calls.filter(isRecord).length === 2 && calls.at(-1) === "fsync backstore",
      ],
      [
        "when the first of them is written",
        28,
        (calls) => {
          const written = calls
            .slice(calls.findLastIndex(isRecord))
            .filter((call) => call.startsWith("pwrite64"));
          return calls.filter(isRecord).length === 2 && written.length === 2;
        },
      ],
    ];
    for (const [cut, megabytes, isThere] of points) {
      killWhere(model, words, isThere);
      rmSync(beside, { recursive: true, force: true });
      run(["cp", "-a", dirname(store), beside]);
      const recovery = [program, "grow", store, "20"];
      const whole = killAt(recovery, { at: 0 });
      expect([cut, statSync(store).size / 2 ** 20]).toEqual([cut, megabytes]);
      for (let at = 1; at <= whole.calls.length; at++) {
        run(["rm", "-rf", dirname(store)]);
        run(["cp", "-a", beside, dirname(store)]);
        killAt(recovery, { at });
        tryRun(recovery);
        expect({ cut, at, ...describeStore(model, store) }).toEqual({
          cut,
          at,
          ...described(model, megabytes),
        });
      }
    }
  },
);

/**
 * Kills at the first call at which the earlier calls are those that are meant: their number varies
 * a little.
 */
function killWhere(
  model: StoreModel,
  words: readonly string[],
  isThere: (calls: readonly string[]) => boolean,
): void {
  const store = storeInMemory;
  putBack(model, store);
  const { calls } = killAt(words, { at: 0 });
  const meant = calls.findIndex((_, at) => isThere(calls.slice(0, at + 1)));
  for (let at = Math.max(1, meant - 3); at < meant + 8; at++) {
    putBack(model, store);
    if (isThere(killAt(words, { at }).calls)) return;
    removeScratch(store);
  }
  throw new Error("there was no such call");
}

function describeStore(model: StoreModel, store: string) {
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
