// The archive format of an initramfs: cpio "newc". Times and owners are zero and inode numbers
// count from one, so the same entries produce the same bytes.
// Facts: the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.

import { joinBytes, paddingOf } from "../bytes/join.ts";
import { encodeUtf8 } from "../bytes/utf.ts";

/** One entry of an archive; its directory comes before it. Paths have no leading slash. */
export type CpioEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode: number }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly mode: number;
      readonly data: Uint8Array;
    }
  | { readonly kind: "link"; readonly path: string; readonly to: string }
  | {
      readonly kind: "character";
      readonly path: string;
      readonly mode: number;
      readonly major: number;
      readonly minor: number;
    };

const typeBits = { directory: 0o040000, file: 0o100000, link: 0o120000, character: 0o020000 };

/** Formats entries as a whole archive, its end padded with zeros to a multiple of 512 bytes. */
export function formatCpio(entries: readonly CpioEntry[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  entries.forEach((entry, index) => {
    formatEntry(chunks, entry, index + 1);
  });
  pushRecord(chunks, header({ inode: 0, mode: 0, links: 1, bytes: 0 }), "TRAILER!!!", empty);
  return joinBytes(chunks, 512);
}

const empty = new Uint8Array(0);

interface Header {
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly bytes: number;
  readonly major?: number;
  readonly minor?: number;
}

function formatEntry(chunks: Uint8Array[], entry: CpioEntry, inode: number) {
  const data = dataOf(entry);
  const isNode = entry.kind === "character";
  const fields = header({
    inode,
    mode: typeBits[entry.kind] | (entry.kind === "link" ? 0o777 : entry.mode),
    links: entry.kind === "directory" ? 2 : 1,
    bytes: data.length,
    major: isNode ? entry.major : 0,
    minor: isNode ? entry.minor : 0,
  });
  pushRecord(chunks, fields, entry.path, data);
}

function dataOf(entry: CpioEntry): Uint8Array {
  if (entry.kind === "file") return entry.data;
  return entry.kind === "link" ? encodeUtf8(entry.to) : empty;
}

/** Returns a header's fields except for the length of the name, which pushRecord() knows. */
function header({ inode, mode, links, bytes, major = 0, minor = 0 }: Header): readonly number[] {
  const owner = [0, 0];
  const time = 0;
  const deviceOfArchive = [0, 0];
  return [inode, mode, ...owner, links, time, bytes, ...deviceOfArchive, major, minor];
}

const magic = "070701";
const headerBytes = 110;

function pushRecord(
  chunks: Uint8Array[],
  fields: readonly number[],
  path: string,
  data: Uint8Array,
) {
  const name = encodeUtf8(`${path}\0`);
  const checksum = 0;
  const numbers = [...fields, name.length, checksum].map(hexadecimal).join("");
  chunks.push(encodeUtf8(magic + numbers), name, padding(headerBytes + name.length, 4));
  chunks.push(data, padding(data.length, 4));
}

function hexadecimal(value: number): string {
  return value.toString(16).padStart(8, "0");
}

function padding(length: number, multiple: number): Uint8Array {
  return new Uint8Array(paddingOf(length, multiple));
}
