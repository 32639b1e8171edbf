// Content that was changed after it was made: written into, allocated, truncated or extended. The
// original is unchanged.
import { type Content, copyPiece, type Image, type Piece } from "./content.ts";
import { blocksOf, clipExtents, type Extent, joinExtents, sumExtents } from "./extents.ts";

/** A piece put into content: bytes, and the file system that begins with them, if one does. */
export interface Put extends Piece {
  readonly image?: Image | undefined;
}

/** Returns the content with something put in, extended if necessary. */
export function written(content: Content, put: Put): Content {
  return edit(content).write(put);
}

/** Returns the content without holes in a range, extended to at least its end. */
export function allocated(content: Content, offset: number, length: number): Content {
  return edit(content).allocate(offset, length);
}

/** Returns the content with blocks of its own in a range, and of the same length. */
export function reserved(content: Content, offset: number, length: number): Content {
  return edit(content).reserve(offset, length);
}

/** Returns the content truncated, or with a hole at its end. */
export function resized(content: Content, length: number): Content {
  return edit(content).resize(length);
}

interface Edits {
  readonly base: Content;
  /** How much of the base is still visible. */
  readonly shown: number;
  readonly length: number;
  readonly extents: readonly Extent[];
  /** In the order they were put in: later ones cover earlier ones. */
  readonly puts: readonly Put[];
}

/**
 * A file system is destroyed if its first bytes are overwritten; those of ext2, ext3 and ext4 begin
 * at 1024.
 */
const beginningBytes = 4096;

function edit(content: Content): Edited {
  if (content instanceof Edited) return content;
  const { length, extents } = content;
  return new Edited({ base: content, shown: length, length, extents, puts: [] });
}

class Edited implements Content {
  readonly length: number;
  readonly extents: readonly Extent[];
  readonly allocated: number;
  private readonly edits: Edits;

  constructor(edits: Edits) {
    this.edits = edits;
    this.length = edits.length;
    this.extents = joinExtents(edits.extents);
    this.allocated = sumExtents(this.extents);
  }

  read(offset: number, wanted: number): Uint8Array {
    const { base, shown, puts } = this.edits;
    const found = new Uint8Array(Math.max(0, Math.min(wanted, this.length - offset)));
    if (offset < shown) found.set(base.read(offset, Math.min(found.length, shown - offset)));
    for (const put of puts) copyPiece(put, { to: found, at: offset });
    return found;
  }

  imageAt(offset: number): Image | undefined {
    const { base, shown, puts } = this.edits;
    const last = puts.findLast((put) => overlaps(put, offset));
    if (last) return last.image && last.offset === offset ? last.image : undefined;
    return offset < shown ? base.imageAt(offset) : undefined;
  }

  write(put: Put): Edited {
    const { offset, bytes } = put;
    const end = offset + bytes.length;
    const isHidden = (one: Put) => one.offset >= offset && one.offset + one.bytes.length <= end;
    return new Edited({
      ...this.edits,
      length: Math.max(this.length, end),
      extents: [...this.extents, ...blocksOf(offset, bytes.length)],
      puts: [...this.edits.puts.filter((one) => !isHidden(one)), { ...put, bytes: bytes.slice() }],
    });
  }

  allocate(offset: number, length: number): Edited {
    const { edits } = this.reserve(offset, length);
    return new Edited({ ...edits, length: Math.max(this.length, offset + length) });
  }

  reserve(offset: number, length: number): Edited {
    return new Edited({
      ...this.edits,
      extents: [...this.extents, ...blocksOf(offset, length)],
    });
  }

  resize(length: number): Edited {
    const [kept = { from: 0, to: 0 }] = blocksOf(0, length);
    return new Edited({
      ...this.edits,
      shown: Math.min(this.edits.shown, length),
      length,
      extents: clipExtents(this.extents, kept),
      puts: this.edits.puts
        .filter(({ offset }) => offset < length)
        .map((put) => ({ ...put, bytes: put.bytes.slice(0, length - put.offset) })),
    });
  }
}

function overlaps({ offset, bytes }: Put, beginning: number): boolean {
  return offset < beginning + beginningBytes && beginning < offset + bytes.length;
}
