// Reading a tar archive from its beginning, member by member: what POSIX defines ("ustar" and pax),
// what GNU tar writes (long names, base 256, its formats for holes), and what came before. Whether
// a path is safe is decided by archive-path.ts.
// Facts: POSIX, pax; tar(5); the manual of GNU tar, "Storing Sparse Files".

import { paddingOf } from "../bytes/join.ts";
import { decodeName } from "../bytes/utf.ts";
import { readRecords } from "./pax.ts";
import { type ByteStream, damagedAt, openBlocks, type TarBlocks } from "./tar-blocks.ts";
import type { TarEntry } from "./tar-entry.ts";
import { blockBytes } from "./tar-header.ts";
import { type Extension, readMember } from "./tar-member.ts";

/** An archive that is being read. Both functions throw a Failure where it is damaged. */
export interface TarReader {
  /** Returns the next member, passing over data that was not read; undefined at the end. */
  next(): TarEntry | undefined;
  /**
   * Returns the next bytes of the member's data, at most so many: the parts in `data`, one after
   * the other. None when all are read.
   */
  readData(most: number): Uint8Array;
}

/** Opens an archive. */
export function openTar(stream: ByteStream): TarReader {
  const blocks = openBlocks(stream);
  const everywhere: Extension["records"] = [];
  const left = { data: 0, padding: 0 };

  function next(): TarEntry | undefined {
    blocks.pass(left.data + left.padding);
    Object.assign(left, { data: 0, padding: 0 });
    const start = blocks.position();
    const extension: Extension = { records: [...everywhere], name: undefined, link: undefined };
    let found = blocks.nextHeader();
    while (found !== undefined && readExtension(found.header, { blocks, extension, everywhere }))
      found = blocks.nextHeader();
    if (found === undefined) return undefined;
    const { entry, dataBytes, storedBytes } = readMember(found, extension, { blocks, start });
    Object.assign(left, { data: dataBytes, padding: paddingOf(storedBytes, blockBytes) });
    return entry;
  }

  function readData(most: number): Uint8Array {
    const bytes = blocks.take(Math.min(most, left.data));
    left.data -= bytes.length;
    return bytes;
  }

  return { next, readData };
}

interface Place {
  readonly blocks: TarBlocks;
  readonly extension: Extension;
  /** The records of all members that follow. */
  readonly everywhere: Extension["records"];
}

/** Reads what extends the next member, if a header is that of such a thing. */
function readExtension(
  { type, bytes }: { readonly type: string; readonly bytes: number },
  { blocks, extension, everywhere }: Place,
): boolean {
  if (!["x", "X", "g", "L", "K"].includes(type)) return false;
  const start = blocks.position();
  const body = blocks.takeExtension(bytes);
  if (type === "L") extension.name = readLongName(body);
  else if (type === "K") extension.link = readLongName(body);
  else {
    const records = readRecords(body);
    if (records === undefined) throw damagedAt(start, "the records of a header are damaged");
    extension.records.push(...records);
    if (type === "g") everywhere.push(...records);
    if (everywhere.length > mostEverywhere)
      throw damagedAt(start, `more than ${mostEverywhere} records belong to all files`);
  }
  return true;
}

const mostEverywhere = 1000;

function readLongName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end));
}
