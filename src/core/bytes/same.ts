// Whether bytes are the same. A call for each of them takes the interpreter seconds where they are
// many, so they are compared by words.

/** Returns whether both have the same bytes, or both are missing. */
export function isSameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (one.length !== other.length) return false;
  const words = isAligned(one) && isAligned(other) ? one.length >> 2 : 0;
  if (words > 0 && !hasSameWords(one, other, words)) return false;
  for (let at = words * 4; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function isAligned({ byteOffset }: Uint8Array): boolean {
  return byteOffset % 4 === 0;
}

function hasSameWords(one: Uint8Array, other: Uint8Array, words: number): boolean {
  const a = new Uint32Array(one.buffer, one.byteOffset, words);
  const b = new Uint32Array(other.buffer, other.byteOffset, words);
  for (let index = 0; index < words; index++) if (a[index] !== b[index]) return false;
  return true;
}
