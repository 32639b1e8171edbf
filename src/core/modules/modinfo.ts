// What a kernel module says about itself: the ".modinfo" section of its ELF file, "key=value" texts
// that end in NUL. Little-endian only, like all machines that live systems run on.
// Facts: elf(5), the kernel's include/linux/moduleparam.h.

import { decodeUtf8 } from "../bytes/utf.ts";

/** One statement of a module about itself ("firmware", "ast_dp501_fw.bin"). */
interface ModuleStatement {
  readonly key: string;
  readonly value: string;
}

/** Reads what an uncompressed module says about itself; undefined if the bytes are not a module. */
export function readModinfo(bytes: Uint8Array): ModuleStatement[] | undefined {
  const section = findSection(bytes, ".modinfo");
  if (section === undefined) return undefined;
  return decodeUtf8(section)
    .split("\0")
    .filter((text) => text.includes("="))
    .map((text) => {
      const equals = text.indexOf("=");
      return { key: text.slice(0, equals), value: text.slice(equals + 1) };
    });
}

// Some drivers list thousands of aliases; none comes near this.
const maximumSectionBytes = 4 * 1024 * 1024;

function findSection(bytes: Uint8Array, name: string): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isElf = bytes.length >= 64 && view.getUint32(0, false) === 0x7f454c46 && bytes[5] === 1;
  if (!isElf) return undefined;
  const is64 = bytes[4] === 2;
  const table = {
    offset: is64 ? readWord(view, 40) : view.getUint32(32, true),
    entryBytes: view.getUint16(is64 ? 58 : 46, true),
    count: view.getUint16(is64 ? 60 : 48, true),
    names: view.getUint16(is64 ? 62 : 50, true),
  };
  if (table.entryBytes < (is64 ? 64 : 40)) return undefined;
  const end = table.offset + table.entryBytes * table.count;
  if (end > bytes.length || table.names >= table.count) return undefined;

  const contents = (index: number): Uint8Array | undefined => {
    const header = table.offset + table.entryBytes * index;
    const offset = is64 ? readWord(view, header + 24) : view.getUint32(header + 16, true);
    const length = is64 ? readWord(view, header + 32) : view.getUint32(header + 20, true);
    if (length > maximumSectionBytes || offset + length > bytes.length) return undefined;
    return bytes.subarray(offset, offset + length);
  };
  const names = contents(table.names);
  if (names === undefined) return undefined;
  for (let index = 0; index < table.count; index++) {
    const start = view.getUint32(table.offset + table.entryBytes * index, true);
    if (hasText(names, start, name)) return contents(index);
  }
  return undefined;
}

function hasText(names: Uint8Array, start: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (names[start + index] !== text.charCodeAt(index)) return false;
  }
  return names[start + text.length] === 0;
}

// Beyond 2^53 the sum is inexact, but so far beyond any file that the checks refuse it.
function readWord(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 2 ** 32;
}
