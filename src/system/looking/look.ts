// Inspects a file system without changing a byte of its device: it is mounted through a read-only
// loop device, so that everything the driver would write (journals, orphans, superblock times) is
// refused one level below.

import type { Device, MemberDevice } from "../../core/devices/device.ts";
import { memberOptions } from "../../core/devices/members.ts";
import { driverOf, lookingOptions } from "../../core/file-systems/mounting.ts";
import { joinOptions, namesOnlyFlags } from "../../core/kernel/mount-flags.ts";
import { makeDirectories } from "../port/files.ts";
import { mountTelling } from "../port/kernel-word.ts";
import { errnoOf, type LoopRequest, type MountRequest, type System } from "../port/system.ts";
import { unmountSoon } from "../port/unmount-soon.ts";

/**
 * Mounts a device at `at`, and passes `use` the path of its top, and whether a journal was ignored
 * that may contain newer changes.
 */
export type LookInto = <T>(
  system: System,
  target: { device: Device; at: string },
  use: (root: string, ignoredJournal: boolean) => T,
) => T;

/**
 * Mounts a device below `at`, calls `use` with that path, and unmounts; an errno passes through.
 */
export function lookInto<T>(
  system: System,
  { device, at }: { device: Device; at: string },
  use: (root: string, ignoredJournal: boolean) => T,
): T {
  const type = device.superblock?.type ?? "";
  makeDirectories(system, at, 0o755);
  const ignoredJournal = withLoops(
    system,
    [device, ...(device.companions ?? [])],
    ([loop = "", ...others]) =>
      mountLooking(system, {
        ...{ loop, type, at },
        more: joinOptions(device.view ?? "", memberOptions(others)),
      }),
  );
  try {
    return use(at, ignoredJournal);
  } finally {
    unmountSoon(system, at);
  }
}

/** Mounts, normally or else without a replay; returns whether that was necessary. */
function mountLooking(
  system: System,
  { loop, type, at, more }: { loop: string; type: string; at: string; more: string },
): boolean {
  const attempts = lookingOptions(type);
  for (const [index, data] of attempts.entries()) {
    const isLast = index === attempts.length - 1;
    const request: MountRequest = {
      source: loop,
      target: at,
      type: driverOf(type) ?? type,
      flags: ["ro", ...namesOnlyFlags],
      data: joinOptions(data, more),
    };
    try {
      // A pending journal is no failure: the kernel's log is read only if nothing else helps.
      if (isLast) mountTelling(system, request);
      else system.mount(request);
      return index > 0;
    } catch (error) {
      if (errnoOf(error) === undefined || isLast) throw error;
    }
  }
  return false;
}

/** All of them are attached at once. */
function withLoops<T>(
  system: System,
  devices: readonly MemberDevice[],
  use: (loops: readonly string[]) => T,
): T {
  const attach = (index: number, loops: readonly string[]): T => {
    const device = devices[index];
    if (device === undefined) return use(loops);
    return system.withLoop(loopRequest(device), (loop) => attach(index + 1, [...loops, loop]));
  };
  return attach(0, []);
}

function loopRequest(device: MemberDevice): LoopRequest {
  if (device.offset === undefined || device.disk === undefined)
    return { file: device.path, readonly: true };
  return { file: device.disk, readonly: true, offset: device.offset, bytes: device.bytes };
}
