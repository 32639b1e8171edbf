// The smallest ELF file that is a kernel module to those who read its ".modinfo".

/** Forms a 64-bit little-endian ELF file with a section ".modinfo" of these statements ("license=GPL"). */
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
