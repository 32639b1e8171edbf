// The contents of an initramfs and how they are packed: this one function decides, based on
// measurements. The kernel unpacks everything at every boot, so compression is for what every boot
// reads. Most modules are not read, and checkers of file systems rarely are: they are in a part
// that is not compressed, each compressed separately, and are unpacked when needed.
// Facts: the kernel's Documentation/driver-api/early-userspace/buffer-format.rst and
// init/initramfs.c.

import { encodeUtf8 } from "../bytes/utf.ts";
import { type AliasGroup, formatAliasGroups, noAliases } from "../modules/module-aliases.ts";
import {
  hardwareAliasFile,
  type ModuleIndex,
  moduleDirectory,
  moduleFile,
  moduleIndexFile,
  nameAliasFile,
} from "../modules/module-index.ts";
import { type CheckerIndex, checkerFile, checkerIndexFile } from "./carried-checkers.ts";
import type { CpioEntry } from "./cpio.ts";

/** A compression of an initramfs. */
export type Compression = "zstd" | "gzip";

/** The file with the exact text of the --default options; missing without them. */
export const defaultOptionsFile = `${moduleDirectory}/default-options`;

/** The contents of an initramfs. */
export interface Contents {
  /** The program: it is /init, and /sbin/modprobe. */
  readonly program: Uint8Array;
  readonly index: ModuleIndex;
  readonly aliases: ReadonlyMap<string, AliasGroup>;
  /** Modules by name, each as a zstd frame. */
  readonly modules: readonly { readonly name: string; readonly data: Uint8Array }[];
  readonly checkers: {
    readonly index: CheckerIndex;
    /** By the paths that they will have, each as a zstd frame. */
    readonly files: readonly { readonly path: string; readonly data: Uint8Array }[];
  };
  readonly firmware: readonly FirmwareFile[];
  readonly defaultOptions: string | undefined;
}

/** One file below lib/firmware, as the distribution ships it. */
export interface FirmwareFile {
  /** Relative to lib/firmware: "isci/isci_firmware.bin.xz". */
  readonly path: string;
  readonly data: Uint8Array;
}

/** One cpio archive of the several that an initramfs consists of, one after the other. */
export interface Segment {
  readonly isCompressed: boolean;
  readonly entries: readonly CpioEntry[];
}

/** Plans which files go into which archive of the initramfs. */
export function planArchive(contents: Contents): Segment[] {
  const isPacked = (file: FirmwareFile) => /\.(xz|zst)$/.test(file.path);
  const packed: CpioEntry[] = [
    ...contents.modules.map(({ name, data }) => file(moduleFile(name), data)),
    ...contents.checkers.files.map(({ path, data }) => file(checkerFile(path), data)),
    ...contents.firmware.filter(isPacked).map(firmwareEntry),
  ];
  const hardware = new Map([...contents.aliases].filter(([group]) => group !== "names"));
  const plain: CpioEntry[] = [
    ...["dev", "proc", "run", "sys"].map(directory),
    // The kernel opens the console before it mounts a devtmpfs.
    { kind: "character", path: "dev/console", mode: 0o600, major: 5, minor: 1 },
    { kind: "character", path: "dev/null", mode: 0o666, major: 1, minor: 3 },
    { kind: "file", path: "init", mode: 0o755, data: contents.program },
    { kind: "link", path: "sbin/modprobe", to: "/init" },
    // In /run there is room: the kernel does not report how much there is in the initramfs itself.
    { kind: "link", path: "tmp", to: "/run" },
    file(moduleIndexFile, encodeUtf8(JSON.stringify(contents.index))),
    file(hardwareAliasFile, encodeUtf8(formatAliasGroups(hardware))),
    file(nameAliasFile, encodeUtf8(JSON.stringify(contents.aliases.get("names") ?? noAliases))),
    ...contents.firmware.filter((one) => !isPacked(one)).map(firmwareEntry),
  ];
  if (contents.checkers.files.length > 0) {
    plain.push(file(checkerIndexFile, encodeUtf8(JSON.stringify(contents.checkers.index))));
  }
  if (contents.defaultOptions !== undefined) {
    plain.push(file(defaultOptionsFile, encodeUtf8(contents.defaultOptions)));
  }
  return [
    { isCompressed: false, entries: withDirectories(packed) },
    { isCompressed: true, entries: withDirectories(plain) },
  ];
}

/** Chooses a compression that the kernel of a release can unpack: zstd since 5.9, gzip before. */
export function chooseCompression(release: string): Compression {
  const match = /^(\d+)\.(\d+)/.exec(release);
  if (match === null) return "zstd";
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major > 5 || (major === 5 && minor >= 9) ? "zstd" : "gzip";
}

function firmwareEntry({ path, data }: FirmwareFile): CpioEntry {
  return file(`/lib/firmware/${path}`, data);
}

function file(path: string, data: Uint8Array): CpioEntry {
  return { kind: "file", path: path.replace(/^\//, ""), mode: 0o644, data };
}

function directory(path: string): CpioEntry {
  return { kind: "directory", path, mode: 0o755 };
}

/** Adds the parent directories of entries before the first entry that needs them. */
export function withDirectories(entries: readonly CpioEntry[]): CpioEntry[] {
  const known = new Set<string>();
  return entries.flatMap((entry) => {
    const names = entry.path.split("/").slice(0, -1);
    const parents = names.map((_, index) => names.slice(0, index + 1).join("/"));
    const missing = parents.filter((path) => !known.has(path));
    for (const path of [...missing, entry.path]) known.add(path);
    return [...missing.map(directory), entry];
  });
}
