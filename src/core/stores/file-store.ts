// What a look into a host found where a store's file is looked for, and whether that is a store. A file is believed
// only when it holds a file system that can keep changes, whole, and in it a store or nothing.
import { directoryStoreTypes, holdsDirectoryStore } from "../file-systems/mounting.ts";
import type { Superblock } from "../superblocks/superblock.ts";
import { formatList } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";
import { findUnfinished } from "./resize-record.ts";
import { type DirectoryFacts, identifyStore } from "./store-directory.ts";

/** Says what was seen on a host, by looking only. */
export interface HostFacts {
  /** Why it could not be looked into ("this kernel has no driver …"); undefined when it was. */
  readonly obstacle: string | undefined;
  /** Whether a Windows that sleeps lies on it. */
  readonly isHibernated: boolean;
  /** Whether its journal was left alone, which may hold a file that was made last. */
  readonly ignoredJournal?: boolean;
  /** What is at the path of the store's file; undefined when nothing is. */
  readonly found: FoundAtPath | undefined;
}

/** Is what stands at the path of a store's file: a file, or why it is none ("it is a directory"). */
export type FoundAtPath = { readonly problem: string } | FoundFile;

/** Is a file that stands where a store is looked for. */
export interface FoundFile {
  readonly file: StoreFile;
  /** What is in the top directory of its file system; or why that could not be looked into. */
  readonly content: DirectoryFacts | { readonly problem: string };
}

/** Is a file that may be a store, and what its own bytes say. */
export interface StoreFile {
  /** From the top of its host ("/sysrcd.bs"). */
  readonly path: string;
  /** Without what a growth that was cut off in its beginning has left behind its end. */
  readonly bytes: number;
  /** What its host has really set aside for it; less than `bytes` in a sparse file. */
  readonly allocatedBytes: number;
  readonly superblock: Superblock | undefined;
  /** The text of the record that an unfinished grow or shrink left beside it. */
  readonly intent: string | undefined;
  /** Whether its host was seen without the journal, in which newer changes may lie; missing where not. */
  readonly ignoredJournal?: boolean;
}

/** Is what a host has to offer. */
export type HostOffer =
  | { readonly kind: "nothing" }
  | { readonly kind: "unseen"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "store"; readonly file: StoreFile; readonly facts: DirectoryFacts };

/** Identifies what a host offers: a store's file, something else in its place (reasons begin with "it"), or nothing. */
export function identifyOffer({ obstacle, ignoredJournal, found }: HostFacts): HostOffer {
  if (obstacle !== undefined) return { kind: "unseen", reason: obstacle };
  if (found === undefined)
    return ignoredJournal ? { kind: "unseen", reason: behind } : { kind: "nothing" };
  if ("problem" in found) return { kind: "refused", reason: found.problem };
  const { file, content } = found;
  const fault = findFault(file);
  if (fault !== undefined) return { kind: "refused", reason: fault.sentence };
  if ("problem" in content) {
    const unfinished = findUnfinished(file);
    const cause = unfinished === undefined ? "" : `; ${unfinished}`;
    return { kind: "refused", reason: `${content.problem}${cause}` };
  }
  const state = identifyStore(content, "it");
  if (state.kind === "refused") return { kind: "refused", reason: state.reason };
  return { kind: "store", file, facts: content };
}

const behind =
  "it was not unmounted, and a file that was made last may wait in its journal: mount it once, and the next boot sees that";

/** A reason why a file cannot be a store; `truncated`: it is shorter than the file system in it. */
export interface FileFault {
  readonly kind: "empty" | "unrecognised" | "encrypted" | "unsuitable" | "truncated";
  readonly sentence: string;
}

/** Returns why a file cannot be a store, by its size and superblock alone; undefined when it can be one. */
export function findFault({
  bytes,
  superblock,
}: Pick<StoreFile, "bytes" | "superblock">): FileFault | undefined {
  if (bytes === 0) return { kind: "empty", sentence: "it is empty" };
  if (superblock === undefined) {
    const isTooSmall = bytes < smallestFileSystem;
    return {
      kind: "unrecognised",
      sentence: isTooSmall
        ? `it is too small to hold a file system (${formatSize(bytes)})`
        : "no file system was recognised in it",
    };
  }
  const { type, bytes: needed } = superblock;
  if (type === "crypto_LUKS") {
    const sentence = "it is encrypted (crypto_LUKS), and this version does not open it";
    return { kind: "encrypted", sentence };
  }
  if (!holdsDirectoryStore(type)) {
    const sentence = `it holds ${type}, and a store needs ${formatList(directoryStoreTypes, "or")}`;
    return { kind: "unsuitable", sentence };
  }
  if (needed !== undefined && needed > bytes) {
    const sentence = `it was cut: its file system has ${formatSize(needed)}, and the file ${formatSize(bytes)}`;
    return { kind: "truncated", sentence };
  }
  return undefined;
}

/** The smallest that mkfs.ext2 makes. */
const smallestFileSystem = 64 * 1024;

/** Tells whether a host has set aside less than the whole file. */
export function isSparse({ bytes, allocatedBytes }: StoreFile): boolean {
  return allocatedBytes < bytes;
}

/** Describes how much of a sparse file is there ("100.0 MiB of 256.0 MiB are allocated"). */
export function describeAllocation({ bytes, allocatedBytes }: StoreFile): string {
  return `${formatSize(allocatedBytes)} of ${formatSize(bytes)} are allocated`;
}
