// How the steps that mount are performed, and undone.

import { closedFlags } from "../../core/kernel/mount-flags.ts";
import type { MountStepArguments } from "../../core/steps/mount-steps.ts";
import { describe } from "../../core/steps/step.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { mountTelling } from "../port/kernel-word.ts";
import type { MountFlag, MountRequest, System } from "../port/system.ts";
import { type Undo, undoing } from "../port/undo.ts";
import { unmountSoon } from "../port/unmount-soon.ts";
import { oneWay, type Performers } from "./performers.ts";
import { replaceRoot } from "./replace-root.ts";

/** Returns the functions that perform these steps. */
export function performMount(system: System): Performers<MountStepArguments> {
  return {
    mount: (step) => mountDevice(system, step),
    "mount-image": (step) => mountImage(system, step),
    "mount-srm": ({ medium, path, ...step }) =>
      mountImage(system, { ...step, file: `${medium}/${path}` }),
    "mount-file": (step) => mountFile(system, step),
    "mount-partition": (step) => mountPartition(system, step),
    bind: (step) => bindDirectory(system, step),
    "show-inside": (step) => showInside(system, step),
    "move-mount": (step) => moveMount(system, step),
    "mount-overlay": (step) => mountOverlay(system, step),
    unmount: oneWay(system, unmount),
    remount: (step) => remount(system, step),
    "protect-mount": (step) => protectMount(system, step),
    "replace-root": oneWay(system, replaceRoot),
  };
}

/** Mounts a device or a tmpfs. */
function mountDevice(
  system: System,
  { source, target, type, readonly, guarded, flags = [], data = "" }: MountStepArguments["mount"],
): Undo {
  const request = { source, target, type, flags: readonly ? (["ro", ...flags] as const) : flags };
  if (guarded) mountGuarded(system, { ...request, data });
  else mountTelling(system, { ...request, data });
  return () => unmountSoon(system, target);
}

/** Mounts an image through a read-only loop device, which is detached on unmount. */
function mountImage(system: System, step: MountStepArguments["mount-image"]): Undo {
  return mountLoop(system, { ...step, readonly: true, directIo: false });
}

/**
 * Mounts the contents of a file through a loop device, which bypasses the page cache of the host if
 * it can.
 */
function mountFile(system: System, step: MountStepArguments["mount-file"]): Undo {
  return mountLoop(system, { ...step, directIo: true });
}

/** The page cache of the disk is shared with its own mount, and bypassed here. */
function mountPartition(
  system: System,
  { device, ...step }: MountStepArguments["mount-partition"],
): Undo {
  return mountLoop(system, { ...step, file: device, directIo: true });
}

function mountLoop(
  system: System,
  {
    file,
    target,
    type,
    readonly,
    directIo,
    flags = [],
    data = "",
  }: MountStepArguments["mount-file"] & {
    readonly directIo: boolean;
    readonly flags?: readonly MountFlag[];
  },
): Undo {
  system.withLoop({ file, readonly, directIo }, (device) =>
    mountTelling(system, {
      source: device,
      target,
      type,
      flags: [...new Set([...(readonly ? (["ro"] as const) : []), ...closedFlags, ...flags])],
      data,
    }),
  );
  return () => system.unmount(target);
}

/** Binds a directory to another place. */
function bindDirectory(
  system: System,
  { source, target, readonly }: MountStepArguments["bind"],
): Undo {
  system.mount({ source, target, flags: ["bind"] });
  const undo = () => system.unmount(target);
  // The kernel ignores "ro" in the call that binds; it takes a second one.
  if (readonly)
    undoing(undo, () =>
      system.mount({ source: "none", target, flags: ["remount", "bind", "ro", ...closedFlags] }),
    );
  return undo;
}

/**
 * Binds a directory inside a root: until that is the root, a symbolic link in it would lead out of
 * it.
 */
function showInside(system: System, step: MountStepArguments["show-inside"]): Undo {
  const { source, root, path } = step;
  let target = root;
  for (const name of path.split("/").filter((part) => part !== "")) {
    target = `${target}/${name}`;
    const kind = system.linkStatus(target)?.kind;
    if (kind === undefined) system.makeDirectory(target, 0o755);
    else if (kind !== "directory") {
      const action = `Cannot ${describe({ do: "show-inside", ...step })}`;
      throw new Failure("tool", `${action}: ${formatPath(target)} is not a directory`);
    }
  }
  return bindDirectory(system, { source, target, readonly: true });
}

/** Afterwards the device is as before: it may have been write-protected already. */
function mountGuarded(system: System, request: MountRequest): void {
  const { source, target } = request;
  if (system.isReadonly(source)) {
    system.mount(request);
    return;
  }
  const release = () => system.setReadonly(source, false);
  system.setReadonly(source, true);
  undoing(release, () => system.mount(request));
  undoing(() => system.unmount(target), release);
}

function moveMount(system: System, { source, target }: MountStepArguments["move-mount"]): Undo {
  system.mount({ source, target, flags: ["move"] });
  return () => system.mount({ source: target, target: source, flags: ["move"] });
}

function mountOverlay(
  system: System,
  { target, lower, upper, work, options }: MountStepArguments["mount-overlay"],
): Undo {
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
}

/**
 * If an overlay cannot create what it needs in its work directory (no space), the kernel mounts it
 * anyway, read-only.
 */
function refuseReadonly(
  system: System,
  { target, work }: Pick<MountStepArguments["mount-overlay"], "target" | "work">,
): void {
  if (!system.room(target).readonly) return;
  throw new Failure(
    "no-room",
    `Cannot keep changes: the overlay on ${formatPath(target)} was mounted read-only because nothing can be created in ${formatPath(work)}`,
  );
}

/**
 * Overlayfs splits its options at commas and its layers at colons, and accepts a backslash before
 * either (ovl_unescape).
 */
function escapeOption(path: string): string {
  return path.replace(/[\\,]/g, "\\$&");
}

function escapeLower(path: string): string {
  return path.replace(/[\\,:]/g, "\\$&");
}

function unmount(system: System, { target, lazily }: MountStepArguments["unmount"]): void {
  system.unmount(target, lazily ? "lazy" : undefined);
}

function remount(
  system: System,
  { target, readonly, flags = [] }: MountStepArguments["remount"],
): Undo {
  const turn = (as: readonly MountFlag[]) =>
    system.mount({ source: "none", target, flags: ["remount", ...flags, ...as] });
  turn(readonly ? ["ro"] : []);
  return () => turn(readonly ? [] : ["ro"]);
}

function protectMount(
  system: System,
  { target, flags }: MountStepArguments["protect-mount"],
): Undo {
  const turn = (as: readonly MountFlag[]) =>
    system.mount({ source: "none", target, flags: ["remount", "bind", ...flags, ...as] });
  turn(["ro"]);
  return () => turn([]);
}
