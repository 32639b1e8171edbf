// Stores as real tools make them: empty file systems with labels, and the stores that SystemRescue 6 leaves behind,
// made by a real overlay mount (test/boot/old-store.sh, which needs root and mounts in a name space of its own).

import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { runTool } from "../../scripts/lib/tool.ts";

/** Says which file system to make. */
export interface StoreRequest {
  readonly type: "ext4" | "xfs" | "btrfs" | "vfat";
  readonly label?: string;
  readonly uuid?: string;
  readonly path: string;
}

// The smallest that each tool of Debian 12 and 13 makes without being forced; the images are sparse.
const megabytes = { ext4: 32, xfs: 300, btrfs: 128, vfat: 32 };

/** Makes an image with an empty file system at `path`. */
export function writeStore({ type, label, uuid, path }: StoreRequest): void {
  rmSync(path, { force: true });
  writeFileSync(path, "");
  truncateSync(path, megabytes[type] * 1024 * 1024);
  const labelled = label === undefined ? [] : [type === "vfat" ? "-n" : "-L", label];
  const identified =
    uuid === undefined
      ? []
      : {
          ext4: ["-U", uuid],
          xfs: ["-m", `uuid=${uuid}`],
          btrfs: ["-U", uuid],
          vfat: ["-i", uuid],
        }[type];
  const quiet = type === "vfat" ? [] : ["-q"];
  runTool([`mkfs.${type}`, ...quiet, ...labelled, ...identified, path]);
}

/** Makes a SystemRescue 6 store on an empty ext4 image by changing `base` through an overlay with these options, and gives the listing of the merged tree. */
export function writeOldStore(path: string, base: string, options: string): string {
  writeStore({ type: "ext4", label: "old", path });
  return runTool([
    "unshare",
    "--mount",
    "--propagation",
    "private",
    "test/boot/old-store.sh",
    path,
    base,
    options,
  ]);
}

/** Gives what a file on an ext4 image holds, read without mounting; undefined when there is none. */
export function readExtFile(image: string, file: string): string | undefined {
  const listing = runTool(["debugfs", "-R", `stat "${file}"`, image]);
  return listing.includes("Inode:")
    ? runTool(["debugfs", "-R", `cat "${file}"`, image])
    : undefined;
}
