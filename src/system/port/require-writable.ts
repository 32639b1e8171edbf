// Whether a file or device can be written to, learned before anything is: its mode and its owner
// are not all that decides (attributes, mounts, swap, keys).
import { Failure } from "../../core/text/failure.ts";
import { formatPath, formatShellWord } from "../../core/text/quoted.ts";
import { failureOfErrno } from "./errors.ts";
import { mountOf } from "./mount-of.ts";
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

/**
 * Throws Failure "unsafe", whose sentence begins with `cannot`, if a directory is on a file system
 * that is mounted read-only.
 */
export function requireWritableMount(
  system: System,
  { cannot, path }: { readonly cannot: string; readonly path: string },
): void {
  if (!system.room(path).readonly) return;
  const { target = path } = mountOf(system, path) ?? {};
  throw new Failure(
    "unsafe",
    `${cannot}: ${formatPath(target)} is mounted read-only`,
    `mount it read-write if that is safe: mount -o remount,rw ${formatShellWord(target)}`,
  );
}
