// Hosts of file stores as real tools make them: a file system of any type with files in it, among
// them the store. Files in a host are fully allocated unless holes are requested
// (test/machines/disks/host-files.sh, which needs root).

import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { withTemporary } from "../guest/base.ts";
import { type Tree, writeTree } from "./media.ts";
import { runIsolated, type StoreRequest, smallestBytes, writeStore } from "./stores.ts";

/** A host to make. */
export interface HostRequest extends Omit<StoreRequest, "bytes" | "contents"> {
  readonly tree: Tree;
  /** Files get holes instead of zeros. */
  readonly sparse?: true;
  /** Free space beside the files; little by default. */
  readonly spareBytes?: number;
}

const mebibyte = 1024 * 1024;

/** Makes the image of a host. */
export function writeHost({ tree, sparse, spareBytes, ...request }: HostRequest): void {
  const { path, type } = request;
  // f2fs keeps a good part of a small disk for itself.
  const spare = spareBytes ?? (type === "f2fs" ? 100 : 16) * mebibyte;
  withTemporary((directory) => {
    const root = join(directory, "root");
    const room = writeTree(root, tree) * 1.15 + spare;
    const bytes = Math.ceil(room / mebibyte) * mebibyte;
    writeStore({ ...request, bytes: Math.max(smallestBytes(type), bytes) });
    runIsolated(
      "test/machines/disks/host-files.sh",
      "put",
      path,
      type,
      root,
      sparse ? "always" : "never",
    );
  });
}

/**
 * Makes the image of a host that lost power when its files had just been created and synced: they
 * are only in its journal.
 */
export function writeCutHost({ tree, path, type }: Omit<HostRequest, "sparse">): void {
  const before = `${path}.before`;
  writeStore({ type, bytes: 64 * mebibyte, path: before });
  withTemporary((directory) => {
    const root = join(directory, "root");
    writeTree(root, tree);
    runIsolated("test/machines/disks/host-files.sh", "cut", before, type, root, path);
  });
  rmSync(before);
}

/** Marks FAT12 or FAT16 as after a stick was unplugged: the state in its boot sector is "dirty". */
export function markDirty(image: string): void {
  const descriptor = openSync(image, "r+");
  writeSync(descriptor, Uint8Array.of(1), 0, 1, 0x25);
  closeSync(descriptor);
}
