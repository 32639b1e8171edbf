// Frames of zstd as far as tests in memory need them: their contents are not compressed.
// Facts: RFC 8878, 3.1.1.

const magic = [0x28, 0xb5, 0x2f, 0xfd];
/** One segment, whose size follows in four bytes; no checksum, no dictionary. */
const descriptor = 0xa0;
const headerBytes = 9;
const largestBlock = 128 << 10;
const mostBytes = 256 << 20;

/** Makes a frame that real zstd reads as well. */
export function pack(bytes: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [
    Uint8Array.from([...magic, descriptor, ...number(bytes.length, 4)]),
  ];
  for (let at = 0; at === 0 || at < bytes.length; at += largestBlock) {
    const block = bytes.subarray(at, at + largestBlock);
    const isLast = at + largestBlock >= bytes.length;
    chunks.push(Uint8Array.from(number((block.length << 3) | (isLast ? 1 : 0), 3)), block);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** Returns the contents of a frame that pack() made; undefined for anything else. */
export function unpack(frame: Uint8Array): Uint8Array | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const header = [...magic, descriptor];
  if (frame.length < headerBytes || header.some((byte, at) => frame[at] !== byte)) return undefined;
  const length = view.getUint32(5, true);
  if (length > mostBytes) return undefined;
  const bytes = new Uint8Array(length);
  let from = headerBytes;
  for (let to = 0, isLast = false; !isLast; ) {
    if (from + 3 > frame.length) return undefined;
    const word = view.getUint16(from, true) | (view.getUint8(from + 2) << 16);
    const block = frame.subarray(from + 3, from + 3 + (word >> 3));
    if ((word & 6) !== 0 || block.length !== word >> 3 || to + block.length > bytes.length)
      return undefined;
    bytes.set(block, to);
    from += 3 + block.length;
    to += block.length;
    isLast = (word & 1) !== 0;
    if (isLast && to !== bytes.length) return undefined;
  }
  return from === frame.length ? bytes : undefined;
}

function number(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => (value >> (8 * index)) & 0xff);
}
