// The bytes in which a superblock is searched for: a device or an image file, read as little as
// possible. Nearly all formats are within the first 68 KiB (btrfs ends there), so those are read
// once and shared.

/**
 * Reads `length` bytes from `offset`, fewer at the end; may throw an error of the system, which is
 * passed on.
 */
export type ReadBytes = (offset: number, length: number) => Uint8Array;

/** The bytes at an offset, or undefined if the device does not have all of them. */
export interface Source {
  readonly bytes: number;
  at(offset: number, length: number): Uint8Array | undefined;
}

const headBytes = 68 * 1024;

/** Returns a source for a device of `bytes` bytes; nothing is read before it is asked for. */
export function openSource(read: ReadBytes, bytes: number): Source {
  let head: Uint8Array | undefined;
  return {
    bytes,
    at(offset, length) {
      const end = offset + length;
      if (!Number.isSafeInteger(offset) || offset < 0 || length < 0 || !(end <= bytes)) {
        return undefined;
      }
      if (end > headBytes) return whole(read(offset, length), length);
      head ??= read(0, Math.min(headBytes, bytes));
      return whole(head.subarray(offset, end), length);
    },
  };
}

/** Returns bytes as a source. */
export function sourceOf(bytes: Uint8Array): Source {
  return openSource((offset, length) => bytes.subarray(offset, offset + length), bytes.length);
}

// A device can be shorter than it claims: a truncated image, a stick with a false capacity.
function whole(found: Uint8Array, length: number): Uint8Array | undefined {
  return found.length === length ? found : undefined;
}
