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
import { formatPath } from "../../core/text/quoted.ts";
import { withLayer } from "../changes/read-layer.ts";
import { ifPossible } from "../port/errors.ts";
import { isNamed, makeDirectories, renameOpened } from "../port/files.ts";
import type { Opened, System } from "../port/system.ts";
import { removeTree } from "../port/temporary.ts";
import { runTool } from "../port/tool.ts";
import { digestOf } from "./digest-of.ts";
import { type ArchiveListener, writeArchive } from "./write-archive.ts";

/** What is exported, and how. */
export interface ExportRequest {
  readonly upper: string;
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
    ifPossible(remove);
    // It may have been renamed before something failed.
    const opened = made;
    if (opened) ifPossible(() => isNamed(system, opened, to) && removeTree(system, to));
    throw error;
  } finally {
    made?.close();
    directory.close();
  }
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
  const argv = compression === "gzip" ? ["gzip", "-nq", path] : ["zstd", "-q", "--rm", path];
  runTool(system, { action: `compress the archive with ${compression}`, argv });
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
    action: `write ${formatPath(to)}`,
    argv: ["mksquashfs", upper, to, ...options],
  });
  system.setMode(to, 0o600);
  return { entries: undefined, bytes: system.deviceBytes(to), digest: undefined };
}

/** Returns where an export goes: for messages, and to see whether it is there. */
export function resolveExport(system: System, to: string): string {
  return joinPath(system.resolve(directoryOf(absolute(to))), to.slice(to.lastIndexOf("/") + 1));
}
