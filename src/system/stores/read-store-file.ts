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
  const intent = readIntent(system, { root, path: namesBeside(path).intent });
  const begun = findBegunGrowth({ path: `${root}${path}`, intent });
  const bytes = countedBytes(status.bytes, begun);
  const superblock = system.withFile({ root, path }, ({ read }) => identify(read, bytes));
  return {
    path,
    bytes,
    ...readOwned(system, `${root}${path}`, { ...status, bytes }),
    superblock,
    intent,
  };
}

type Owned = Pick<
  StoreFile,
  "allocatedBytes" | "sharedBytes" | "isCopiedOnWrite" | "hostFreeBytes"
>;

/** Reads how much of a file's room nobody can take from it, and what is free if that is not all. */
export function readOwned(
  system: System,
  path: string,
  { bytes, allocatedBytes: all }: Pick<FileStatus, "bytes" | "allocatedBytes">,
): Owned {
  const { sharedBytes, isCopiedOnWrite } = system.ownership(path);
  const allocatedBytes = Math.max(0, all - sharedBytes);
  if (allocatedBytes >= bytes && !isCopiedOnWrite) return { allocatedBytes };
  const { readonly, availableBytes, freeBytes } = system.room(path);
  return {
    allocatedBytes,
    ...(sharedBytes > 0 && { sharedBytes }),
    ...(isCopiedOnWrite && { isCopiedOnWrite }),
    // A btrfs that is read-only reports nothing as available; what is free is never too little.
    hostFreeBytes: readonly ? freeBytes : availableBytes,
  };
}

/** A record that exists but cannot be read must not look like none. */
function readIntent(system: System, place: DiskPlace): string | undefined {
  const status = system.linkStatus(`${place.root}${place.path}`);
  if (status === undefined) return undefined;
  if (status.kind !== "file" || status.bytes > mostResizeRecordBytes) return "";
  return readBelow(system, place, mostResizeRecordBytes);
}
