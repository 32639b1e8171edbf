// A file in the place of a store: what it is, who uses it, and its contents, whether a boot would
// use it or not.

import {
  mostResizeRecordBytes,
  parseResizeRecord,
  type ResizeRecord,
} from "../../core/stores/resize-record.ts";
import type { ExaminedStore } from "../../core/stores/seen-store.ts";
import { namesBeside } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { type Located, locateFile } from "../looking/locate-file.ts";
import { withView } from "../looking/view.ts";
import { readBelow } from "../port/files.ts";
import { errnoOf, type System } from "../port/system.ts";
import { findUser, type Usage } from "../usage/usage.ts";
import { readDirectory } from "./inspect-directory.ts";
import { type FilePlace, inspectFile } from "./inspect-file.ts";
import { measureRoom } from "./measure-room.ts";

/** A place to inspect, and how the file system in the file is mounted. */
interface StoreFileLook extends FilePlace {
  readonly usage: Usage;
  /** Where to mount the file system in the file. */
  readonly at: string;
}

/** Inspects the place of a store's file; undefined if nothing is there. */
export function inspectStoreFile(system: System, look: StoreFileLook): readonly ExaminedStore[] {
  const { device, root, path, usage, at } = look;
  const inspected = inspectFile(system, look, (inside) =>
    withView(system, { device: inside, usage, at }, ({ root: top, hasPendingLog }) => {
      const directory = readDirectory(system, { root: top, directory: "" });
      const type = inside.superblock?.type ?? "";
      const room = measureRoom(system, { path: top, type, directory: top });
      return { directory, more: { hasPendingLog, usedBytes: room?.usedBytes } };
    }),
  );
  const seen = inspected?.seen;
  const unfinished =
    seen === undefined || seen.file !== undefined ? findUnfinished(system, look) : undefined;
  if (seen === undefined && unfinished === undefined) return [];
  const nothing = {
    kind: "file",
    device,
    path,
    file: undefined,
    directory: undefined,
    obstacle: { kind: "none", reason: "its creation was interrupted" },
  } as const;
  const bytes = { path: `${root}${path}`, offset: 0 };
  return [
    {
      ...(seen ?? nothing),
      usedBytes: inspected?.more?.usedBytes,
      hasPendingLog: inspected?.more?.hasPendingLog,
      bytes: seen?.file?.bytes ?? 0,
      use: seen?.file && findUser(system, { usage, bytes, directory: "" }),
      unfinished: unfinished?.operation,
    },
  ];
}

type Unfinished = ResizeRecord | { readonly operation: "create" | "resize" };

/**
 * Finds what is beside a store while it is created or resized, and left behind if that was
 * interrupted.
 */
function findUnfinished(system: System, { root, path }: FilePlace): Unfinished | undefined {
  const { temporary, intent } = namesBeside(path);
  const record = locateFile(system, root, intent);
  if (record !== undefined) return readOperation(system, { root, path, record });
  const made = locateFile(system, root, temporary);
  return made !== undefined && "status" in made ? { operation: "create" } : undefined;
}

/** A record that this version does not understand still means that a resize was begun. */
function readOperation(
  system: System,
  { root, path, record }: { root: string; path: string; record: Located },
): Unfinished {
  const unknown = { operation: "resize" } as const;
  if ("problem" in record || record.status.bytes > mostResizeRecordBytes) return unknown;
  try {
    const place = { root, path: namesBeside(path).intent };
    return parseResizeRecord(readBelow(system, place, mostResizeRecordBytes), path);
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof Failure)) throw error;
    return unknown;
  }
}
