// The user of a file or device that is to be written to, for the sentence that refuses it: a mount,
// through which loop device, a loop device alone, or another exclusive user in the kernel. Files
// have many paths, and are identified by their inode.
import type { Mount } from "../../core/kernel/mount-table.ts";
import { nameInSession, sessionMounts } from "../../core/session/places.ts";
import { formatPath } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";
import { findMounter, findOpener, findPartLocker } from "./find-holder.ts";
import { findLastingLoops } from "./loops-on.ts";

/** The user of something, and what can be done about it. */
interface Holder {
  /** The continuation of "Cannot …: " ("it is mounted on …"). */
  readonly reason: string;
  readonly hint: string;
}

/** Names the user of a file or device; undefined if there is none. */
export function nameHolder(system: System, path: string): Holder | undefined {
  const loops = findLastingLoops(system, path);
  const sources = [path, ...loops];
  const mount = system.mounts().find(({ source }) => sources.includes(resolve(system, source)));
  if (mount !== undefined) return nameMount(mount, path);
  const [loop] = loops;
  if (loop !== undefined) return nameLoop(system, loop);
  const isBusy = system.status(path)?.kind === "block" && system.isBusy(path);
  const locker = findPartLocker(system, path);
  const use = isBusy ? describeHolder(system, path) : locker && `in use by ${locker}`;
  return use === undefined
    ? undefined
    : { reason: `it is ${use}`, hint: "try again once it is no longer in use" };
}

/** Describes who has exclusive use of a device, as the continuation of "is". */
export function describeHolder(system: System, path: string): string {
  return findMounter(system, path) ?? `in use by ${findOpener(system, path) ?? "another program"}`;
}

function nameMount({ source, target }: Mount, path: string): Holder {
  const through = source === path ? "" : ` through ${source}`;
  if (target.startsWith(sessionMounts))
    return {
      reason: `the running session uses it (mounted on ${formatPath(nameInSession(target))}${through})`,
      hint: "boot with backstore=off and try again",
    };
  return {
    reason: `it is mounted on ${formatPath(target)}${through}`,
    hint: `unmount it first: umount ${formatPath(target)}`,
  };
}

/** Names the user of a file through a loop device that is not mounted here. */
export function nameLoop(system: System, loop: string): Holder {
  const mounter = findMounter(system, loop);
  if (mounter !== undefined)
    return {
      reason: `it is ${mounter}, through ${loop}`,
      hint: "unmount it there or end that program",
    };
  return {
    reason: `it is attached to ${loop}`,
    hint: `detach it first: losetup --detach ${loop}`,
  };
}

function resolve(system: System, source: string): string {
  return source.startsWith("/dev/") && system.status(source) !== undefined
    ? system.resolve(source)
    : source;
}
