// A file in the place of a store: what it is, who uses it, and what is in it, whether a boot would take it or not.
import { type Device, unknownDevice } from "../../core/devices/device.ts";
import { describeMissingDriver } from "../../core/file-systems/mounting.ts";
import { findFault } from "../../core/stores/file-store.ts";
import {
  countedBytes,
  parseResizeRecord,
  type ResizeRecord,
} from "../../core/stores/resize-record.ts";
import type { SeenStore } from "../../core/stores/seen-store.ts";
import { namesBeside } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { type Located, locateFile } from "../looking/locate-file.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { withView } from "../looking/view.ts";
import { reasonOf } from "../port/errors.ts";
import { errnoOf, type FileStatus, type System } from "../port/system.ts";
import { findUser, type Usage } from "../usage/usage.ts";
import { readDirectory } from "./inspect-directory.ts";

/** Says where the file is: on a host that can be seen at `root`, at a path without a leading slash. */
export interface StoreFileLook {
  readonly device: Device;
  readonly root: string;
  readonly path: string;
  readonly usage: Usage;
  /** Where to mount what is in the file meanwhile. */
  readonly at: string;
}

/** Inspects what is in the place of a store's file; nothing where nothing is. */
export function inspectStoreFile(system: System, place: StoreFileLook): readonly SeenStore[] {
  const { device, root, path } = place;
  const located = locateFile(system, root, path);
  const isFile = located !== undefined && "status" in located;
  const unfinished = isFile || !located ? findUnfinished(system, place) : undefined;
  if (located === undefined && unfinished === undefined) return [];
  const seen: SeenStore = {
    kind: "file",
    device,
    path,
    bytes: isFile ? located.status.bytes : 0,
    usedBytes: undefined,
    allocatedBytes: isFile ? located.status.allocatedBytes : undefined,
    inner: undefined,
    directory: undefined,
    use: undefined,
    hasPendingLog: undefined,
    unfinished: unfinished?.operation,
    obstacle: undefined,
  };
  if (isFile) {
    const intent = unfinished && "stage" in unfinished ? unfinished : undefined;
    const bytes = countedBytes(located.status.bytes, intent);
    return [{ ...seen, ...inspectContent(system, place, { ...located.status, bytes }) }];
  }
  const reason = located ? located.problem : "making it was begun and not finished";
  return [{ ...seen, obstacle: { kind: "none", reason } }];
}

function inspectContent(
  system: System,
  { root, path, usage, at }: StoreFileLook,
  { bytes }: FileStatus,
): Partial<SeenStore> {
  const file = `${root}/${path}`;
  const use = findUser(system, { usage, bytes: { path: file, offset: 0 }, directory: "" });
  const inner = readInner(system, file, bytes);
  if (typeof inner === "string") return { use, obstacle: { kind: "unknown", reason: inner } };
  const fault = findFault({ bytes, superblock: inner });
  if (fault !== undefined) {
    const { kind, sentence } = fault;
    return { inner, use, obstacle: { kind: "none", reason: sentence, fault: kind } };
  }
  const device = { ...unknownDevice(file, bytes), superblock: inner };
  try {
    return withView(system, { device, usage, at }, ({ root: top, hasPendingLog }) => {
      const { totalBytes, freeBytes } = system.room(top);
      const directory = readDirectory(system, { root: top, directory: "" });
      return { inner, use, directory, hasPendingLog, usedBytes: totalBytes - freeBytes };
    });
  } catch (error) {
    const reason = describeObstacle(error, inner?.type ?? "");
    return { inner, use, obstacle: { kind: "unknown", reason } };
  }
}

/** Gives what lies in a file, or a sentence where it cannot be read. */
function readInner(system: System, file: string, bytes: number): SeenStore["inner"] | string {
  try {
    return readSuperblock(system, file, bytes);
  } catch (error) {
    return `it cannot be read: ${reasonOf(error)}`;
  }
}

/** Says why a file system could not be looked into, by its type. */
export function describeObstacle(error: unknown, type: string): string {
  if (errnoOf(error) === undefined) throw error;
  // What mount(2) says where a driver is missing, "no such device", would send people looking for a cable.
  if (errnoOf(error) === "ENODEV") return describeMissingDriver(type);
  return `it cannot be looked into: ${reasonOf(error)}`;
}

type Unfinished = ResizeRecord | { readonly operation: "create" | "resize" };

/** What lies beside a store while it is made or resized, and is left behind when that was cut off. */
function findUnfinished(system: System, { root, path }: StoreFileLook): Unfinished | undefined {
  const { temporary, intent } = namesBeside(path);
  const record = locateFile(system, root, intent);
  if (record !== undefined) return readOperation(system, { root, path, record });
  const made = locateFile(system, root, temporary);
  return made !== undefined && "status" in made ? { operation: "create" } : undefined;
}

/** A record that this version does not understand still tells that a resize was begun. */
function readOperation(
  system: System,
  { root, path, record }: { root: string; path: string; record: Located },
): Unfinished {
  const unknown = { operation: "resize" } as const;
  if ("problem" in record || record.status.bytes > mostIntentBytes) return unknown;
  try {
    return parseResizeRecord(system.readText(`${root}/${namesBeside(path).intent}`), path);
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof Failure)) throw error;
    return unknown;
  }
}

const mostIntentBytes = 64 * 1024;
