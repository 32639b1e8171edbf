// grow and shrink of ext4, killed before every call that changes something (resize-kill-case.ts),
// and so is the run that comes next.
import { rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { killAt } from "./kill-at.ts";
import { isRoot, run, tryRun } from "./programs.ts";
import { described, describeStore, type KillCase, testKills } from "./resize-kill-case.ts";
import {
  directory,
  makeModel,
  program,
  putBack,
  removeScratch,
  type StoreModel,
} from "./stores.ts";

// Each block of metadata is a call of its own.
const few = ["-N", "64", "-J", "size=1"];

const cases: readonly KillCase[] = [
  {
    operation: "grow",
    type: "ext4",
    from: 16,
    to: 24,
    options: ["-N", "64", "-b", "4096"],
    isCopied: () => true,
    limitMs: 120_000,
  },
  // No space for more group descriptors: data has to move.
  {
    operation: "grow",
    type: "ext4",
    from: 12,
    to: 20,
    options: [...few, "-b", "1024", "-g", "1024", "-O", "^resize_inode"],
    isCopied: () => true,
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
    isCopied: () => true,
    limitMs: 120_000,
  },
];

const store = join(directory, "host", "sysrcd.bs");

for (const one of cases) testKills(one, store);

test.skipIf(!isRoot)(
  "killed at any call, the run that finishes or takes back is done again (needs root)",
  { timeout: 120_000 },
  () => {
    const model = makeModel("ext4", 20, { options: ["-N", "64", "-b", "4096"] });
    const beside = join(directory, "beside");
    const words = [program, "grow", store, "28"];
    const isRecord = (call: string) => /^pwrite64 backstore .*-intent$/.test(call);
    const points: readonly (readonly [string, number, (calls: readonly string[]) => boolean])[] = [
      ["before the first copy", 20, (calls) => calls.at(-1)?.includes("e2image") === true],
      [
        "when the changes are whole",
        28,
        (calls) => calls.some(isRecord) && calls.at(-1) === "fsync backstore",
      ],
      [
        "when the first of them is written",
        28,
        (calls) => {
          const written = calls
            .slice(calls.findIndex(isRecord) + 1)
            .filter((call) => call.startsWith("pwrite64"));
          return calls.some(isRecord) && written.length === 2;
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
