// Whether a file or device can be written to, learned before anything is: its mode and its owner
// are not all that decides (attributes, mounts, swap, keys).
import { failureOfErrno } from "./errors.ts";
import type { System } from "./system.ts";

/**
 * Throws a Failure, whose sentence begins with `cannot`, if a file or device cannot be written to.
 * Nothing is written.
 */
export function requireWritable(
  system: System,
  { cannot, path }: { readonly cannot: string; readonly path: string },
): void {
  try {
    system.writeBytes(path, 0, nothing);
  } catch (error) {
    throw failureOfErrno(`${cannot}: it cannot be written to`, error) ?? error;
  }
}

const nothing = new Uint8Array(0);
