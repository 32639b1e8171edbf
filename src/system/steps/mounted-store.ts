// Stores that are mounted temporarily, because their file system can be resized only while it is
// mounted, or because their files are copied. The mounts are in a private namespace of this
// process, and end with it.

import { driverOf, innerOptions } from "../../core/file-systems/mounting.ts";
import { findStoreType } from "../../core/file-systems/store-types.ts";
import { closedFlags } from "../../core/kernel/mount-flags.ts";
import { type ResizeStepArguments, scratchNames } from "../../core/steps/resize-steps.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { makeDirectories } from "../port/files.ts";
import { errnoOf, type MountRequest, type System } from "../port/system.ts";
import { expectSuccess, runTool } from "../port/tool.ts";

/** Mounts a store, lets the kernel resize it, and unmounts it. */
export function resizeMounted(
  system: System,
  { store, type, scratch, bytes }: ResizeStepArguments["resize-mounted"],
): void {
  system.isolateMounts();
  const at = `${scratch}/${scratchNames.store}`;
  if (bytes === undefined) {
    replayLog(system, { store, type, at });
    return;
  }
  withMounted(system, { file: store, type, at, readonly: false }, (mounted) => {
    const argv =
      bytes === "all"
        ? findStoreType(type)?.growMounted?.(mounted)
        : ["btrfs", "filesystem", "resize", String(bytes), mounted.target];
    if (argv === undefined)
      throw new Failure("unsafe", `Cannot resize ${formatPath(store)}: ${type} cannot be resized`);
    runResize(system, store, argv);
  });
}

function runResize(system: System, store: string, argv: readonly string[]): void {
  const action = `resize ${formatPath(store)}`;
  const ended = system.run(argv);
  // Neither btrfs nor resize2fs reports this by its exit status.
  if (ended.status !== 0 && ended.stderr.includes("No space left"))
    throw new Failure("no-room", `Cannot ${action}: its contents need more than that`);
  expectSuccess(ended, { action, argv });
}

/** Copies all files of a store into another one, and compares their numbers by type. */
export function copyStore(
  system: System,
  { store, to, type, scratch }: ResizeStepArguments["copy-store"],
): void {
  const action = `copy the contents of ${formatPath(store)}`;
  const old = { file: store, type, at: `${scratch}/${scratchNames.store}`, readonly: true };
  const made = { file: to, type, at: `${scratch}/${scratchNames.made}`, readonly: false };
  system.isolateMounts();
  withMounted(system, old, ({ target: from }) =>
    withMounted(system, made, ({ target }) => {
      const kept = "--preserve=mode,ownership,timestamps,links,xattr";
      runTool(system, { action, argv: ["cp", "-dR", kept, "--", `${from}/.`, target] });
      if (countKinds(system, from) !== countKinds(system, target))
        throw new Failure(
          "tool",
          `Cannot ${action}: not everything was copied to ${formatPath(to)}`,
        );
      system.syncFileSystem(target);
    }),
  );
  copyOwner(system, store, to);
}

/** Whoever could read and write the store can still do so. */
function copyOwner(system: System, store: string, to: string): void {
  const [before, made] = [system.status(store), system.status(to)];
  if (before === undefined || made === undefined) return;
  // Hosts without ownership show the same owner for all files, and refuse to change it.
  if (before.uid !== made.uid || before.gid !== made.gid)
    system.setOwner(to, before.uid, before.gid);
  const mode = before.mode & 0o777;
  if (mode !== made.mode) system.setMode(to, mode);
}

/** Counts the files of each type ("d12 f340"). */
function countKinds(system: System, directory: string): string {
  const argv = ["find", directory, "-xdev", "-printf", "%y"];
  const kinds = runTool(system, { action: `count the files in ${formatPath(directory)}`, argv });
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts]
    .map(([kind, count]) => `${kind}${count}`)
    .sort()
    .join(" ");
}

/**
 * Mounts a store temporarily, so that the kernel replays its log; Failure "damaged" if it cannot.
 */
export function replayLog(
  system: System,
  { store, type, at }: { store: string; type: string; at: string },
): void {
  withMounted(system, { file: store, type, at, readonly: false }, () => {});
}

/** The copy of an xfs file system has the UUID of the store. */
function chooseOptions(type: string, readonly: boolean): string {
  if (type === "xfs") return readonly ? "norecovery,nouuid" : "nouuid";
  return readonly ? "" : innerOptions(type);
}

interface MountedFor {
  readonly file: string;
  readonly type: string;
  readonly at: string;
  readonly readonly: boolean;
}

/** Mounts a store temporarily; `use` gets the loop device and the place. */
export function withMounted<T>(
  system: System,
  { file, type, at, readonly }: MountedFor,
  use: (mounted: { device: string; target: string }) => T,
): T {
  makeDirectories(system, at, 0o700);
  return system.withLoop({ file, readonly }, (device) => {
    mountOrFail(system, file, {
      source: device,
      target: at,
      type: driverOf(type) ?? type,
      flags: readonly ? ["ro", ...closedFlags] : closedFlags,
      data: chooseOptions(type, readonly),
    });
    try {
      return use({ device, target: at });
    } finally {
      system.unmount(at);
    }
  });
}

/** The errors of a file system driver that finds its data inconsistent. */
const signsOfDamage = ["EIO", "EUCLEAN", "EBADMSG"];

function mountOrFail(system: System, file: string, request: MountRequest): void {
  try {
    system.mount(request);
  } catch (error) {
    if (!signsOfDamage.includes(errnoOf(error) ?? "")) throw error;
    const check =
      findStoreType(request.type ?? "")
        ?.check(file)
        .join(" ") ?? "";
    throw new Failure(
      "damaged",
      `Cannot mount ${formatPath(file)}: its file system is damaged`,
      `see what is wrong: ${check}`,
    );
  }
}
