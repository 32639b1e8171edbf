// What a reader is here: a function of the product that reads what others wrote, called with any
// bytes. These files run on Node and in the engine, so they know neither.

import type { ReadBytes } from "../../src/core/bytes/source.ts";
import { decodeUtf8 } from "../../src/core/bytes/utf.ts";
import { ErrnoError } from "../../test/support/memory/errors.ts";

/** A reader of what a disk, a stick, a kernel line or another program controls. */
export interface Reader {
  /** As "--only" takes it. */
  readonly name: string;
  /** What has a meaning in what it reads. */
  readonly words?: readonly string[];
  /** Makes checksums right again, without which no change would get past them. */
  readonly mend?: (input: Uint8Array) => void;
  /** Reads an input; throws a Failure at most, and an Error where something holds that must not. */
  readonly read: (input: Uint8Array) => void;
}

/** Throws where something does not hold that a reader promises. */
export function promise(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Does not hold: ${what}`);
}

/** Throws where two values differ in their JSON. */
export function promiseSame(one: unknown, other: unknown, what: string): void {
  promise(JSON.stringify(one) === JSON.stringify(other), what);
}

/** Returns text as the port reads it from a file. */
export function textOf(input: Uint8Array): string {
  return decodeUtf8(input);
}

/** Returns the lines of an input as `count` texts; the last one has all that is left. */
export function partsOf(input: Uint8Array, count: number): string[] {
  const lines = textOf(input).split("\n");
  const parts = lines.slice(0, count - 1);
  while (parts.length < count - 1) parts.push("");
  return [...parts, lines.slice(count - 1).join("\n")];
}

const mostReadBytes = 2 ** 26;

/** Reads from an input as from a disk, whose kernel refuses what is no place on it. */
export function diskOf(input: Uint8Array): ReadBytes {
  return (offset, length) => {
    promise(Number.isSafeInteger(length) && length >= 0, `${length} bytes are asked for`);
    promise(length <= mostReadBytes, `${length} bytes are read at once`);
    if (!Number.isSafeInteger(offset) || offset < 0) throw new ErrnoError("EINVAL");
    return input.slice(offset, offset + length);
  };
}
