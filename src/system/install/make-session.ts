// Making a session of an ISO image: xorriso writes it into a file of its own and only reads the
// image; what it wrote is then read as it will be in the image, and compared.

import { isSameBytes } from "../../core/bytes/same.ts";
import { keptDirectory, ownDirectory } from "../../core/install/install-record.ts";
import type { NewFile } from "../../core/install/plan-image.ts";
import {
  checkSession,
  type ReadImage,
  readExtents,
  type SessionFault,
} from "../../core/iso/check-session.ts";
import type { IsoFile } from "../../core/iso/iso-tree.ts";
import type { Patch } from "../../core/iso/patches.ts";
import {
  imageWithSession,
  type LargerEfi,
  planSession,
  type Session,
} from "../../core/iso/session.ts";
import { findDescriptor } from "../../core/iso/volume.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";
import { runTool } from "../port/tool.ts";

/** A session to make. */
export interface SessionRequest {
  /** The file or device of the image. */
  readonly medium: string;
  /** The image as it is there, and as it was before anything was installed on it. */
  readonly current: ReadImage;
  readonly original: ReadImage;
  /** The block at which the session begins. */
  readonly block: number;
  readonly files: readonly NewFile[];
  /** What changes in the EFI partition. */
  readonly efi: readonly Patch[];
  /** An EFI partition that is made in the place of one that is full. */
  readonly larger?: LargerEfi | undefined;
  /** An empty directory. */
  readonly work: string;
  /** The beginning of a refusal. */
  readonly cannot: string;
}

/** Makes a session; throws a Failure if the image would not be what it should be with it. */
export function makeSession(system: System, request: SessionRequest): Session {
  const { medium, current, original, block, files, efi, larger, work, cannot } = request;
  const output = `${work}/session`;
  const given = [...files, ...restoredFiles(request)];
  const maps = given.flatMap((file, index) => mapFile(system, file, `${work}/${index}`));
  const removed = removedFiles(request).flatMap((path) => ["-rm", `/${path}`, "--"]);
  const { view } = current.facts;
  const hasJoliet = findDescriptor(current.facts.volume, "joliet") !== undefined;
  runTool(system, {
    action: "write a session with the new files",
    argv: [
      ...["xorriso", "-no_rc", "-report_about", "WARNING"],
      ...["-abort_on", "FAILURE", "-return_with", "SORRY", "32"],
      ...["-charset", "UTF-8", "-iso_rr_pattern", "off", "-compliance", "joliet_long_names"],
      ...["-indev", `stdio:${medium}`, "-outdev", `stdio:${output}`, "-grow_blindly", `${block}`],
      ...["-rockridge", current.tree.names === "rock-ridge" ? "on" : "off"],
      ...["-joliet", hasJoliet ? "on" : "off", "-boot_image", "any", "keep", "-padding", "0"],
      // It sees the view of a partition by itself only where both end at the same block.
      ...(view === undefined ? [] : ["-boot_image", "any", `partition_offset=${view.base}`]),
      ...[...removed, ...maps, "-chmod", "0755", `/${ownDirectory}`, `/${keptDirectory}`, "--"],
      "-commit",
    ],
  });
  const bytes = system.status(output)?.bytes ?? 0;
  if (bytes > mostSessionBytes) throw new Failure("tool", `${cannot}: the session is too long`);
  const written = system.readBytes(output, 0, bytes);
  const session = planSession(current.source, current.facts, { written, block, efi, larger });
  if (session === undefined)
    throw new Failure("tool", `${cannot}: what xorriso has written is no session of this image`);
  const after = imageWithSession(current.source, session);
  const fault = checkSession(original, after, {
    files: new Map(given.map((file) => [file.path, contentsOf(system, file)])),
    moved: session.moved?.move,
  });
  if (fault !== undefined)
    throw new Failure("tool", `${cannot}: what xorriso has written is wrong: ${describe(fault)}`);
  return session;
}

/** Returns whether an image has all of some files, with their contents. */
export function hasFiles(
  system: System,
  { source, tree }: ReadImage,
  files: readonly NewFile[],
): boolean {
  const known = new Map(tree.files.map((file) => [file.path, file]));
  return files.every((file) => {
    const found = readExtents(source, known.get(file.path)?.extents ?? []);
    return isSameBytes(found, contentsOf(system, file));
  });
}

const mostSessionBytes = 256 * 1024 * 1024;

function mapFile(system: System, file: NewFile, at: string): string[] {
  const { path, mode } = file;
  // "/proc/self/exe" would be another program to xorriso.
  system.writeFile(at, contentsOf(system, file));
  return [
    ...["-map", at, `/${path}`, "-chmod", `0${mode.toString(8)}`, `/${path}`, "--"],
    ...["-chown", "0", `/${path}`, "--", "-chgrp", "0", `/${path}`, "--"],
  ];
}

function contentsOf(system: System, { contents }: NewFile): Uint8Array {
  if (contents instanceof Uint8Array) return contents;
  return system.readBytes(contents.from, 0, contents.bytes);
}

/** Returns the files that an earlier session has changed and this one has as they were. */
function restoredFiles({ current, original, files }: SessionRequest): NewFile[] {
  if (current === original) return [];
  const taken = new Set(files.map(({ path }) => path));
  const before = new Map(current.tree.files.map((file) => [file.path, placeOf(file)]));
  return original.tree.files.flatMap((file) => {
    const { path, kind, extents } = file;
    if (kind !== "file" || taken.has(path) || before.get(path) === placeOf(file)) return [];
    const contents = readExtents(original.source, extents);
    return contents === undefined ? [] : [{ path, mode: 0o444, contents }];
  });
}

function placeOf({ kind, extents }: IsoFile): string {
  return JSON.stringify([kind, extents]);
}

/** Returns the files that an earlier session has added and this one has not. */
function removedFiles({ current, original, files }: SessionRequest): string[] {
  if (current === original) return [];
  const known = new Set([...original.tree.files, ...files].map(({ path }) => path));
  return current.tree.files
    .filter(({ path, kind }) => kind === "file" && !known.has(path))
    .map(({ path }) => path);
}

function describe(fault: SessionFault): string {
  const what = faults[fault.kind];
  return "path" in fault ? `${formatPath(fault.path)} ${what}` : what;
}

const faults: Readonly<Record<SessionFault["kind"], string>> = {
  tree: "its tree cannot be read",
  view: "the first partition has other files",
  joliet: "the names for Windows are of other files",
  boot: "it boots by something else",
  names: "its names are of another kind",
  missing: "is missing",
  contents: "has other contents",
  unknown: "is there, and was not before",
};
