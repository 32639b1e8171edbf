// Files of any encoding as text of which every character is one byte (ISO 8859-1): what is read and
// written back without a change has the same bytes. The syntax of boot menus is ASCII.

// One call per character is slow in the engine, and one for all of them overflows its stack.
const pieceBytes = 4096;

/** Decodes bytes, each to one character. */
export function decodeByteText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += pieceBytes)
    text += String.fromCharCode(...bytes.subarray(at, at + pieceBytes));
  return text;
}

/** Encodes a text that decodeByteText() has made. */
export function encodeByteText(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}
