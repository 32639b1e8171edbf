// grow and shrink, killed before every call that changes something, including those of their tools.
// Whatever run comes next has to find the old store or the new one, complete, and leave nothing
// beside it.
//
// While nothing is mounted, a kill leaves the files as they are: one run is stopped before each
// call, and the next run starts from copies. Some of these calls are killed nevertheless, to see
// that it leaves the same.
import { linkSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { killAt, stopAtCalls } from "./kill-at.ts";
import {
  copyState,
  describeState,
  dropStates,
  type LeftState,
  putBackState,
  versionOf,
} from "./left-states.ts";
import { isRoot, tryRun } from "./programs.ts";
import {
  allocatedBytes,
  complaints,
  findRemains,
  innerBytes,
  isUntouched,
  makeModel,
  program,
  putBack,
  readContents,
  type StoreModel,
} from "./stores.ts";

/** A resize to be killed. */
export interface KillCase {
  readonly operation: "grow" | "shrink";
  readonly type: string;
  readonly from: number;
  readonly to: number;
  readonly filler?: number;
  readonly options?: readonly string[];
  /** Returns whether a copy shows what a kill before a call leaves. */
  readonly isCopied: (call: string) => boolean;
  readonly limitMs: number;
}

interface Stop {
  readonly call: string;
  /** Undefined where only a kill shows what is left. */
  readonly left: LeftState | undefined;
}

/** Defines the test of a case, with the store at a path. */
export function testKills(one: KillCase, store: string): void {
  const { operation, type, from, to, filler, options, limitMs } = one;
  const words = [program, operation, store, String(to)];
  const name = `${operation} of ${type} from ${from} to ${to} MiB`;
  describe.skipIf(!isRoot)(`${name} (needs root)`, () => {
    test("killed at any call, the next run finds the old store or the new one", {
      timeout: limitMs,
    }, async () => {
      const model = makeModel(type, from, {
        ...(filler && { filler }),
        ...(options && { options }),
      });
      putBack(model, store);
      // Directories in memory are named by the inode, which may be replaced.
      const kept = `${dirname(store)}.inode`;
      linkSync(store, kept);
      const stops = await stopEverywhere(one, words, store);
      expect(describeStore(model, store)).toEqual(described(model, to));
      rmSync(store);
      renameSync(kept, store);
      const outcomes = new Set<number>();
      for (const [index, { call: name, left }] of stops.entries()) {
        const at = index + 1;
        const call = `${at}: ${name}`;
        if (left && !isKilled(stops, index)) {
          if (left === stops[index - 1]?.left) continue;
          putBackState(store, left);
        } else {
          // An undone resize is as good as a restored store.
          if (statSync(store).size !== model.bytes) putBack(model, store);
          // The number of calls differs by one or two from run to run: xfs and btrfs have threads,
          // e2fsck writes to a superblock once a second.
          const isKilled = left
            ? await killStopped(words, { at, store })
            : killAt(words, { at }).status === 137;
          if (!isKilled) expect(at).toBeGreaterThan(stops.length - 5);
        }
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
      dropStates();
    });
  });
}

async function stopEverywhere(
  { isCopied }: KillCase,
  words: readonly string[],
  store: string,
): Promise<Stop[]> {
  const { ino } = statSync(store);
  const stops: Stop[] = [];
  const status = await stopAtCalls(words, 1, (call) => {
    // Another inode cannot be put back.
    const hasCopy = isCopied(call) && statSync(store).ino === ino;
    stops.push({ call, left: hasCopy ? copyState(store, stops.at(-1)?.left) : undefined });
    return undefined;
  });
  expect(status).toBe(0);
  return stops;
}

/**
 * Kills a run before a call, and compares what that leaves with what there was while it was
 * stopped; returns false if there is no such call.
 */
async function killStopped(
  words: readonly string[],
  { at, store }: { at: number; store: string },
): Promise<boolean> {
  let stopped: string | undefined;
  await stopAtCalls(words, at, () => {
    stopped = describeState(store);
    return "kill";
  });
  if (stopped) expect(describeState(store)).toEqual(stopped);
  return stopped !== undefined;
}

/** Returns whether a call is killed although there is a copy: one of each kind, and every tenth. */
function isKilled(stops: readonly Stop[], index: number): boolean {
  const kind = (stop: Stop | undefined) => stop?.call.split(" ").slice(0, 2).join(" ");
  const isNew = stops.findIndex((stop) => kind(stop) === kind(stops[index])) === index;
  return isNew || index % 10 === 0;
}

interface Described {
  readonly version: string;
  readonly inner: number;
  readonly complaints: string;
  readonly contents: string;
}

let last: Described | undefined;

/** Describes a store and what is beside it. */
export function describeStore(model: StoreModel, store: string) {
  const version = versionOf(store);
  // Many a run that undoes a resize does not write to the store.
  if (last?.version !== version) last = { version, ...describeInner(model, store) };
  const { inner, complaints, contents } = last;
  return {
    bytes: statSync(store).size,
    inner,
    isAllocated: allocatedBytes(store) >= statSync(store).size,
    remains: findRemains(store),
    complaints,
    contents,
  };
}

function describeInner(model: StoreModel, store: string): Omit<Described, "version"> {
  const { type, bytes, contents } = model;
  if (isUntouched(model, store)) return { inner: bytes, complaints: "", contents };
  return {
    inner: innerBytes(type, store),
    complaints: complaints(type, store),
    contents: readContents(type, store),
  };
}

/** Returns the description of a whole store of a size with the contents of a model. */
export function described({ contents }: StoreModel, megabytes: number) {
  return {
    bytes: megabytes * 2 ** 20,
    inner: megabytes * 2 ** 20,
    isAllocated: true,
    remains: [],
    complaints: "",
    contents,
  };
}
