// MD5 (RFC 1321), for the lists of checksums on media. It protects against nothing but accidents.

const shifts = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];

/** Returns the MD5 of bytes in hexadecimal. */
export function md5(bytes: Uint8Array): string {
  const data = padMessage(bytes, "little");
  let [a0, b0, c0, d0] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < data.byteLength; at += 64) {
    let [a, b, c, d] = [a0, b0, c0, d0];
    for (let step = 0; step < 64; step++) {
      const round = step >> 4;
      let [mixed, index] = [0, 0];
      if (round === 0) [mixed, index] = [(b & c) | (~b & d), step];
      else if (round === 1) [mixed, index] = [(d & b) | (~d & c), (5 * step + 1) & 15];
      else if (round === 2) [mixed, index] = [b ^ c ^ d, (3 * step + 5) & 15];
      else [mixed, index] = [c ^ (b | ~d), (7 * step) & 15];
      const constant = Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32);
      const sum = (a + mixed + constant + data.getUint32(at + 4 * index, true)) | 0;
      const shift = shifts[round]?.[step & 3] ?? 0;
      [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0];
    }
    [a0, b0, c0, d0] = [(a0 + a) | 0, (b0 + b) | 0, (c0 + c) | 0, (d0 + d) | 0];
  }
  const result = new DataView(new ArrayBuffer(16));
  for (const [index, word] of [a0, b0, c0, d0].entries()) result.setUint32(4 * index, word, true);
  return formatHex(result);
}

/** Pads a message as MD5 and SHA-256 do: a bit, zeros, and its length in bits. */
export function padMessage(bytes: Uint8Array, order: "little" | "big"): DataView {
  const data = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  data.set(bytes);
  data[bytes.length] = 0x80;
  const view = new DataView(data.buffer);
  const [low, high] = [(bytes.length << 3) >>> 0, Math.floor(bytes.length / 2 ** 29)];
  const isLittle = order === "little";
  view.setUint32(data.length - 8, isLittle ? low : high, isLittle);
  view.setUint32(data.length - 4, isLittle ? high : low, isLittle);
  return view;
}

/** Formats bytes in hexadecimal. */
export function formatHex(view: DataView): string {
  const bytes = Array.from({ length: view.byteLength }, (_, at) => view.getUint8(at));
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
