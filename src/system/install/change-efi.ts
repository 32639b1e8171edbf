// Changing the EFI partition of an ISO image: mtools add a file to a copy of it, and only what
// differs in the copy is taken. Menus are changed where they lie, if their clusters have room.

import { openSource, type Source } from "../../core/bytes/source.ts";
import type { EfiPlan } from "../../core/install/plan-efi.ts";
import {
  checkEfi,
  type EfiPartition,
  findAdded,
  planTextWrites,
  toPatches,
} from "../../core/iso/efi-partition.ts";
import { readFatTree } from "../../core/iso/fat-tree.ts";
import { type Patch, patchSource } from "../../core/iso/patches.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatSize } from "../../core/text/size.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";

/** What is to be changed. */
export interface EfiRequest {
  readonly plan: EfiPlan;
  /** The add-on, and its path there. */
  readonly addon: { readonly from: string; readonly bytes: number; readonly path: string };
  /** An empty directory. */
  readonly work: string;
  /** The beginning of a refusal. */
  readonly cannot: string;
}

/**
 * Returns what is written to an image, in an order in which its firmware finds the old menus or the
 * new ones; throws a Failure if there is no room for it.
 */
export function changeEfi(system: System, { plan, addon, work, cannot }: EfiRequest): Patch[] {
  const { partition, texts, hasKernels } = plan;
  if (texts.length === 0) return [];
  const { source, block } = partition;
  const roomy = texts.filter((text) => planTextWrites(partition, text) !== undefined);
  const copied = [
    ...(hasKernels ? [{ path: addon.path, contents: readAddon(system, addon) }] : []),
    ...texts
      .filter((text) => !roomy.includes(text))
      .map(({ path, to }) => ({ path, contents: to })),
  ];
  requireRoom(partition, copied, cannot);
  const patches = addFiles(system, { partition, copied, work });
  for (const text of roomy) {
    const after = patchSource(source, patches, source.bytes);
    const tree = readFatTree(after);
    const writes = tree && planTextWrites({ block, source: after, tree }, text);
    if (writes !== undefined) patches.push(...toPatches(after, writes));
  }
  const changed = new Map(copied.map(({ path, contents }) => [path, contents]));
  for (const { path, to } of roomy) changed.set(path, to);
  if (!checkEfi(partition, patchSource(source, patches, source.bytes), changed))
    throw new Failure("tool", `${cannot}: its EFI partition would not be what it should be`);
  return patches.map((patch) => ({ ...patch, block: block + patch.block }));
}

function readAddon(system: System, { from, bytes }: EfiRequest["addon"]): Uint8Array {
  return system.readBytes(from, 0, bytes);
}

interface Copied {
  readonly path: string;
  readonly contents: Uint8Array;
}

function requireRoom(
  { tree: { freeBytes, clusterBytes } }: EfiPartition,
  copied: readonly Copied[],
  cannot: string,
): void {
  const round = (bytes: number) => Math.ceil(bytes / clusterBytes) * clusterBytes;
  const needed = copied.reduce((sum, { contents }) => sum + round(contents.length), 0);
  // A directory, and one that becomes longer.
  if (needed === 0 || needed + 2 * clusterBytes <= freeBytes) return;
  throw new Failure(
    "no-room",
    `${cannot}: its EFI partition needs ${formatSize(needed)} more, and ${formatSize(freeBytes)} are free in it`,
  );
}

interface Adding {
  readonly partition: EfiPartition;
  readonly copied: readonly Copied[];
  readonly work: string;
}

function addFiles(system: System, { partition, copied, work }: Adding): Patch[] {
  if (copied.length === 0) return [];
  const { source, tree } = partition;
  const image = `${work}/efi.img`;
  copySource(system, source, image);
  const names = new Set(tree.files.map(({ path }) => path.toLowerCase()));
  for (const [index, { path, contents }] of copied.entries()) {
    const directory = directoryOf(`/${path}`);
    if (directory !== "/" && !names.has(directory.slice(1).toLowerCase()))
      runMtool(system, ["mmd", "-i", image, `::${directory}`]);
    names.add(directory.slice(1).toLowerCase());
    const file = `${work}/efi-${index}`;
    system.writeFile(file, contents);
    runMtool(system, ["mcopy", "-i", image, "-o", file, `::/${path}`]);
  }
  const after = openSource(
    (offset, length) => system.readBytes(image, offset, length),
    source.bytes,
  );
  const changed = readFatTree(after);
  if (changed === undefined) return [];
  return copied.flatMap(({ path }) => findAdded(partition, { source: after, tree: changed }, path));
}

function copySource(system: System, source: Source, to: string): void {
  system.createFile(to, 0o600);
  for (let at = 0; at < source.bytes; at += pieceBytes) {
    const piece = source.at(at, Math.min(pieceBytes, source.bytes - at));
    if (piece !== undefined) system.writeBytes(to, at, piece);
  }
}

const pieceBytes = 2 ** 20;

/** Their check of the geometry refuses file systems that every firmware reads. */
function runMtool(system: System, argv: readonly string[]): void {
  const [tool = ""] = argv;
  const isThere = system.findProgram(tool) !== undefined;
  runTool(system, {
    action: "change the EFI partition of the image",
    argv: isThere ? ["env", "MTOOLS_SKIP_CHECK=1", ...argv] : argv,
  });
}
