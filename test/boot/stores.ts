// Stores as real tools make them: empty file systems with labels, and the stores that SystemRescue 6 leaves behind,
// made by a real overlay mount (test/boot/old-store.sh, which needs root and mounts in a name space of its own).

import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { runTool } from "../../scripts/lib/tool.ts";

/** Says which file system to make. */
export interface StoreRequest {
  readonly type: "ext3" | "ext4" | "xfs" | "btrfs" | "f2fs" | "vfat";
  readonly label?: string;
  readonly uuid?: string;
  readonly path: string;
}

// The smallest that each tool of Debian 12 and 13 makes without being forced; the images are sparse.
const megabytes = { ext3: 32, ext4: 32, xfs: 300, btrfs: 128, f2fs: 64, vfat: 32 };

const labelOptions = { ext3: "-L", ext4: "-L", xfs: "-L", btrfs: "-L", f2fs: "-l", vfat: "-n" };

/** Makes an image with an empty file system at `path`. */
export function writeStore({ type, label, uuid, path }: StoreRequest): void {
  rmSync(path, { force: true });
  writeFileSync(path, "");
  truncateSync(path, megabytes[type] * 1024 * 1024);
  const labelled = label === undefined ? [] : [labelOptions[type], label];
  const identified =
    uuid === undefined
      ? []
      : {
          ext3: ["-U", uuid],
          ext4: ["-U", uuid],
          f2fs: ["-U", uuid],
          xfs: ["-m", `uuid=${uuid}`],
          btrfs: ["-U", uuid],
          vfat: ["-i", uuid],
        }[type];
  const quiet = type === "vfat" ? [] : ["-q"];
  runTool([`mkfs.${type}`, ...quiet, ...labelled, ...identified, path]);
}

/** Is what a SystemRescue 6 store was made to hold. */
export interface OldStore {
  /** The merged tree, as list-tree tells it. */
  readonly tree: string;
  /** The overlay's own attributes that the kernel wrote, without their prefix, sorted: they decide how it must be mounted. */
  readonly attributes: readonly string[];
}

/** Makes a SystemRescue 6 store, labelled "old", by changing `base` through an overlay with these options. */
export function writeOldStore(path: string, base: string, options: string): OldStore {
  writeStore({ type: "ext4", label: "old", path });
  const tree = runIsolated("test/boot/old-store.sh", path, base, options);
  const attributes = runIsolated("test/boot/read-store.sh", path, "0", "attributes")
    .trim()
    .split("\n");
  return { tree, attributes };
}

/** Says where a store's file system begins in an image, and which file in it is meant. */
export interface StoreFile {
  readonly image: string;
  readonly offset?: number;
  readonly path: string;
}

/** Reads a file of a store whose guest is off, from a copy of it with the journal replayed; undefined when there is none. */
export function readStoreFile({ image, offset = 0, path }: StoreFile): string | undefined {
  const text = runIsolated("test/boot/read-store.sh", image, String(offset), "file", path);
  return text.startsWith("found\n") ? text.slice("found\n".length) : undefined;
}

/** Gives the byte at which the file system of a device begins in its disk's image: 0 for a whole disk. */
export function findPartition(image: string, device: string): number {
  const number = /^\/dev\/(?:nvme\d+n\d+p|[a-z]+)(\d+)$/.exec(device)?.[1];
  if (number === undefined) return 0;
  const { partitiontable } = JSON.parse(runTool(["sfdisk", "--json", image]));
  const partition = partitiontable.partitions.find(
    ({ node }: { node: string }) => node === `${image}${number}`,
  );
  return partition.start * 512;
}

function runIsolated(...argv: readonly string[]): string {
  return runTool(["unshare", "--mount", "--propagation", "private", ...argv]);
}
