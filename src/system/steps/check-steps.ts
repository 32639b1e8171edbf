// Checks the store's file system before a session writes to it. Checks that write nothing are
// limited in time: after that a boot goes on, and reports that nothing was checked. e2fsck makes no
// repair that it has not made on a copy first (docs/decisions/0018 and 0020); the log of an xfs
// file system is replayed first, because xfs_repair would treat its pending changes as damage.

import { describeInability } from "../../core/check/check-file-system.ts";
import { checkerCall } from "../../core/file-systems/checkers.ts";
import {
  type CheckedStore,
  type CheckStoreStepArguments,
  refuseStore,
  type StoreCheck,
} from "../../core/steps/check-steps.ts";
import { Failure } from "../../core/text/failure.ts";
import { listCheckers, prepareChecker } from "../checkers/boot-checkers.ts";
import { type Confinement, withConfinement } from "../checkers/confinement.ts";
import { findComplaint, findInability, judge } from "../checkers/judge-checker.ts";
import { rehearseIn } from "../checkers/rehearse-check.ts";
import { mostSaidBytes } from "../checkers/run-checker.ts";
import { makeDirectories } from "../port/files.ts";
import type { Finished, System } from "../port/system.ts";
import { describeEnd } from "../port/tool.ts";
import { replayLog } from "./mounted-store.ts";
import { nothing, type Performers } from "./performers.ts";

type CheckStep = CheckStoreStepArguments["check-store"];

/** The maximum time that a boot spends checking. */
export const checkSeconds = 60;

/**
 * Returns the functions that perform these steps; they announce the check, and add its result to
 * `checks`.
 */
export function performCheck(
  system: System,
  {
    checking,
    checks,
  }: { readonly checking: (step: CheckStep) => void; readonly checks: CheckedStore[] },
): Performers<CheckStoreStepArguments> {
  return {
    "check-store": (step) => {
      checking(step);
      const checked = { step, check: checkBeforeUse(system, step) };
      checks.push(checked);
      const failure = refuseStore(checked);
      if (failure !== undefined) throw failure;
      return nothing;
    },
  };
}

/** Checks a store that is not in use, and repairs it if all repairs are safe. */
export function checkBeforeUse(system: System, step: CheckStep): StoreCheck {
  if (!step.throughLoop) return check(system, step);
  return system.withLoop({ file: step.path, readonly: false, directIo: true }, (path) =>
    check(system, { ...step, path }),
  );
}

function check(system: System, step: CheckStep): StoreCheck {
  const { path, type, scratch, base } = step;
  const root = prepareChecker(system, type, base);
  if (root === undefined) return unchecked(describeMissing(system, step));
  const end = system.uptimeMs() + checkSeconds * 1000;
  makeDirectories(system, scratch, 0o700);
  if (type === "xfs" && !isReplayed(system, step))
    return { result: "damaged", tool: "the kernel", says: "it cannot be mounted" };
  try {
    return withDevice(system, path, (device) =>
      withConfinement(system, { root, at: scratch, device }, (place) => {
        const checking = { device, place, ...limit(system, place, end) };
        return type.startsWith("ext")
          ? checkExt(system, step, checking)
          : checkOther(type, checking);
      }),
    );
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "tool") throw error;
    return unchecked(error.message);
  }
}

/** A file is checked through a loop device: who checks it may not have the right to open it. */
function withDevice<T>(system: System, path: string, use: (device: string) => T): T {
  if (system.status(path)?.kind === "block") return use(path);
  return system.withLoop({ file: path, readonly: false, directIo: true }, use);
}

/** A device that is checked, and programs that are run for that. */
interface Checking {
  readonly device: string;
  readonly place: Confinement;
  /** Runs a program that writes nothing, as long as there is time. */
  readonly run: (argv: readonly string[]) => Finished;
  readonly isOver: () => boolean;
}

function limit(system: System, place: Confinement, end: number): Pick<Checking, "run" | "isOver"> {
  return {
    isOver: () => system.uptimeMs() >= end,
    run(argv) {
      const timeoutMs = Math.max(0, end - system.uptimeMs());
      return place.run(argv, { timeoutMs, mostBytes: mostSaidBytes });
    },
  };
}

/** Replays the log of an xfs file system; returns whether it can be mounted. */
function isReplayed(system: System, { path, type, scratch }: CheckStep): boolean {
  try {
    replayLog(system, { store: path, type, at: scratch });
    return true;
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "damaged") throw error;
    return false;
  }
}

function checkOther(type: string, { device, run }: Checking): StoreCheck {
  const argv = checkerCall(type, device) ?? [];
  const ended = run(argv);
  if (ended.timedOut) return tooLong(argv);
  const word = judge(ended, argv);
  switch (word.kind) {
    case "clean":
      return { result: "clean", tool: toolOf(argv) };
    case "copy-broken":
      return { result: "clean", tool: word.tool, says: word.says };
    case "damaged":
      return { result: "damaged", tool: word.tool, says: word.says };
    case "unable":
      return unchecked(describeInability(word));
    case "failed":
      return unchecked(word.says);
    case "not-asked":
      return unchecked(
        word.reason === "pending-log" ? "its log could not be replayed" : describeEnding(ended),
      );
  }
}

function checkExt(system: System, step: CheckStep, checking: Checking): StoreCheck {
  const { device, place, run, isOver } = checking;
  const { tool, ended } = rehearseIn(system, { directory: place.work, path: device, run, isOver });
  if (ended.timedOut) return tooLong(ended.argv);
  const inability = isOutOfMemory(ended) ? undefined : findInability(ended, [tool]);
  if (inability !== undefined) return unchecked(describeInability(inability));
  if (ended.status === undefined || ended.status >= 126 || (ended.status & 12) === 8)
    return unchecked(describeEnding(ended));
  if (isOutOfMemory(ended))
    return unchecked("there is not enough memory for a copy of its metadata");
  const says = findComplaint(ended);
  const told = says === undefined ? {} : { says };
  if (tool === "e2image" || ended.status >= 4) return { result: "damaged", tool, ...told };
  if (says === undefined && !step.hasErrors) return { result: "clean", tool };
  return repairExt(system, checking, told);
}

function isOutOfMemory({ argv: [tool], stdout, stderr }: Finished): boolean {
  return tool === "e2image" && /No space left|emory allocation failed/.test(`${stdout}${stderr}`);
}

/** This writes, so it has no time limit. */
function repairExt(
  system: System,
  { device, place }: Checking,
  told: { readonly says?: string },
): StoreCheck {
  place.allowWrites();
  const ended = place.run(["e2fsck", "-f", "-p", device], { mostBytes: mostSaidBytes });
  system.sync(device);
  const tool = "e2fsck";
  if (ended.status !== undefined && ended.status < 4) return { result: "repaired", tool, ...told };
  const inability = findInability(ended, [tool]);
  if (inability !== undefined) return unchecked(describeInability(inability));
  const says = findComplaint(ended) ?? describeEnding(ended);
  return { result: "damaged", tool, says };
}

function describeMissing(system: System, { type }: CheckStep): string {
  if (listCheckers(system).includes(type)) return `the checker for ${type} could not be unpacked`;
  return `neither initramfs nor base has a checker for ${type}`;
}

function unchecked(says: string): StoreCheck {
  return { result: "unchecked", says };
}

function tooLong(argv: readonly string[]): StoreCheck {
  const tool = toolOf(argv);
  return { result: "unchecked", tool, says: `${tool} took longer than ${checkSeconds} seconds` };
}

function describeEnding(ended: Finished): string {
  return `${toolOf(ended.argv)} ended with ${describeEnd(ended)}`;
}

function toolOf([tool = ""]: readonly string[]): string {
  return tool;
}
