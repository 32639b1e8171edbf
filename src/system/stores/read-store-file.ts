// Reads a store's file, and the record that an interrupted resize has left beside it.
import type { StoreFile } from "../../core/stores/file-store.ts";
import { countedBytes, findBegunGrowth } from "../../core/stores/resize-record.ts";
import { namesBeside } from "../../core/stores/store-names.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import type { FileStatus, System } from "../port/system.ts";

/** Reads a store's file and the record beside it, on a host that is mounted at `root`. */
export function readStoreFile(
  system: System,
  { root, path, status }: { root: string; path: string; status: FileStatus },
): StoreFile {
  const at = `${root}${path}`;
  const { allocatedBytes } = status;
  const intent = readIntent(system, namesBeside(at).intent);
  const bytes = countedBytes(status.bytes, findBegunGrowth({ path: at, intent }));
  const superblock = readSuperblock(system, at, bytes);
  return { path, bytes, allocatedBytes, superblock, intent };
}

/** A record that exists but cannot be read must not look like none. */
function readIntent(system: System, path: string): string | undefined {
  const status = system.linkStatus(path);
  if (status === undefined) return undefined;
  return status.kind === "file" && status.bytes <= maxIntentBytes ? system.readText(path) : "";
}

const maxIntentBytes = 64 * 1024;
