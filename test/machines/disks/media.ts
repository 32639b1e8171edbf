// Boot media: a tree of files laid out like one distribution's, put on one kind of stick, disk or
// disc by the real tools. Nothing here needs root.

import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import { withTemporary } from "../guest/base.ts";

/**
 * The files of a medium: for each path a text, or the file on this machine that is copied there.
 */
export type Tree = Readonly<Record<string, string | { readonly file: string }>>;

/** A medium to make. */
export interface Medium {
  readonly kind: "vfat" | "ext4" | "iso9660";
  readonly label: string;
  readonly tree: Tree;
  /** Free space beside the tree; 16 MiB by default. */
  readonly spareBytes?: number;
}

const mebibyte = 1024 * 1024;
const sector = 512;

/** Returns the path of the image of a medium with a unique name, made once. */
export function makeMedium(name: string, medium: Medium): string {
  return makeOnce({
    name: `medium-${name}`,
    inputs: [
      medium.kind,
      medium.label,
      formatTree(medium.tree),
      readFileSync("test/machines/disks/media.ts"),
    ],
    make: (path) => writeMedium(path, medium),
  });
}

/** Returns a text that identifies the contents of a tree. */
export function formatTree(tree: Tree): string {
  const files = Object.entries(tree).map(([path, source]) => `${path} ${formatSource(source)}`);
  return JSON.stringify(files);
}

// Cached files carry a digest in their names, so their path and size identify their contents.
function formatSource(source: Tree[string]): string {
  return typeof source === "string" ? source : `${source.file} ${statSync(source.file).size}`;
}

/** Makes a medium's image at `path`. */
export function writeMedium(
  path: string,
  { kind, label, tree, spareBytes = 16 * mebibyte }: Medium,
): void {
  rmSync(path, { force: true });
  withTemporary((directory) => {
    const root = join(directory, "root");
    const bytes = writeTree(root, tree);
    const kibibytes = Math.ceil((bytes * 1.05 + spareBytes) / mebibyte) * 1024;
    if (kind === "vfat") {
      writeFat(path, { label, kibibytes, root, tree });
    } else if (kind === "ext4") {
      runTool(["mkfs.ext4", "-q", "-L", label, "-d", root, path, `${kibibytes}k`]);
    } else {
      runTool(["xorriso", "-as", "mkisofs", "-quiet", "-V", label, "-r", "-J", "-o", path, root]);
    }
  });
}

/** A FAT file system to make, with a tree that was written below `root`. */
export interface Fat {
  readonly label: string;
  readonly kibibytes: number;
  readonly root: string;
  readonly tree: Tree;
  /** More options of "mkfs.vfat". */
  readonly options?: readonly string[];
}

/** Makes a FAT file system at `path`. */
export function writeFat(path: string, { label, kibibytes, root, tree, options = [] }: Fat): void {
  runTool(["mkfs.vfat", ...options, "-n", label, "-C", path, String(kibibytes)]);
  const tops = [...new Set(Object.keys(tree).map((name) => name.split("/")[0] ?? name))];
  runTool(["mcopy", "-s", "-i", path, ...tops.map((top) => join(root, top)), "::/"]);
}

/** Writes a tree below `root`; returns the total size of its files in bytes. */
export function writeTree(root: string, tree: Tree): number {
  let bytes = 0;
  mkdirSync(root, { recursive: true });
  for (const [name, source] of Object.entries(tree)) {
    const to = join(root, name);
    mkdirSync(dirname(to), { recursive: true });
    if (typeof source === "string") writeFileSync(to, source);
    else copyFileSync(source.file, to);
    bytes += statSync(to).size;
  }
  return bytes;
}

/** One partition of a disk. */
export interface Partition {
  /** An image whose bytes become the partition's. */
  readonly file: string;
  /** GPT's name and UUID of the partition. */
  readonly name?: string;
  readonly uuid?: string;
  /** A type of sfdisk's; "linux" by default. */
  readonly type?: string;
  /** Whether it is the one that a BIOS boots. */
  readonly isActive?: true;
}

/** Makes a disk image with a partition table, each partition a copy of an image. */
export function writeDisk(
  path: string,
  table: "gpt" | "dos",
  partitions: readonly Partition[],
): void {
  let start = 2048;
  const placed = partitions.map((partition) => {
    const sectors = Math.ceil(statSync(partition.file).size / mebibyte) * 2048;
    const place = { partition, start, sectors };
    start += sectors;
    return place;
  });
  writeFileSync(path, "");
  truncateSync(path, (start + 2048) * sector);
  const lines = placed.map(({ partition, start, sectors }) => {
    const name = partition.name === undefined ? "" : `, name="${partition.name}"`;
    const uuid = partition.uuid === undefined ? "" : `, uuid=${partition.uuid}`;
    const type = partition.type ?? (table === "gpt" ? "linux" : "83");
    const active = partition.isActive ? ", bootable" : "";
    return `start=${start}, size=${sectors}, type=${type}${name}${uuid}${active}`;
  });
  runTool(["sfdisk", "-q", path], { input: `label: ${table}\n${lines.join("\n")}\n` });
  for (const { partition, start } of placed) copyInto(partition.file, path, start);
}

/**
 * The start of the first partition of a hybrid image: at the image's own start, as isohybrid makes
 * it, or after it.
 */
export type HybridStart = 0 | 64;

/**
 * Makes a hybrid ISO image as it is once it was written to a stick and got a partition beside it:
 * the disc's file system on the whole disk, a DOS table in its unused first sectors, partition 1
 * over the image, partition 3 after it.
 */
export function writeHybrid(
  path: string,
  iso: string,
  third: { readonly file: string; readonly start: HybridStart },
): void {
  copyFileSync(iso, path);
  const isoSectors = Math.ceil(statSync(iso).size / mebibyte) * 2048;
  const thirdSectors = Math.ceil(statSync(third.file).size / mebibyte) * 2048;
  truncateSync(path, (isoSectors + thirdSectors) * sector);
  const table = Buffer.alloc(66);
  writeEntry(table, 0, {
    type: 0x17,
    start: third.start,
    sectors: isoSectors - third.start,
    bootable: true,
  });
  writeEntry(table, 2, { type: 0x83, start: isoSectors, sectors: thirdSectors, bootable: false });
  table.writeUInt16LE(0xaa55, 64);
  const image = openSync(path, "r+");
  writeSync(image, table, 0, table.length, 446);
  closeSync(image);
  copyInto(third.file, path, isoSectors);
}

interface Entry {
  readonly type: number;
  readonly start: number;
  readonly sectors: number;
  readonly bootable: boolean;
}

function writeEntry(table: Buffer, index: number, { type, start, sectors, bootable }: Entry): void {
  const at = index * 16;
  table.writeUInt8(bootable ? 0x80 : 0, at);
  table.writeUInt8(type, at + 4);
  table.writeUInt32LE(start, at + 8);
  table.writeUInt32LE(sectors, at + 12);
}

function copyInto(file: string, image: string, start: number): void {
  const argv = [
    "dd",
    `if=${file}`,
    `of=${image}`,
    "bs=512",
    `seek=${start}`,
    "conv=notrunc,sparse",
    "status=none",
  ];
  runTool(argv);
}
