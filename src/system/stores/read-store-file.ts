// Reads a store's file, and the record that an interrupted resize has left beside it.
import type { StoreFile } from "../../core/stores/file-store.ts";
import {
  countedBytes,
  findBegunGrowth,
  mostResizeRecordBytes,
} from "../../core/stores/resize-record.ts";
import { namesBeside } from "../../core/stores/store-names.ts";
import { identify } from "../../core/superblocks/identify.ts";
import { readBelow } from "../port/files.ts";
import type { DiskPlace, FileStatus, System } from "../port/system.ts";

/** Reads a store's file and the record beside it, on a host that is mounted at `root`. */
export function readStoreFile(
  system: System,
  { root, path, status }: { root: string; path: string; status: FileStatus },
): StoreFile {
  const { allocatedBytes } = status;
  const intent = readIntent(system, { root, path: namesBeside(path).intent });
  const begun = findBegunGrowth({ path: `${root}${path}`, intent });
  const bytes = countedBytes(status.bytes, begun);
  const superblock = system.withFile({ root, path }, ({ read }) => identify(read, bytes));
  return { path, bytes, allocatedBytes, superblock, intent };
}

/** A record that exists but cannot be read must not look like none. */
function readIntent(system: System, place: DiskPlace): string | undefined {
  const status = system.linkStatus(`${place.root}${place.path}`);
  if (status === undefined) return undefined;
  if (status.kind !== "file" || status.bytes > mostResizeRecordBytes) return "";
  return readBelow(system, place, mostResizeRecordBytes);
}
