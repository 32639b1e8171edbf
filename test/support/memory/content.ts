// The contents of a file or a device: bytes, most of which may be a hole, and the file systems that
// begin in them.
import {
  blocksOf,
  clipExtents,
  type Extent,
  joinExtents,
  shiftExtents,
  sumExtents,
} from "./extents.ts";
import type { TreeFileSystem } from "./tree.ts";

/** A file system in a file or on a device; it keeps its changes when it is unmounted. */
export interface Image {
  /** The type of the file system as the kernel names it. */
  readonly type: string;
  readonly fileSystem: TreeFileSystem;
}

/** The readable contents of a file or device. */
export interface Content {
  readonly length: number;
  /** The parts of it that are not holes, and how much that is. */
  readonly extents: readonly Extent[];
  readonly allocated: number;
  read(offset: number, length: number): Uint8Array;
  imageAt(offset: number): Image | undefined;
}

/** A range of bytes in something that is otherwise a hole. */
export interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Makes the content of an ordinary file. */
export function plainContent(bytes: Uint8Array): Content {
  return {
    length: bytes.length,
    ...taking(blocksOf(0, bytes.length)),
    read: (offset, length) => bytes.slice(offset, offset + length),
    imageAt: () => undefined,
  };
}

/** Makes content with holes, and with file systems at some offsets. */
export function sparseContent(
  length: number,
  pieces: readonly Piece[] = [],
  images: ReadonlyMap<number, Image> = new Map(),
): Content {
  return {
    length,
    ...taking(pieces.flatMap(({ offset, bytes }) => blocksOf(offset, bytes.length))),
    read(offset, wanted) {
      const found = new Uint8Array(Math.max(0, Math.min(wanted, length - offset)));
      for (const piece of pieces) copyPiece(piece, { to: found, at: offset });
      return found;
    },
    imageAt: (offset) => images.get(offset),
  };
}

/** Makes a disk of contents at offsets in it. */
export function assembledContent(
  length: number,
  parts: readonly { readonly offset: number; readonly content: Content }[],
): Content {
  return {
    length,
    ...taking(parts.flatMap(({ offset, content }) => shiftExtents(content.extents, offset))),
    read(offset, wanted) {
      const found = new Uint8Array(Math.max(0, Math.min(wanted, length - offset)));
      for (const part of parts) {
        const from = Math.max(offset, part.offset);
        const to = Math.min(offset + found.length, part.offset + part.content.length);
        if (from < to) found.set(part.content.read(from - part.offset, to - from), from - offset);
      }
      return found;
    },
    imageAt(offset) {
      for (const part of parts) {
        const image = part.content.imageAt(offset - part.offset);
        if (image) return image;
      }
      return undefined;
    },
  };
}

/** Returns the part of a content that begins at `offset`; to its end if `length` is 0. */
export function partOf(whole: Content, offset: number, length = 0): Content {
  const rest = Math.max(0, whole.length - offset);
  const bytes = length === 0 ? rest : Math.min(rest, length);
  return {
    length: bytes,
    ...taking(
      shiftExtents(clipExtents(whole.extents, { from: offset, to: offset + bytes }), -offset),
    ),
    read: (at, wanted) =>
      at >= bytes ? new Uint8Array(0) : whole.read(offset + at, Math.min(wanted, bytes - at)),
    imageAt: (at) => whole.imageAt(offset + at),
  };
}

/** Copies the part of a piece that is in a range of bytes that begins at `at`. */
export function copyPiece(piece: Piece, { to, at }: { to: Uint8Array; at: number }): void {
  const from = Math.max(at, piece.offset);
  const end = Math.min(at + to.length, piece.offset + piece.bytes.length);
  if (from < end) to.set(piece.bytes.subarray(from - piece.offset, end - piece.offset), from - at);
}

function taking(extents: readonly Extent[]): Pick<Content, "extents" | "allocated"> {
  const joined = joinExtents(extents);
  return { extents: joined, allocated: sumExtents(joined) };
}
