// The smallest ELF files that their readers accept: kernel modules by their ".modinfo", programs
// and libraries by what they need.

/**
 * Makes a 64-bit little-endian ELF file with a section ".modinfo" of these statements
 * ("license=GPL").
 */
export function formElf(statements: readonly string[]): Uint8Array {
  const modinfo = Buffer.from(statements.map((statement) => `${statement}\0`).join(""), "latin1");
  const names = Buffer.from("\0.modinfo\0.shstrtab\0.symtab\0.strtab\0", "latin1");
  const symbols = Buffer.alloc(24);
  const strings = Buffer.from("\0", "latin1");
  const contents = [modinfo, names, symbols, strings];
  const offsets = contents.map((_, index) =>
    contents.slice(0, index).reduce((sum, content) => sum + content.length, 64),
  );
  const tableOffset = contents.reduce((sum, content) => sum + content.length, 64);

  const header = Buffer.alloc(64);
  header.write("\x7fELF\x02\x01\x01", 0, "latin1");
  header.writeUInt16LE(1, 16); // relocatable
  header.writeUInt16LE(62, 18); // x86-64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(tableOffset), 40);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(5, 60);
  header.writeUInt16LE(2, 62);

  const section = (name: string, type: number, index: number, link = 0, entry = 0) => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(names.indexOf(`${name}\0`), 0);
    bytes.writeUInt32LE(type, 4);
    bytes.writeBigUInt64LE(BigInt(offsets[index]!), 24);
    bytes.writeBigUInt64LE(BigInt(contents[index]!.length), 32);
    bytes.writeUInt32LE(link, 40);
    bytes.writeBigUInt64LE(1n, 48);
    bytes.writeBigUInt64LE(BigInt(entry), 56);
    return bytes;
  };
  const sections = [
    Buffer.alloc(64),
    section(".modinfo", 1, 0),
    section(".shstrtab", 3, 1),
    section(".symtab", 2, 2, 4, 24),
    section(".strtab", 3, 3),
  ];
  return new Uint8Array(Buffer.concat([header, ...contents, ...sections]));
}

/** A program or library as a test needs it; it lacks whatever is left out. */
export interface ElfRequest {
  readonly interpreter?: string;
  readonly needed?: readonly string[];
  readonly runpath?: string;
  readonly rpath?: string;
  /** Names in its table of strings that nothing else refers to. */
  readonly names?: readonly string[];
  /** x86-64 by default. */
  readonly machine?: number;
  readonly is32?: true;
}

/**
 * Makes the smallest little-endian ELF file that a dynamic linker would accept as this program or
 * library.
 */
export function formProgram(request: ElfRequest): Uint8Array {
  const { interpreter, needed = [], runpath, rpath, names = [], machine = 62, is32 } = request;
  const paths = [runpath, rpath].filter((path) => path !== undefined);
  const texts = ["", ...needed, ...paths, ...names].map((text) => `${text}\0`);
  const strings = Buffer.from(texts.join(""), "latin1");
  const at = (text: string) => strings.indexOf(`\0${text}\0`, 0, "latin1") + 1;
  const wordBytes = is32 ? 4 : 8;
  const [headerBytes, segmentBytes] = is32 ? [52, 32] : [64, 56];
  const loaded = Buffer.from(interpreter === undefined ? "" : `${interpreter}\0`, "latin1");
  const start = headerBytes + 3 * segmentBytes;
  const address = 0x10000;
  const stringsAt = start + loaded.length;
  const dynamicAt = stringsAt + strings.length;
  const tags = [
    ...needed.map((name) => [1, at(name)]),
    ...(runpath === undefined ? [] : [[29, at(runpath)]]),
    ...(rpath === undefined ? [] : [[15, at(rpath)]]),
    [5, address + stringsAt],
    [10, strings.length],
    [0, 0],
  ];
  const isLinked = needed.length + paths.length + names.length > 0;
  const dynamic = isLinked ? words(tags.flat(), wordBytes) : Buffer.alloc(0);
  const end = dynamicAt + dynamic.length;

  const header = Buffer.alloc(headerBytes);
  header.write(`\x7fELF${is32 ? "\x01" : "\x02"}\x01\x01`, 0, "latin1");
  header.writeUInt16LE(3, 16); // shared, as what may lie anywhere
  header.writeUInt16LE(machine, 18);
  words([headerBytes], wordBytes).copy(header, is32 ? 28 : 32);
  header.writeUInt16LE(segmentBytes, is32 ? 42 : 54);
  header.writeUInt16LE(3, is32 ? 44 : 56);
  const segment = (type: number, from: number, length: number) => {
    const bytes = Buffer.alloc(segmentBytes);
    bytes.writeUInt32LE(type, 0);
    words([from, address + from, 0, length, length], wordBytes).copy(bytes, is32 ? 4 : 8);
    return bytes;
  };
  const segments = [
    segment(1, 0, end),
    interpreter === undefined ? segment(0, 0, 0) : segment(3, start, loaded.length),
    isLinked ? segment(2, dynamicAt, dynamic.length) : segment(0, 0, 0),
  ];
  return new Uint8Array(Buffer.concat([header, ...segments, loaded, strings, dynamic]));
}

function words(values: readonly number[], bytes: 4 | 8): Buffer {
  const buffer = Buffer.alloc(values.length * bytes);
  values.forEach((value, index) => {
    buffer.writeUInt32LE(value, index * bytes);
  });
  return buffer;
}
