// Does what a plan says, step by step. When a step fails, what was done is undone in reverse order and the plan that
// stands under `otherwise` is done instead.

import { type CheckedStore, refuseStore } from "../../core/steps/check-steps.ts";
import { isConfirming } from "../../core/steps/confirm-steps.ts";
import {
  matchStep,
  type Plan,
  type Step,
  type StepArguments,
  type StepFailure,
} from "../../core/steps/step.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { makeDirectories, writeWhole } from "../port/files.ts";
import { errnoOf, type MountFlag, type System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";
import { type Undo, undoing, undoQuietly } from "../port/undo.ts";
import { checkBeforeUse } from "./check-steps.ts";
import { confirmFile, confirmStore } from "./confirm-steps.ts";
import { checkDevice } from "./device-steps.ts";
import {
  allocateFile,
  checkAllocated,
  copyFile,
  createFile,
  type Progress,
  renameFile,
  reserveRoom,
} from "./file-steps.ts";
import { bindDirectory, mountDevice, mountFile, mountImage, showInside } from "./mount-steps.ts";
import { repairFileSystem } from "./repair-steps.ts";
import { performResize } from "./resize-steps.ts";
import { ensureRoom, makeBallast } from "./room-steps.ts";
import { describeFailure, failureOf } from "./step-failure.ts";

/** Tells how executing went: the plan that was done to its end, and what failed on the way. */
export interface Execution<Result> {
  readonly plan: Plan<Result>;
  readonly failures: readonly StepFailure[];
  /** What came of checking the store, in the plan that was done and in those that failed. */
  readonly checks: readonly CheckedStore[];
  /**
   * Why the plan, and what it says to do otherwise, was not done: it was made from what has turned out to be too old. What
   * it did is undone.
   */
  readonly outdated?: string;
}

/** Is told what takes long while it lasts. */
export interface Watcher {
  readonly progress?: Progress;
  readonly checking?: (step: StepArguments["check-store"]) => void;
}

/** Executes a plan or, where it fails, what it says to do otherwise; throws a Failure when nothing of it worked. */
export function execute<Result>(
  system: System,
  plan: Plan<Result>,
  watcher: Watcher = {},
): Execution<Result> {
  const failures: StepFailure[] = [];
  const checks: CheckedStore[] = [];
  const { progress = nothing, checking = nothing } = watcher;
  const performance = { system, progress, checking, checks };
  for (let current = plan; ; ) {
    const stop = executeSteps(current, (step) => perform(performance, step), failures);
    if (stop === undefined) return { plan: current, failures, checks };
    if (stop.isOutdated) return { plan: current, failures, checks, outdated: stop.failure.message };
    if (current.otherwise === undefined) throw stop.failure;
    current = current.otherwise;
  }
}

/** Is why a plan was not done. */
interface Stop {
  readonly failure: Failure;
  readonly isOutdated: boolean;
}

/** Gives why the plan failed, when what was done of it is undone; undefined when it is done. */
function executeSteps(
  plan: Plan,
  performStep: (step: Step) => Undo,
  failures: StepFailure[],
): Stop | undefined {
  const undos: Undo[] = [];
  for (const step of plan.steps) {
    try {
      undos.push(performStep(step));
    } catch (error) {
      const failure = failureOf(step, error);
      const isOutdated = isConfirming(step) && error instanceof Failure;
      if (!isOutdated) failures.push(describeFailure(plan, failure));
      if (step.optional) continue;
      for (const undo of undos.reverse()) undoQuietly(undo);
      return { failure, isOutdated };
    }
  }
  return undefined;
}

interface Performance {
  readonly system: System;
  readonly progress: Progress;
  readonly checking: (step: StepArguments["check-store"]) => void;
  readonly checks: CheckedStore[];
}

function perform({ system, progress, checking, checks }: Performance, step: Step): Undo {
  return matchStep<Undo>(step, {
    ...performResize(system),
    "repair-file-system": (arguments_) => {
      repairFileSystem(system, arguments_);
      return nothing;
    },
    "confirm-file": (arguments_) => {
      confirmFile(system, arguments_);
      return nothing;
    },
    "confirm-store": (arguments_) => {
      confirmStore(system, arguments_);
      return nothing;
    },
    "check-store": (asked) => {
      checking(asked);
      const checked = { step: asked, check: checkBeforeUse(system, asked) };
      checks.push(checked);
      const failure = refuseStore(checked);
      if (failure !== undefined) throw failure;
      return nothing;
    },
    "make-directory": ({ path, mode }) => {
      makeDirectories(system, path, mode ?? 0o755);
      return nothing;
    },
    "make-directory-like": (arguments_) => makeDirectoryLike(system, arguments_),
    "make-link": ({ path, to }) => {
      if (system.linkStatus(path)?.kind === "link") system.removeFile(path);
      system.makeLink(path, to);
      return () => system.removeFile(path);
    },
    "write-file": ({ path, text }) => {
      writeWhole(system, path, text);
      return nothing;
    },
    mount: (step) => mountDevice(system, step),
    "mount-image": (step) => mountImage(system, step),
    "mount-file": (step) => mountFile(system, step),
    "show-inside": (step) => showInside(system, step),
    bind: (step) => bindDirectory(system, step),
    "move-mount": ({ source, target }) => {
      system.mount({ source, target, flags: ["move"] });
      return () => system.mount({ source: target, target: source, flags: ["move"] });
    },
    "mount-overlay": ({ target, lower, upper, work, options }) => {
      const directories = `lowerdir=${lower.map(escapeLower).join(":")},upperdir=${escapeOption(upper)},workdir=${escapeOption(work)}`;
      system.mount({
        source: "backstore",
        target,
        type: "overlay",
        data: options === "" ? directories : `${directories},${options}`,
      });
      const undo = () => system.unmount(target);
      undoing(undo, () => refuseReadonly(system, { target, work }));
      return undo;
    },
    unmount: ({ target, lazily }) => {
      system.unmount(target, lazily ? "lazy" : undefined);
      return nothing;
    },
    "detach-loop": ({ device }) => {
      system.detachLoop(device);
      return nothing;
    },
    remount: ({ target, readonly, flags = [] }) => {
      const remount = (as: readonly MountFlag[]) =>
        system.mount({ source: "none", target, flags: ["remount", ...flags, ...as] });
      remount(readonly ? ["ro"] : []);
      return () => remount(readonly ? [] : ["ro"]);
    },
    "create-file": ({ path, mode }) => {
      createFile(system, path, mode);
      return () => system.removeFile(path);
    },
    reserve: (arguments_) => reserveRoom(system, arguments_),
    allocate: (arguments_) => allocateFile(system, arguments_, progress),
    "check-allocated": (arguments_) => {
      checkAllocated(system, arguments_);
      return nothing;
    },
    "run-tool": (call) => {
      runTool(system, call);
      return nothing;
    },
    "sync-file": ({ path }) => {
      system.sync(path);
      return nothing;
    },
    "sync-file-system": ({ path }) => {
      system.syncFileSystem(path);
      return nothing;
    },
    rename: (arguments_) => renameFile(system, arguments_),
    "remove-file": ({ path }) => {
      system.removeFile(path);
      return nothing;
    },
    "copy-file": (arguments_) => copyFile(system, arguments_, progress),
    truncate: ({ path, bytes }) => {
      const before = system.status(path)?.bytes ?? bytes;
      system.truncate(path, bytes);
      return before < bytes ? () => system.truncate(path, before) : nothing;
    },
    "check-device": (arguments_) => {
      checkDevice(system, arguments_);
      return nothing;
    },
    "set-loop-capacity": ({ device }) => {
      system.setLoopCapacity(device);
      return nothing;
    },
    "ensure-room": (arguments_) => {
      ensureRoom(system, arguments_);
      return nothing;
    },
    "make-ballast": (arguments_) => {
      makeBallast(system, arguments_);
      return nothing;
    },
  });
}

function nothing(): void {}

/** Where an overlay cannot make what it needs in its work directory (no room) the kernel mounts it all the same, read-only. */
function refuseReadonly(
  system: System,
  { target, work }: Pick<StepArguments["mount-overlay"], "target" | "work">,
): void {
  if (!system.room(target).readonly) return;
  throw new Failure(
    "no-room",
    `Cannot keep changes: the overlay on ${formatPath(target)} came up read-only, because nothing can be made in ${formatPath(work)}`,
  );
}

/**
 * The new directory becomes the root of the system: it takes over what the base's root has (design, "A store on disk").
 * It is made beside, so that no power cut leaves one that is there and has only half of that.
 */
function makeDirectoryLike(
  system: System,
  { path, like }: StepArguments["make-directory-like"],
): Undo {
  if (system.status(path) !== undefined) return nothing;
  const beside = `${path}.new`;
  if (system.linkStatus(beside) !== undefined) system.removeDirectory(beside);
  system.makeDirectory(beside, 0o700);
  undoing(
    () => system.removeDirectory(beside),
    () => {
      copyAttributes(system, { path: beside, like });
      system.rename(beside, path);
    },
  );
  return nothing;
}

function copyAttributes(system: System, { path, like }: { path: string; like: string }): void {
  const model = system.status(like);
  if (!model) return;
  system.setOwner(path, model.uid, model.gid);
  for (const name of system.listXattrs(like)) {
    const value = name.startsWith("trusted.overlay.") ? undefined : system.getXattr(like, name);
    if (value) copyXattr(system, { path, name, value });
  }
  // Last: setting an owner or an access list may take bits away.
  system.setMode(path, model.mode);
}

/** A file system without a kind of attribute (no SELinux, no access lists) still holds a store. */
function copyXattr(
  system: System,
  { path, name, value }: { path: string; name: string; value: Uint8Array },
): void {
  try {
    system.setXattr(path, name, value);
  } catch (error) {
    if (errnoOf(error) !== "EOPNOTSUPP" && errnoOf(error) !== "EINVAL") throw error;
  }
}

/** Overlayfs splits its options at commas and its layers at colons, and takes a backslash before either (ovl_unescape). */
function escapeOption(path: string): string {
  return path.replace(/[\\,]/g, "\\$&");
}

function escapeLower(path: string): string {
  return path.replace(/[\\,:]/g, "\\$&");
}
