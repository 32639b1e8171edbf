// Stores as real tools make them: empty file systems with labels, and the stores that SystemRescue
// 6 leaves behind, made by a real overlay mount (test/machines/disks/old-store.sh, which needs root
// and mounts in a namespace of its own).

import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../../../scripts/lib/tool.ts";
import { withTemporary } from "../guest/base.ts";

/** A file system to make. */
export interface StoreRequest {
  readonly type: FileSystemType;
  readonly label?: string;
  readonly uuid?: string;
  readonly path: string;
  /** By default the smallest size of the type. */
  readonly bytes?: number;
  /** A directory with its initial contents; for ext2, ext3 and ext4 only. */
  readonly contents?: string;
}

export type FileSystemType = keyof typeof makers;

const mebibyte = 1024 * 1024;

/**
 * The smallest that each tool of Debian 12 and 13 makes without being forced, and the names of the
 * tool's options.
 */
const makers = {
  ext2: { megabytes: 32, options: ["-q"], label: ["-L"], uuid: ["-U"] },
  ext3: { megabytes: 32, options: ["-q"], label: ["-L"], uuid: ["-U"] },
  ext4: { megabytes: 32, options: ["-q"], label: ["-L"], uuid: ["-U"] },
  xfs: { megabytes: 300, options: ["-q"], label: ["-L"], uuid: ["-m", "uuid="] },
  btrfs: { megabytes: 128, options: ["-q"], label: ["-L"], uuid: ["-U"] },
  f2fs: { megabytes: 64, options: ["-q"], label: ["-l"], uuid: ["-U"] },
  vfat: { megabytes: 32, options: [], label: ["-n"], uuid: ["-i"] },
  exfat: { megabytes: 32, options: [], label: ["-L"], uuid: ["-U", "0x"] },
  // Its serial number is random; the tool has no option for it.
  ntfs: { megabytes: 32, options: ["-q", "-Q", "-F"], label: ["-L"], uuid: [] },
} as const;

/** Makes an image with a file system at `path`; the image is sparse. */
export function writeStore({ type, label, uuid, path, bytes, contents }: StoreRequest): void {
  const maker = makers[type];
  rmSync(path, { force: true });
  writeFileSync(path, "");
  truncateSync(path, bytes ?? maker.megabytes * mebibyte);
  const [uuidOption, prefix = ""] = maker.uuid;
  runTool([
    `mkfs.${type}`,
    ...maker.options,
    ...(label === undefined ? [] : [...maker.label, label]),
    ...(uuid === undefined || uuidOption === undefined ? [] : [uuidOption, `${prefix}${uuid}`]),
    ...(contents === undefined ? [] : ["-d", contents]),
    path,
  ]);
}

/** Returns the smallest size of an image that writeStore() can make a type in. */
export function smallestBytes(type: FileSystemType): number {
  return makers[type].megabytes * mebibyte;
}

/** The contents of a SystemRescue 6 store. */
export interface OldStore {
  /** The merged tree, as list-tree prints it. */
  readonly tree: string;
  /**
   * The overlay's own attributes that the kernel wrote, without their prefix, sorted: they
   * determine how it must be mounted.
   */
  readonly attributes: readonly string[];
}

/**
 * Makes a SystemRescue 6 store, labelled "old", by changing `base` through an overlay with these
 * options.
 */
export function writeOldStore(path: string, base: string, options: string): OldStore {
  writeStore({ type: "ext4", label: "old", path });
  const tree = runIsolated("test/machines/disks/old-store.sh", path, base, options);
  const attributes = runIsolated("test/machines/disks/read-store.sh", path, "0", "attributes")
    .trim()
    .split("\n");
  return { tree, attributes };
}

/** A store in an image: the start of its file system, and a file in it. */
export interface StoreFile {
  readonly image: string;
  readonly offset?: number;
  readonly path: string;
  /** The store's file on its host ("/sysrcd.bs"), if the image is the host of a file store. */
  readonly file?: string | undefined;
}

/**
 * Reads a file of a store whose guest is off, from a copy of it with the journal replayed;
 * undefined if there is none.
 */
export function readStoreFile({ file, ...store }: StoreFile): string | undefined {
  if (file !== undefined) {
    return withTemporary((directory) => {
      const image = join(directory, "store.img");
      extractFile({ ...store, path: file, to: image });
      return readStoreFile({ image, path: store.path });
    });
  }
  const { image, offset = 0, path } = store;
  const text = runIsolated(
    "test/machines/disks/read-store.sh",
    image,
    String(offset),
    "file",
    path,
  );
  return text.startsWith("found\n") ? text.slice("found\n".length) : undefined;
}

/** Copies a file out of the file system that begins at `offset`. */
function extractFile({ image, offset = 0, path, to }: StoreFile & { readonly to: string }): void {
  const probe = ["blkid", "-p", "-o", "value", "-s", "TYPE", "-O", String(offset), image];
  const type = runTool(probe).trim();
  runIsolated("test/machines/disks/host-files.sh", "get", image, String(offset), type, path, to);
}

/** Returns the byte at which a partition begins in its disk's image. */
export function findPartition(image: string, number: number): number {
  const { partitiontable } = JSON.parse(runTool(["sfdisk", "--json", image]));
  const partition = partitiontable.partitions.find(
    ({ node }: { node: string }) => node === `${image}${number}`,
  );
  return partition.start * 512;
}

/** Runs a program in a private mount namespace, which ends with it. */
export function runIsolated(...argv: readonly string[]): string {
  return runTool(["unshare", "--mount", "--propagation", "private", ...argv]);
}
