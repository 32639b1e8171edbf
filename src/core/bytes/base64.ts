// Base64 (RFC 4648, section 4): three bytes in four letters.

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Formats bytes as base64. */
export function formatBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two = 0, three = 0] = bytes.subarray(at, at + 3);
    const bits = (one << 16) | (two << 8) | three;
    for (let index = 0; index < 4; index++)
      text += at + index > bytes.length ? "=" : letters.charAt((bits >> (18 - 6 * index)) & 63);
  }
  return text;
}

/** Parses base64; undefined if it is none. */
export function parseBase64(text: string): Uint8Array | undefined {
  const body = text.replace(/={0,2}$/, "");
  if (text.length % 4 !== 0 || body.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4));
  let bits = 0;
  for (let index = 0; index < body.length; index++) {
    const value = letters.indexOf(body.charAt(index));
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    const done = Math.floor(((index + 1) * 6) / 8);
    // The bits that are left over come first in the next byte.
    if (index % 4 !== 0) bytes[done - 1] = bits >> ((6 * (index + 1)) % 8);
  }
  return bytes;
}
