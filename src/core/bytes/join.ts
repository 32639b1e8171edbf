// Bytes one behind the other.

/** Joins chunks, filled up with zeros to a multiple of a number of bytes. */
export function joinBytes(chunks: readonly Uint8Array[], multiple = 1): Uint8Array {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const whole = new Uint8Array(length + paddingOf(length, multiple));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/** Returns how many bytes a length lacks to a multiple. */
export function paddingOf(length: number, multiple: number): number {
  return (multiple - (length % multiple)) % multiple;
}
