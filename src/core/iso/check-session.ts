// Whether an image with a session has all the files that it should have, and boots by what it
// booted by before: read from its bytes, whatever the tool that wrote it says.

import { isSameBytes } from "../bytes/same.ts";
import type { Source } from "../bytes/source.ts";
import { readPartitions } from "../superblocks/partitions.ts";
import { type IsoFacts, readIso } from "./iso-facts.ts";
import {
  type Extent,
  type IsoFile,
  type IsoTree,
  readIsoTree,
  readJolietTree,
} from "./iso-tree.ts";
import type { Move } from "./move-efi.ts";
import { blockBytes, findDescriptor } from "./volume.ts";

/** An image, its facts and its files. */
export interface ReadImage {
  readonly source: Source;
  readonly facts: IsoFacts;
  readonly tree: IsoTree;
}

/** Reads an image; undefined if it is no ISO 9660 or its tree is damaged. */
export function readImage(source: Source): ReadImage | undefined {
  const facts = readIso(source);
  const tree = facts && readIsoTree(source, facts.volume);
  return facts && tree && { source, facts, tree };
}

/** What is not as it should be in an image with a session. */
export type SessionFault =
  | { readonly kind: "tree" | "view" | "joliet" | "boot" | "names" }
  | { readonly kind: "missing" | "contents" | "unknown"; readonly path: string };

/** What is changed by a session. */
export interface SessionChange {
  /** The new contents of files by their paths. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The blocks at which the EFI partition was, and is. */
  readonly moved?: Pick<Move, "from" | "to"> | undefined;
}

/** Finds what is not as it should be. */
export function checkSession(
  before: ReadImage,
  after: Source,
  { files: changed, moved }: SessionChange,
): SessionFault | undefined {
  const found = readImage(after);
  if (found === undefined) return { kind: "tree" };
  return (
    checkBoot(before, found, moved) ??
    checkFiles(before, found, changed) ??
    checkOthers(before, found, [...changed.keys()])
  );
}

function checkBoot(
  before: ReadImage,
  after: ReadImage,
  moved: SessionChange["moved"],
): SessionFault | undefined {
  const [wanted, found] =
    moved === undefined
      ? [before.facts.boot, after.facts.boot]
      : [moveBoot(bootOf(before), moved), bootOf(after)];
  const isBooted = JSON.stringify(wanted) === JSON.stringify(found);
  const records = [before, after].map(({ facts }) => findDescriptor(facts.volume, "boot"));
  return isBooted && isSameBytes(records[0], records[1]) ? undefined : { kind: "boot" };
}

/** What boots an image, and the places and identities of its partitions. */
function bootOf({ source, facts }: ReadImage) {
  const partitions = readPartitions(source).map(({ number, offset, partUuid, typeId }) => ({
    number,
    offset,
    partUuid,
    typeId,
  }));
  return { images: facts.boot, partitions };
}

function moveBoot(
  { images, partitions }: ReturnType<typeof bootOf>,
  { from, to }: Pick<Move, "from" | "to">,
): ReturnType<typeof bootOf> {
  return {
    images: images.map((one) =>
      one.firmware === "uefi" && one.block === from ? { ...one, block: to } : one,
    ),
    partitions: partitions.map((one) =>
      one.offset === from * blockBytes ? { ...one, offset: to * blockBytes } : one,
    ),
  };
}

function checkFiles(
  before: ReadImage,
  after: ReadImage,
  changed: ReadonlyMap<string, Uint8Array>,
): SessionFault | undefined {
  if (after.tree.names !== before.tree.names) return { kind: "names" };
  const files = filesByPath(after.tree);
  for (const file of before.tree.files) {
    const now = files.get(file.path);
    if (now === undefined || now.kind !== file.kind) return { kind: "missing", path: file.path };
    if (file.kind !== "file" || changed.has(file.path)) continue;
    if (isSameFile(before, file, { ...after, file: now })) continue;
    return { kind: "contents", path: file.path };
  }
  for (const [path, bytes] of changed) {
    const now = files.get(path);
    if (now === undefined) return { kind: "missing", path };
    if (!isSameBytes(readExtents(after.source, now.extents), bytes))
      return { kind: "contents", path };
  }
  const known = filesByPath(before.tree);
  const directories = new Set([...changed.keys()].flatMap(directoriesOf));
  for (const path of files.keys())
    if (!known.has(path) && !changed.has(path) && !directories.has(path))
      return { kind: "unknown", path };
  return undefined;
}

function filesByPath({ files }: IsoTree): Map<string, IsoFile> {
  return new Map(files.map((file) => [file.path, file]));
}

function directoriesOf(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}

/** The catalog of El Torito is written anew with each session, and is the same. */
const mostCompared = 64 * 1024;

function isSameFile(
  before: ReadImage,
  old: IsoFile,
  { source, file }: { readonly source: Source; readonly file: IsoFile },
): boolean {
  if (extentsKey(old.extents) === extentsKey(file.extents)) return true;
  const [one, other] = [old, file].map(({ extents }) => bytesOf(extents));
  if (one !== other || (one ?? 0) > mostCompared) return false;
  return isSameBytes(readExtents(before.source, old.extents), readExtents(source, file.extents));
}

/** An empty file lies nowhere. */
function extentsKey(extents: readonly Extent[]): string {
  return JSON.stringify(extents.map(({ block, bytes }) => (bytes === 0 ? 0 : [block, bytes])));
}

function bytesOf(extents: readonly Extent[]): number {
  return extents.reduce((sum, { bytes }) => sum + bytes, 0);
}

const mostBytes = 32 * 1024 * 1024;

/** Returns the contents of a file of an image; undefined if they are beyond its end or too long. */
export function readExtents(source: Source, extents: readonly Extent[]): Uint8Array | undefined {
  const all = bytesOf(extents);
  if (all > Math.min(mostBytes, source.bytes)) return undefined;
  const bytes = new Uint8Array(all);
  let at = 0;
  for (const extent of extents) {
    const part = source.at(extent.block * blockBytes, extent.bytes);
    if (part === undefined) return undefined;
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The trees of Joliet and of the first partition have the same files at the same blocks. */
function checkOthers(
  before: ReadImage,
  after: ReadImage,
  changed: readonly string[],
): SessionFault | undefined {
  const { source, facts, tree } = after;
  const files = filesByPath(tree);
  const places = changed.map((path) => extentsKey(files.get(path)?.extents ?? []));
  const joliet = readJolietTree(source, facts.volume);
  const oldJoliet = readJolietTree(before.source, before.facts.volume);
  if ((joliet === undefined) !== (oldJoliet === undefined)) return { kind: "joliet" };
  if (joliet !== undefined && !hasPlaces(joliet, places)) return { kind: "joliet" };
  if (facts.view === undefined) return undefined;
  const view = readIsoTree(source, facts.view);
  if (view === undefined) return { kind: "view" };
  const isOld = isSameBytes(findPrimary(after), findPrimary(before));
  return isOld || hasPlaces(view, places) ? undefined : { kind: "view" };
}

function findPrimary({ facts }: ReadImage): Uint8Array | undefined {
  return facts.view && findDescriptor(facts.view, "primary");
}

function hasPlaces({ files }: IsoTree, places: readonly string[]): boolean {
  const found = new Set(files.map(({ extents }) => extentsKey(extents)));
  return places.every((place) => found.has(place));
}
