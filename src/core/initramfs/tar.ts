// The archive format that tar(1) unpacks everywhere: "ustar" of POSIX. Times and owners are zero,
// so the same entries produce the same bytes.

import { joinBytes, paddingOf } from "../bytes/join.ts";
import { encodeUtf8 } from "../bytes/utf.ts";
import type { CpioEntry } from "./cpio.ts";

const blockBytes = 512;

/**
 * Formats the files among some entries. Directories are left to who unpacks them: what is a link to
 * a directory there stays one.
 */
export function formatTar(entries: readonly CpioEntry[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.kind !== "file") continue;
    const { path, mode, data } = entry;
    const padding = new Uint8Array(paddingOf(data.length, blockBytes));
    chunks.push(formatHeader(path, mode, data.length), data, padding);
  }
  return joinBytes([...chunks, new Uint8Array(2 * blockBytes)]);
}

/** The places of fields; what is not written is zero. */
const fields = { mode: 100, owner: 108, group: 116, bytes: 124, time: 136, sum: 148, type: 156 };
const magicAt = 257;

function formatHeader(path: string, mode: number, bytes: number): Uint8Array {
  const header = new Uint8Array(blockBytes);
  const put = (at: number, text: string) => header.set(encodeUtf8(text), at);
  put(0, path);
  put(fields.mode, octal(mode, 7));
  put(fields.owner, octal(0, 7));
  put(fields.group, octal(0, 7));
  put(fields.bytes, octal(bytes, 11));
  put(fields.time, octal(0, 11));
  put(fields.type, "0");
  put(magicAt, "ustar\u000000");
  // The sum is over the header with spaces in its own place.
  put(fields.sum, " ".repeat(8));
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(fields.sum, `${octal(sum, 6)}\0 `);
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
