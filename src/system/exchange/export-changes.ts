// The changes in an upper directory become one file, or an image layout: beside its name, synced,
// and renamed, so that there is nothing or all of it. What an earlier run has left is removed.

import { identifySpace } from "../../core/changes/layer.ts";
import {
  type Compression,
  type Descriptor,
  formatLayout,
  layerMediaType,
  pathOfDigest,
} from "../../core/exchange/oci-layout.ts";
import { readUpper } from "../../core/exchange/read-upper.ts";
import type { ArchiveForm } from "../../core/exchange/to-members.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { formatPath, formatShellWord } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { withLayer } from "../changes/read-layer.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import { isNamed, makeDirectories, renameOpened } from "../port/files.ts";
import { requireWritableMount } from "../port/require-writable.ts";
import type { Opened, System } from "../port/system.ts";
import { removeTree } from "../port/temporary.ts";
import { runTool } from "../port/tool.ts";
import { digestOf } from "./digest-of.ts";
import { type ArchiveListener, writeArchive } from "./write-archive.ts";

/** What is exported, and how. */
export interface ExportRequest {
  readonly upper: string;
  /** What the files in it take. */
  readonly bytes: number;
  /** The file or directory that is made. */
  readonly to: string;
  readonly format: ExportFormat;
  readonly compression: Compression;
  readonly heard: ArchiveListener;
}

/** The forms that changes are exported in. */
export const exportFormats = ["oci", "tar", "squashfs"] as const;

/** One of these. */
export type ExportFormat = (typeof exportFormats)[number];

/** How much was exported. */
export interface ExportSum {
  /** Undefined for squashfs, which counts them itself. */
  readonly entries: number | undefined;
  /** The length of what was made, without the texts of a layout. */
  readonly bytes: number;
  /** The digest of an image's manifest; undefined for a file. */
  readonly digest: string | undefined;
}

/** Exports changes; leaves nothing if it throws. */
export function exportChanges(system: System, request: ExportRequest): ExportSum {
  const directory = system.openDirectory(system.resolve(directoryOf(absolute(request.to))));
  const name = request.to.slice(request.to.lastIndexOf("/") + 1);
  const to = `${directory.path}/${name}`;
  const beside = `${to}.backstore-new`;
  const remove = () => {
    for (const left of [beside, ...suffixes.map((suffix) => `${beside}${suffix}`)])
      if (system.linkStatus(left)) removeTree(system, left);
  };
  let made: Opened | undefined;
  try {
    remove();
    const sum = exporters[request.format](system, { ...request, to: beside });
    const isDirectory = system.linkStatus(beside)?.kind === "directory";
    made = isDirectory ? system.openDirectory(beside) : system.openFile(beside);
    if (isDirectory) system.syncFileSystem(made.path);
    else system.sync(made.path);
    renameOpened(system, { file: made, from: beside, to });
    // On vfat the entry of a new name is complete only when what has it is synced once more.
    system.sync(made.path);
    system.sync(directory.path);
    return sum;
  } catch (error) {
    const failure = orNoRoom(system, error, { place: directory.path, bytes: request.bytes });
    ifPossible(remove);
    // It may have been renamed before something failed.
    const opened = made;
    if (opened) ifPossible(() => isNamed(system, opened, to) && removeTree(system, to));
    throw failure;
  } finally {
    made?.close();
    directory.close();
  }
}

/** A tool that fails where there is less room than it may need has most likely found none. */
function orNoRoom(
  system: System,
  error: unknown,
  { place, bytes }: { readonly place: string; readonly bytes: number },
): unknown {
  if (!(error instanceof Failure) || error.code !== "tool") return error;
  const { freeBytes } = system.room(place);
  if (freeBytes > bytes) return error;
  return new Failure(
    "no-room",
    error.message,
    `free some room, or choose another place: only ${formatSize(freeBytes)} was free there`,
  );
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `./${path}`;
}

const suffixes: readonly string[] = [".gz", ".zst"];

const exporters: Readonly<
  Record<ExportFormat, (system: System, request: ExportRequest) => ExportSum>
> = { oci: exportLayout, tar: exportTar, squashfs: exportSquashfs };

function exportTar(system: System, request: ExportRequest): ExportSum {
  const { to, compression } = request;
  const entries = pack(system, { ...request, form: "upper" });
  const packed = compress(system, to, compression);
  if (packed !== to) system.rename(packed, to);
  return { entries, bytes: system.deviceBytes(to), digest: undefined };
}

function pack(
  system: System,
  { upper, to, form, heard }: Pick<ExportRequest, "upper" | "to" | "heard"> & { form: ArchiveForm },
): number {
  // It contains a whole system's files, private keys among them.
  system.createFile(to, 0o600);
  return withLayer(system, upper, (layer) => {
    const entries = readUpper(layer, identifySpace(layer.look("")));
    return writeArchive(system, { layer, entries, form, to, heard });
  });
}

/** Compresses a file in its place; returns its path then. */
function compress(system: System, path: string, compression: Compression): string {
  if (compression === "none") return path;
  // Without its name and time the same changes make the same archive.
  const words = compression === "gzip" ? ["gzip", "-nq"] : ["zstd", "-q", "--rm"];
  runTool(system, {
    action: `compress the archive with ${compression}`,
    argv: [...words, `./${path.slice(path.lastIndexOf("/") + 1)}`],
    directory: directoryOf(path),
  });
  return `${path}${compression === "gzip" ? ".gz" : ".zst"}`;
}

function exportLayout(system: System, request: ExportRequest): ExportSum {
  const { to, upper, compression, heard } = request;
  system.makeDirectory(to, 0o700);
  makeDirectories(system, `${to}/blobs/sha256`, 0o755);
  const archive = `${to}/layer`;
  const entries = pack(system, { upper, to: archive, form: "oci", heard });
  const diffId = digestOf(system, archive);
  const packed = compress(system, archive, compression);
  const layer: Descriptor = {
    mediaType: layerMediaType(compression),
    digest: compression === "none" ? diffId : digestOf(system, packed),
    bytes: system.deviceBytes(packed),
  };
  system.rename(packed, `${to}/${pathOfDigest(layer.digest)}`);
  const { modified } = system.times(upper) ?? { modified: { seconds: 0, nanoseconds: 0 } };
  const { machine } = system.kernel();
  const files = formatLayout({
    ...{ layer, diffId, tag: "latest", annotations: {} },
    created: new Date(modified.seconds * 1000).toISOString(),
    architecture: architectures[machine] ?? machine,
  });
  for (const { path, text } of files) system.writeFile(`${to}/${path}`, text);
  const digest = files[1]?.path.replace("blobs/sha256/", "sha256:");
  return { entries, bytes: layer.bytes, digest };
}

/** The kernel's names of machines, and those of Go, which OCI has taken. */
const architectures: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  aarch64: "arm64",
  armv7l: "arm",
  i686: "386",
};

/** As one more layer below an overlay: its marks are those of the upper directory. */
function exportSquashfs(system: System, { upper, to }: ExportRequest): ExportSum {
  withLayer(system, upper, (layer) => {
    if (identifySpace(layer.look("")) === "user")
      throw new Failure(
        "unsafe",
        "Cannot export as squashfs: the store was written with userxattr, and no boot reads such a layer",
        "export it as tar or oci",
      );
  });
  const options = ["-noappend", "-no-progress", "-quiet", "-xattrs", "-comp", "zstd"];
  runTool(system, {
    action: "write the module",
    argv: ["mksquashfs", upper, to, ...options],
  });
  system.setMode(to, 0o600);
  return { entries: undefined, bytes: system.deviceBytes(to), digest: undefined };
}

/**
 * Returns where an export goes, without links above it; throws a Failure, which begins with
 * `cannot`, if nothing can be made there.
 */
export function findExportPlace(system: System, given: string, cannot: string): string {
  const named = absolute(given.endsWith("/") ? given.slice(0, -1) : given);
  const above = directoryOf(named);
  const kind = orFail(cannot, () => system.status(above))?.kind;
  if (kind === undefined)
    throw new Failure(
      "not-found",
      `${cannot}: no such directory: ${formatPath(above)}`,
      `create it first: mkdir -p ${formatShellWord(above)}`,
    );
  if (kind !== "directory")
    throw new Failure("usage", `${cannot}: ${formatPath(above)} is not a directory`);
  const directory = system.resolve(above);
  const to = joinPath(directory, named.slice(named.lastIndexOf("/") + 1));
  if (system.linkStatus(to) !== undefined)
    throw new Failure("unsafe", `${cannot}: ${formatPath(to)} exists`, "choose another name");
  requireWritableMount(system, { cannot, path: directory });
  return to;
}
