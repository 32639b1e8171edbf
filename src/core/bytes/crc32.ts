// The cyclic redundancy check of polynomial 0x04C11DB7 in its reflected form, which protects
// partition tables (UEFI specification, section 5.3), f2fs checkpoints and LVM labels, each with a
// start value of its own.

let table: Uint32Array | undefined;

/** Continues a checksum over more bytes, without the inversion at either end. */
export function updateCrc32(start: number, bytes: Uint8Array): number {
  table ??= buildTable();
  let crc = start;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return crc >>> 0;
}

/** Returns the checksum as zip, gzip and GPT use it: inverted at both ends. */
export function crc32(bytes: Uint8Array): number {
  return ~updateCrc32(0xffffffff, bytes) >>> 0;
}

function buildTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
}
