// How the steps that mount are done, and taken back.

import { describe, type StepArguments } from "../../core/steps/step.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { errnoOf, type MountRequest, type System } from "../port/system.ts";
import { type Undo, undoing } from "../port/undo.ts";

/** Mounts a device or memory. */
export function mountDevice(
  system: System,
  { source, target, type, readonly, guarded, flags = [], data = "" }: StepArguments["mount"],
): Undo {
  const request = { source, target, type, flags: readonly ? (["ro", ...flags] as const) : flags };
  if (guarded) mountGuarded(system, { ...request, data });
  else system.mount({ ...request, data });
  return () => unmountSoon(system, target);
}

/** What a loop device still holds of a file in it, it lets go of in a moment: the kernel takes it down after its own mount. */
function unmountSoon(system: System, target: string): void {
  const end = system.uptimeMs() + longestWaitMs;
  for (;;) {
    try {
      system.unmount(target);
      return;
    } catch (error) {
      if (errnoOf(error) !== "EBUSY" || system.uptimeMs() >= end) throw error;
      system.waitForDevices(20);
    }
  }
}

const longestWaitMs = 3000;

/** Mounts an image through a read-only loop device, which goes away with the mount. */
export function mountImage(system: System, step: StepArguments["mount-image"]): Undo {
  return mountLoop(system, { ...step, readonly: true, directIo: false });
}

/** Mounts what is in a file through a loop device, which keeps no second copy in memory where it can do without. */
export function mountFile(system: System, step: StepArguments["mount-file"]): Undo {
  return mountLoop(system, { ...step, directIo: true });
}

function mountLoop(
  system: System,
  {
    file,
    target,
    type,
    readonly,
    directIo,
    data = "",
  }: StepArguments["mount-file"] & { directIo: boolean },
): Undo {
  system.withLoop({ file, readonly, directIo }, (device) =>
    system.mount({ source: device, target, type, flags: readonly ? ["ro"] : [], data }),
  );
  return () => system.unmount(target);
}

/** Shows a directory at another place too. */
export function bindDirectory(
  system: System,
  { source, target, readonly }: StepArguments["bind"],
): Undo {
  system.mount({ source, target, flags: ["bind"] });
  const undo = () => system.unmount(target);
  // The kernel ignores "ro" in the call that binds; it takes a second one.
  if (readonly)
    undoing(undo, () => system.mount({ source: "none", target, flags: ["remount", "bind", "ro"] }));
  return undo;
}

/** Shows a directory inside a root: a link in there would lead out of it as long as it is not the root. */
export function showInside(system: System, step: StepArguments["show-inside"]): Undo {
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

/** The device is as it was afterwards: it may have been write-protected all along. */
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
