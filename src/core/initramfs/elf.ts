// What an executable or a library needs to run: its interpreter, which loads it, and libraries.
// These are in the program headers and the dynamic section, which remain when everything else is
// stripped. Little-endian only, like all machines that live systems run on.
// Facts: elf(5), the System V ABI's "Dynamic Linking".
import { decodeUtf8 } from "../bytes/utf.ts";

/** The needs of a program or library according to its headers. */
export interface Elf {
  /** The machines that run it: the class (1: 32 bits, 2: 64 bits) and the number of the machine. */
  readonly target: string;
  /** The program that loads it (PT_INTERP); undefined for libraries and static executables. */
  readonly interpreter: string | undefined;
  /** The libraries that it needs, by the names it uses for them. */
  readonly needed: readonly string[];
  /** The directories in which it wants them searched for, as written ("$ORIGIN/../lib"). */
  readonly searchPath: readonly string[];
  /** Whether it ends threads, for which the C library loads another library that nothing names. */
  readonly endsThreads: boolean;
}

const segments = { load: 1, dynamic: 2, interpreter: 3 };
const tags = { end: 0, needed: 1, strings: 5, stringBytes: 10, rpath: 15, runpath: 29 };
const executable = 2;
const shared = 3;

/** Reads a whole executable or library; undefined if the bytes cannot be loaded as one. */
export function readElf(bytes: Uint8Array): Elf | undefined {
  const file = openFile(bytes);
  const headers = file && readHeaders(file);
  if (file === undefined || headers === undefined) return undefined;
  const interpreter = headers.find((header) => header.type === segments.interpreter);
  const dynamic = headers.find((header) => header.type === segments.dynamic);
  const words = dynamic === undefined ? [] : readDynamic(file, dynamic);
  const strings = readStrings(file, { headers, words });
  if (words === undefined || strings === undefined) return undefined;
  const texts = (tag: number) =>
    words.flatMap((word) => (word.tag === tag ? [textAt(strings, word.value)] : []));
  const runpath = texts(tags.runpath);
  return {
    target: `${bytes[4]}/${file.view.getUint16(18, true)}`,
    interpreter:
      interpreter &&
      textAt(bytes.subarray(interpreter.offset, interpreter.offset + interpreter.bytes), 0),
    needed: texts(tags.needed),
    // The newer tag replaces the older; both are lists.
    searchPath: (runpath.length > 0 ? runpath : texts(tags.rpath)).flatMap((list) =>
      list.split(":").filter((path) => path !== ""),
    ),
    endsThreads: ["pthread_exit", "pthread_cancel"].some((name) => hasText(strings, name)),
  };
}

interface ElfFile {
  readonly view: DataView;
  readonly is64: boolean;
}

interface Header {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

interface DynamicWord {
  readonly tag: number;
  readonly value: number;
}

function openFile(bytes: Uint8Array): ElfFile | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isElf = bytes.length >= 64 && view.getUint32(0, false) === 0x7f454c46 && bytes[5] === 1;
  if (!isElf || (bytes[4] !== 1 && bytes[4] !== 2)) return undefined;
  const type = view.getUint16(16, true);
  return type === executable || type === shared ? { view, is64: bytes[4] === 2 } : undefined;
}

/** Returns the program headers; undefined if one of them is not in the file. */
function readHeaders({ view, is64 }: ElfFile): readonly Header[] | undefined {
  const start = is64 ? readWord(view, 32) : view.getUint32(28, true);
  const entryBytes = view.getUint16(is64 ? 54 : 42, true);
  const count = view.getUint16(is64 ? 56 : 44, true);
  if (entryBytes < (is64 ? 56 : 32) || start + entryBytes * count > view.byteLength)
    return undefined;
  const headers = Array.from({ length: count }, (_, index) => {
    const at = start + entryBytes * index;
    const word = (in64: number, in32: number) =>
      is64 ? readWord(view, at + in64) : view.getUint32(at + in32, true);
    return {
      type: view.getUint32(at, true),
      offset: word(8, 4),
      address: word(16, 8),
      bytes: word(32, 16),
    };
  });
  const read = headers.filter(({ type }) => Object.values(segments).includes(type));
  return read.every(({ offset, bytes }) => offset + bytes <= view.byteLength) ? read : undefined;
}

function readDynamic({ view, is64 }: ElfFile, { offset, bytes }: Header): readonly DynamicWord[] {
  const size = is64 ? 16 : 8;
  const words: DynamicWord[] = [];
  for (let at = offset; at + size <= offset + bytes; at += size) {
    const tag = is64 ? readWord(view, at) : view.getUint32(at, true);
    if (tag === tags.end) break;
    words.push({ tag, value: is64 ? readWord(view, at + 8) : view.getUint32(at + 4, true) });
  }
  return words;
}

/** Returns the table of names; empty if there is none, undefined if it is not in the file. */
function readStrings(
  { view }: ElfFile,
  { headers, words }: { headers: readonly Header[]; words: readonly DynamicWord[] },
): Uint8Array | undefined {
  const wordOf = (tag: number) => words.find((word) => word.tag === tag)?.value;
  const address = wordOf(tags.strings);
  const bytes = wordOf(tags.stringBytes) ?? 0;
  if (address === undefined) return new Uint8Array(0);
  // It is given by its address in memory, and is in the segment that is loaded there.
  const load = headers.find(
    (header) =>
      header.type === segments.load &&
      // Differences, because sums near the largest number are inexact.
      address - header.address >= 0 &&
      address - header.address + bytes <= header.bytes,
  );
  if (load === undefined) return undefined;
  const start = view.byteOffset + load.offset + (address - load.address);
  return new Uint8Array(view.buffer, start, bytes);
}

function textAt(strings: Uint8Array, start: number): string {
  const end = strings.indexOf(0, start);
  return decodeUtf8(strings.subarray(start, end < 0 ? strings.length : end));
}

function hasText(strings: Uint8Array, text: string): boolean {
  const codes = [...text].map((character) => character.charCodeAt(0));
  for (let at = strings.indexOf(0); at >= 0; at = strings.indexOf(0, at + 1)) {
    if (strings[at + 1 + codes.length] !== 0) continue;
    if (codes.every((code, index) => strings[at + 1 + index] === code)) return true;
  }
  return false;
}

// Beyond 2^53 numbers are inexact: infinity fits into no file and no segment.
function readWord(view: DataView, offset: number): number {
  const word = view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 2 ** 32;
  return Number.isSafeInteger(word) ? word : Number.POSITIVE_INFINITY;
}
