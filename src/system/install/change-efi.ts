// Changing the EFI partition of an ISO image: mtools add a file to a copy of it, and only what
// differs in the copy is taken. Menus are changed where they lie, if their clusters have room. The
// copy of one that is full is longer, and takes its place as a whole.

import { openSource, type Source } from "../../core/bytes/source.ts";
import { type EfiPlan, efiAddon, planWrites } from "../../core/install/plan-efi.ts";
import type { InstallRequest } from "../../core/install/plan-install.ts";
import {
  checkEfi,
  type EfiPartition,
  findAdded,
  planTextWrites,
  toPatches,
} from "../../core/iso/efi-partition.ts";
import { readFatTree } from "../../core/iso/fat-tree.ts";
import { type Fat, growFat } from "../../core/iso/grow-fat.ts";
import { type Patch, patchSource } from "../../core/iso/patches.ts";
import type { LargerEfi } from "../../core/iso/session.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatSize } from "../../core/text/size.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";
import { writeParts } from "./write-parts.ts";

/** What is to be changed. */
export interface EfiRequest {
  readonly plan: EfiPlan;
  readonly addon: InstallRequest["addon"];
  /** Whether one that is full may get another place. */
  readonly mayMove: boolean;
  /** An empty directory. */
  readonly work: string;
  /** The beginning of a refusal. */
  readonly cannot: string;
}

/** What changes in an image. */
export interface EfiChange {
  /**
   * What is written to it, in an order in which its firmware finds the old menus or the new ones.
   */
  readonly patches: readonly Patch[];
  /** What takes the place of an EFI partition that is full, in a file of the directory. */
  readonly larger: LargerEfi | undefined;
}

/** Changes it; throws a Failure if there is no room for it, and no larger one can be. */
export function changeEfi(system: System, request: EfiRequest): EfiChange {
  const { plan, addon, mayMove, work, cannot } = request;
  const { partition, texts, hasKernels } = plan;
  if (texts.length === 0) return { patches: [], larger: undefined };
  const writes = planWrites(plan, addon.bytes);
  const own = hasKernels
    ? [{ path: efiAddon, contents: system.readBytes(addon.path, 0, addon.bytes) }]
    : [];
  const copied = [...own, ...writes.anew.map(({ path, to }) => ({ path, contents: to }))];
  if (writes.isFull) {
    const needed = writes.neededBytes;
    if (!mayMove) throw tellFull(partition, needed, cannot);
    const grown = growFat(partition, needed);
    if (grown === undefined) {
      const { code, message } = tellFull(partition, needed, cannot);
      throw new Failure(code, `${message}; FAT of its kind cannot be longer`);
    }
    const contents = addToCopy(system, { source: grown.source, tree: grown.tree, copied, work });
    requireRight({ ...grown, block: 0 }, contents, { changed: copied, cannot });
    return { patches: [], larger: { from: partition.block, contents } };
  }
  const { source, block } = partition;
  const patches = addFiles(system, { partition, copied, work });
  for (const text of writes.roomy) {
    const after = patchSource(source, patches, source.bytes);
    const tree = readFatTree(after);
    const planned = tree && planTextWrites({ block, source: after, tree }, text);
    if (planned !== undefined) patches.push(...toPatches(after, planned));
  }
  const changed = writes.roomy.map(({ path, to }) => ({ path, contents: to }));
  requireRight(partition, patchSource(source, patches, source.bytes), {
    changed: [...copied, ...changed],
    cannot,
  });
  return {
    patches: patches.map((patch) => ({ ...patch, block: block + patch.block })),
    larger: undefined,
  };
}

interface Copied {
  readonly path: string;
  readonly contents: Uint8Array;
}

function tellFull({ tree }: EfiPartition, needed: number, cannot: string): Failure {
  const [more, free] = [needed, tree.freeBytes].map(formatSize);
  return new Failure(
    "no-room",
    `${cannot}: its EFI partition needs ${more} more, and ${free} are free in it`,
  );
}

function requireRight(
  before: EfiPartition,
  after: Source,
  { changed, cannot }: { readonly changed: readonly Copied[]; readonly cannot: string },
): void {
  const contents = new Map(changed.map((one) => [one.path, one.contents]));
  if (!checkEfi(before, after, contents))
    throw new Failure("tool", `${cannot}: its EFI partition would not be what it should be`);
}

interface Adding {
  readonly partition: EfiPartition;
  readonly copied: readonly Copied[];
  readonly work: string;
}

function addFiles(system: System, { partition, copied, work }: Adding): Patch[] {
  if (copied.length === 0) return [];
  const { source, tree } = partition;
  const after = addToCopy(system, { source, tree, copied, work });
  const changed = readFatTree(after);
  if (changed === undefined) return [];
  return copied.flatMap(({ path }) => findAdded(partition, { source: after, tree: changed }, path));
}

/** Adds files to a copy of a file system, which is in a file of the directory. */
function addToCopy(
  system: System,
  { source, tree, copied, work }: Fat & Omit<Adding, "partition">,
): Source {
  const image = `${work}/efi.img`;
  system.createFile(image, 0o600);
  writeParts(system, image, { source, ranges: [{ offset: 0, bytes: source.bytes }] });
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
  return openSource((offset, length) => system.readBytes(image, offset, length), source.bytes);
}

/** Their check of the geometry refuses file systems that every firmware reads. */
function runMtool(system: System, argv: readonly string[]): void {
  const [tool = ""] = argv;
  const isThere = system.findProgram(tool) !== undefined;
  runTool(system, {
    action: "change the EFI partition of the image",
    argv: isThere ? ["env", "MTOOLS_SKIP_CHECK=1", ...argv] : argv,
  });
}
