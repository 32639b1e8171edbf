// The blocks of a tar archive, read from its beginning, and where that is: what is damaged is said
// with its place.

import { paddingOf } from "../bytes/join.ts";
import { Failure } from "../text/failure.ts";
import { blockBytes, readHeader, type TarHeader } from "./tar-header.ts";

/** Bytes one after the other, each of them read once. */
export interface ByteStream {
  /** Returns the next bytes: as many as asked for, fewer only at the end. */
  read(length: number): Uint8Array;
  /** Passes over bytes; at the end it stays there. */
  skip(length: number): void;
}

/** An archive as blocks. What throws, throws a Failure that the archive is damaged. */
export interface TarBlocks {
  /** How many bytes were read or passed over. */
  position(): number;
  /** Returns the next bytes; throws if there are fewer. */
  take(length: number): Uint8Array;
  /** Passes over bytes; throws if there are fewer. */
  pass(length: number): void;
  /** Returns what belongs to a header and follows it, up to the next block. */
  takeExtension(length: number): Uint8Array;
  /** Returns the next header, and the block it is in; undefined at the end of the archive. */
  nextHeader(): FoundHeader | undefined;
}

/** A header, and the block that it is in. */
export interface FoundHeader {
  readonly header: TarHeader;
  readonly block: Uint8Array;
}

/** Longer records, or names, are not read: an attribute has 64 KiB at most, a name 4 KiB. */
const mostExtensionBytes = 4 << 20;

/** Opens a stream as the blocks of an archive. */
export function openBlocks(stream: ByteStream): TarBlocks {
  let at = 0;

  function take(length: number): Uint8Array {
    const bytes = stream.read(length);
    at += bytes.length;
    if (bytes.length < length) throw damagedAt(at, "it ends in the middle of a file");
    return bytes;
  }

  function pass(length: number): void {
    if (length === 0) return;
    stream.skip(length - 1);
    at += length - 1;
    // The bytes that were skipped may not be there, the last one tells.
    take(1);
  }

  function takeExtension(length: number): Uint8Array {
    if (length > mostExtensionBytes)
      throw damagedAt(at, `what belongs to a header has ${length} bytes`);
    const body = take(length);
    pass(paddingOf(length, blockBytes));
    return body;
  }

  function nextHeader(): FoundHeader | undefined {
    const start = at;
    const block = stream.read(blockBytes);
    at += block.length;
    // The end is two empty blocks; many programs write one, or none.
    if (block.length === 0) return undefined;
    if (block.length < blockBytes) throw damagedAt(start, "it ends in the middle of a header");
    const found = readHeader(block);
    if (found.kind === "damaged") throw damagedAt(start, found.reason);
    return found.kind === "empty" ? undefined : { header: found.header, block };
  }

  return { position: () => at, take, pass, takeExtension, nextHeader };
}

/** Returns the failure of an archive that is damaged at a place. */
export function damagedAt(at: number, found: string): Failure {
  return new Failure("damaged", `Cannot read the archive at byte ${at}: ${found}`);
}
