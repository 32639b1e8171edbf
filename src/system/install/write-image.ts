// Writing a new ISO image: into a directory of its own beside its place, and renamed when it is
// complete, read back and synced. Only then there is a file of its name.

import { joinParts } from "../../core/bytes/parts.ts";
import { mergeRanges } from "../../core/bytes/ranges.ts";
import type { ImplantedSum } from "../../core/iso/iso-facts.ts";
import type { Patch } from "../../core/iso/patches.ts";
import { blocksWithSession, type Session, sessionParts } from "../../core/iso/session.ts";
import { blockBytes } from "../../core/iso/volume.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { orFail } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { withTemporaryDirectory } from "../port/temporary.ts";
import { runTool } from "../port/tool.ts";
import type { Progress } from "../steps/file-steps.ts";
import { checkParts, writeParts } from "./write-parts.ts";

/** A new image. */
export interface NewImage {
  readonly path: string;
  /** Whether it may take the place of a file of that name. */
  readonly replaces: boolean;
  /** The beginning of a refusal. */
  readonly cannot: string;
}

/** Throws a Failure where no image of `bytes` bytes can be. */
export function requirePlace(
  system: System,
  { path, replaces, cannot }: NewImage,
  { from, bytes }: { readonly from: string; readonly bytes: number },
): void {
  const directory = directoryOf(path);
  const found = orFail(cannot, () => system.linkStatus(path));
  if (found !== undefined) {
    if (found.kind !== "file")
      throw new Failure("usage", `${cannot}: ${formatPath(path)} is not a regular file`);
    const source = system.status(from);
    if (found.inode === source?.inode && found.device === source.device)
      throw new Failure("usage", `${cannot}: the new image has to be another file`);
    if (!replaces)
      throw new Failure(
        "in-use",
        `${cannot}: ${formatPath(path)} is there already`,
        'choose another name, or replace it with "--force"',
      );
  }
  const { availableBytes } = orFail(cannot, () => system.room(directory));
  if (availableBytes < bytes)
    throw new Failure(
      "no-room",
      `${cannot}: ${formatPath(path)} needs ${formatSize(bytes)}, and ${formatSize(availableBytes)} are free`,
    );
}

/** Calls `make` with the path of a file that becomes the new image when it returns. */
export function writeImage<T>(
  system: System,
  { path, replaces, cannot }: NewImage,
  make: (file: string) => T,
): T {
  return orFail(cannot, () =>
    withTemporaryDirectory(system, `${directoryOf(path)}/.backstore-`, (place) => {
      const file = `${place}/image`;
      system.createFile(file);
      const made = make(file);
      system.sync(file);
      if (!replaces && system.linkStatus(path) !== undefined)
        throw new Failure("in-use", `${cannot}: ${formatPath(path)} was made meanwhile`);
      system.rename(file, path);
      system.sync(directoryOf(path));
      return made;
    }),
  );
}

/** An image that is copied, with other contents for some of its blocks. */
export interface CopyRequest {
  readonly from: string;
  readonly to: string;
  readonly bytes: number;
  readonly patches: readonly Patch[];
  readonly progress: Progress;
}

const pieceBytes = 2 ** 20;
/** What is not on the disk yet would not show in the progress. */
const piecesBeforeSync = 64;

/** Copies an image. */
export function copyImage(system: System, request: CopyRequest): void {
  const { from, to, bytes, patches, progress } = request;
  for (let at = 0; at < bytes; at += pieceBytes) {
    progress(at, bytes);
    const piece = system.readBytes(from, at, Math.min(pieceBytes, bytes - at));
    if (piece.length === 0) throw new Failure("tool", `Cannot read ${formatPath(from)}: it ends`);
    system.writeBytes(to, at, piece);
    if ((at / pieceBytes) % piecesBeforeSync === piecesBeforeSync - 1) system.sync(to);
  }
  for (const { block, bytes: some } of patches)
    system.writeBytes(to, block * blockBytes, some.subarray(0, bytes - block * blockBytes));
  system.sync(to);
  progress(bytes, bytes);
}

/** Returns the SHA-512 of a file. */
export function sumImage(system: System, path: string, progress: Progress): string {
  const root = directoryOf(path);
  const place = { root, path: path.slice(path.lastIndexOf("/") + 1) };
  return system.withFile(place, ({ status, sha512 }) => {
    const sum = sha512((done) => progress(Math.min(done, status.bytes), status.bytes));
    progress(status.bytes, status.bytes);
    return sum;
  });
}

/** Appends a session to an image, and reads back what was written. */
export function appendSession(system: System, file: string, session: Session): void {
  const parts = sessionParts(session);
  const bytes = blocksWithSession(session) * blockBytes;
  const places = parts.map(({ offset, source }) => ({ offset, bytes: source.bytes }));
  const written = { source: joinParts(parts, bytes), ranges: mergeRanges(places) };
  system.truncate(file, bytes);
  writeParts(system, file, written);
  system.sync(file);
  checkParts(system, file, written);
}

/** Makes the checksum in an image right: a boot that compares it would stop otherwise. */
export function implantSum(system: System, file: string, { isSupported }: ImplantedSum): void {
  const supported = isSupported ? ["--supported-iso"] : [];
  runTool(system, {
    action: "put the checksum of the new image into it",
    argv: ["implantisomd5", "--force", ...supported, file],
  });
  system.sync(file);
}
