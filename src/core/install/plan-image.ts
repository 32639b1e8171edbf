// Installing on an ISO image, whose files cannot be written: the same changes as in a directory, as
// new files of a session, and with them the blocks that are needed to undo it.

import { decodeByteText, encodeByteText } from "../bytes/byte-text.ts";
import { type ReadImage, readExtents } from "../iso/check-session.ts";
import type { IsoFile } from "../iso/iso-tree.ts";
import type { Patch } from "../iso/patches.ts";
import { blockBytes } from "../iso/volume.ts";
import type { Step } from "../steps/step.ts";
import { Failure } from "../text/failure.ts";
import { formatPath } from "../text/quoted.ts";
import { planList, type SumText } from "./checksum-lists.ts";
import { addonFile, type IsoRecord, keptBlocksFile, slots } from "./install-record.ts";
import { findKeptBlocks, readKeptBlocks } from "./installed-image.ts";
import { isNeededText, type MediumChanges, type MediumFiles, planChanges } from "./plan-changes.ts";
import { type EfiPlan, joinChanges } from "./plan-efi.ts";
import { type InstallRequest, planInstall } from "./plan-install.ts";

/** A file that is new in a session, or has new contents. */
export interface NewFile {
  readonly path: string;
  readonly mode: number;
  readonly contents: Uint8Array | { readonly from: string; readonly bytes: number };
}

/** What is installed on an image. */
export interface ImagePlan {
  readonly files: readonly NewFile[];
  readonly changes: MediumChanges;
}

const mostTexts = 1000;
const mostTextBytes = 1024 * 1024;

/** Reads the files of an image as far as they are needed; `cannot` begins a refusal. */
export function readImageFiles({ source, tree }: ReadImage, cannot: string): MediumFiles {
  const files = tree.files.filter(({ kind }) => kind === "file");
  const needed = files.filter(({ path }) => isNeededText(path));
  if (needed.length > mostTexts)
    throw new Failure("usage", `${cannot}: it has more than ${mostTexts} boot menus`);
  const read = ({ path, extents }: IsoFile): string => {
    const bytes = readExtents(source, extents);
    if (bytes === undefined || bytes.length > mostTextBytes)
      throw new Failure("usage", `${cannot}: ${formatPath(path)} is too long for a text`);
    return decodeByteText(bytes);
  };
  return {
    files: files.map(({ path }) => path).sort(),
    texts: new Map(needed.map((file) => [file.path, read(file)])),
  };
}

/** What an image gets. */
export interface ImageRequest {
  readonly files: MediumFiles;
  readonly request: InstallRequest;
  /** Computes digests for lists of checksums. */
  readonly sum: SumText;
  /** Its digest, where it is a file. */
  readonly sha512?: string;
  /** What changes in its EFI partition, and with which blocks. */
  readonly efi?:
    | { readonly plan: EfiPlan; readonly patches: readonly Patch[]; readonly isMoved?: boolean }
    | undefined;
}

/** Plans what is installed on an image. */
export function planImage(
  image: ReadImage,
  { files, request, sum, sha512, efi }: ImageRequest,
): ImagePlan {
  const kept = findKeptBlocks(image, [
    ...(efi?.patches ?? []),
    ...(efi?.isMoved ? findCatalog(image) : []),
  ]);
  const iso: IsoRecord = {
    bytes: image.source.bytes,
    ...(sha512 === undefined ? {} : { sha512 }),
    kept,
  };
  const nothing = { records: new Map(), kept: new Map(), current: new Map() };
  const { plan, changes } = planInstall(
    { path: "", ...nothing, own: [], directories: [], unfinished: [], same: [] },
    (addon) => planChanges(files, { addon, sum, store: request.store }),
    { ...request, iso },
  );
  // One that is moved stays as it was in its file, which nothing boots any more.
  const inFile = efi && !efi.isMoved ? fileOfEfi(image, efi.plan) : undefined;
  const lists = inFile === undefined ? [] : findLists(files, inFile);
  const contents = readKeptBlocks(image, kept);
  const own: NewFile = { path: keptBlocksFile, mode: 0o644, contents };
  return {
    files: [...plan.steps.flatMap(toNewFile), own],
    changes: joinChanges(
      {
        ...changes,
        lists: [
          ...changes.lists.filter(({ path }) => !lists.includes(path)),
          ...lists.map(unmatched),
        ],
      },
      efi?.plan,
    ),
  };
}

/** Returns the block of the boot catalog, which tells where an EFI partition is. */
function findCatalog({ facts }: ReadImage): Patch[] {
  const [first] = facts.boot;
  const block = first && Math.floor(first.entry / blockBytes);
  return block === undefined ? [] : [{ block, bytes: new Uint8Array(blockBytes) }];
}

/** Returns the path of the file that an EFI partition with changed menus is in. */
function fileOfEfi({ tree }: ReadImage, { partition, texts }: EfiPlan): string | undefined {
  if (texts.length === 0) return undefined;
  return tree.files.find(({ extents }) => extents[0]?.block === partition.block)?.path;
}

/** Returns the lists of checksums that name a file. */
function findLists({ files, texts }: MediumFiles, path: string): string[] {
  const changed = new Map([[path, ""]]);
  return [...texts].flatMap(([file, text]) =>
    planList({ file, text, files }, changed, () => undefined) === undefined ? [] : [file],
  );
}

/** A digest of so much takes the interpreter too long. */
function unmatched(path: string): MediumChanges["lists"][number] {
  return { path, treatment: "not-corrected" };
}

/** What a step makes of a file; directories come with their files. */
function toNewFile(step: Step): NewFile[] {
  if (step.do === "put-copy")
    return [
      {
        ...{ path: step.to.slice(1), mode: step.mode },
        contents: { from: step.from, bytes: step.bytes },
      },
    ];
  if (step.do === "put-file")
    return [{ path: step.path.slice(1), mode: 0o644, contents: encodeByteText(step.text) }];
  if (step.do === "change-text")
    return [{ path: step.path.slice(1), mode: 0o444, contents: encodeByteText(step.to) }];
  return [];
}

/** The directories of an image once more. */
const spareBytes = 8 * 1024 * 1024;

/** Returns the most that a session has. */
export function mostBytes({ addon, program }: Pick<InstallRequest, "addon" | "program">): number {
  return addon.bytes + program.bytes + spareBytes;
}

/** Returns the path of the add-on that a plan installs. */
export function addonOf({ files }: ImagePlan): string | undefined {
  return slots
    .map((slot) => addonFile(slot))
    .find((file) => files.some(({ path }) => path === file));
}
