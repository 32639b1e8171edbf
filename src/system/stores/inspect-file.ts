// Inspects the path of a store's file, on a host that is visible: boots and commands learn of file
// stores this way. How the file system in the file is mounted, and what is read of it, is up to the
// caller.

import { type Device, unknownDevice } from "../../core/devices/device.ts";
import { describeMissingMembers } from "../../core/devices/members.ts";
import { describeMissingDriver } from "../../core/file-systems/mounting.ts";
import { findFault, type StoreFile } from "../../core/stores/file-store.ts";
import { foundFile } from "../../core/stores/found-store.ts";
import type { Obstacle, SeenStore } from "../../core/stores/seen-store.ts";
import type { DirectoryFacts } from "../../core/stores/store-directory.ts";
import { describeShortage } from "../../core/superblocks/shortage.ts";
import { locateFile } from "../looking/locate-file.ts";
import { reasonOf } from "../port/errors.ts";
import { errnoOf, type FileStatus, type System } from "../port/system.ts";
import { readStoreFile } from "./read-store-file.ts";

/** The path of a store's file on a host that is visible at `root`. */
export interface FilePlace {
  readonly device: Device;
  readonly root: string;
  /** From the top of the host ("/sysrcd.bs"). */
  readonly path: string;
  /** Whether the host is mounted without its journal. */
  readonly ignoredJournal?: boolean;
}

/**
 * The contents of the file system in a file: the store's directory, and more facts for the caller.
 */
interface FileContent<More> {
  readonly directory: DirectoryFacts;
  readonly more: More;
}

/**
 * The result of inspecting the path of a store's file; `more` is undefined if the file system in it
 * was not inspected.
 */
interface InspectedFile<More> {
  readonly seen: SeenStore;
  readonly more: More | undefined;
}

/**
 * Inspects the path; undefined if nothing is there. `look` mounts the file system in the file,
 * given as a device, and returns what it read; if it throws an errno or a Failure, that is why the
 * store could not be inspected.
 */
export function inspectFile<More>(
  system: System,
  place: FilePlace,
  look: (inside: Device, file: StoreFile) => FileContent<More>,
): InspectedFile<More> | undefined {
  const { device, root, path } = place;
  const located = locateFile(system, root, path);
  if (located === undefined) return undefined;
  const without = (file: StoreFile | undefined, obstacle: Obstacle): InspectedFile<More> => ({
    seen: { kind: "file", device, path, file, directory: undefined, obstacle },
    more: undefined,
  });
  if ("problem" in located) return without(undefined, { kind: "none", reason: located.problem });
  const { file, problem } = tryRead(system, place, located.status);
  if (problem !== undefined) return without(file, { kind: "unknown", reason: problem });
  const fault = findFault(file);
  if (fault !== undefined)
    return without(file, { kind: "none", reason: fault.sentence, fault: fault.kind });
  const { superblock, bytes } = file;
  try {
    const inside = { ...unknownDevice(`${root}${path}`, bytes), superblock };
    const { directory, more } = look(inside, file);
    return { seen: foundFile(device, { file, directory }), more };
  } catch (error) {
    const reason = describeObstacle(error, { superblock, bytes });
    return without(file, { kind: "unknown", reason });
  }
}

function tryRead(
  system: System,
  { root, path, ignoredJournal }: FilePlace,
  status: FileStatus,
): { readonly file: StoreFile; readonly problem?: string } {
  const ignored = ignoredJournal ? { ignoredJournal } : {};
  try {
    return { file: { ...readStoreFile(system, { root, path, status }), ...ignored } };
  } catch (error) {
    const { bytes, allocatedBytes } = status;
    return {
      file: { path, bytes, allocatedBytes, superblock: undefined, intent: undefined, ...ignored },
      problem: `it cannot be read: ${reasonOf(error)}`,
    };
  }
}

/** Describes why the file system on a device could not be inspected. */
export function describeObstacle(
  error: unknown,
  device: Pick<Device, "superblock" | "bytes" | "companions">,
): string {
  const type = device.superblock?.type ?? "";
  // The message of mount(2) for a missing driver, "no such device", would make people look for a
  // cable.
  if (errnoOf(error) === "ENODEV") return describeMissingDriver(type);
  const missing = describeMissingMembers(device);
  if (missing !== undefined) return missing;
  return describeShortage(device) ?? `it cannot be inspected: ${reasonOf(error)}`;
}
