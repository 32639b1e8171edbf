// The fields of superblocks, read from bytes: numbers in either order, text, and identities as
// blkid prints them. A field outside the bytes reads as zero; callers ask for whole structures.

import { trimEnd } from "./trim.ts";
import { decodeUtf8, decodeUtf16 } from "./utf.ts";

/** Reads an unsigned byte. */
export function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** Reads a little-endian unsigned 16-bit number. */
export function u16le(bytes: Uint8Array, at: number): number {
  return u8(bytes, at) | (u8(bytes, at + 1) << 8);
}

/** Reads a little-endian unsigned 32-bit number. */
export function u32le(bytes: Uint8Array, at: number): number {
  return (u16le(bytes, at) | (u16le(bytes, at + 2) << 16)) >>> 0;
}

/** Reads a little-endian unsigned 64-bit number; undefined if it is beyond 2^53 - 1. */
export function u64le(bytes: Uint8Array, at: number): number | undefined {
  return safe(u32le(bytes, at + 4) * 2 ** 32 + u32le(bytes, at));
}

/** Reads a big-endian unsigned 16-bit number. */
export function u16be(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at) << 8) | u8(bytes, at + 1);
}

/** Reads a big-endian unsigned 32-bit number. */
export function u32be(bytes: Uint8Array, at: number): number {
  return ((u16be(bytes, at) << 16) | u16be(bytes, at + 2)) >>> 0;
}

/** Reads a big-endian unsigned 64-bit number; undefined if it is beyond 2^53 - 1. */
export function u64be(bytes: Uint8Array, at: number): number | undefined {
  return safe(u32be(bytes, at) * 2 ** 32 + u32be(bytes, at + 4));
}

/**
 * Multiplies a count by the size of its unit; undefined if there is no count or the product is
 * beyond 2^53 - 1.
 */
export function sizeOf(count: number | undefined, unitBytes: number): number | undefined {
  return count === undefined ? undefined : safe(count * unitBytes);
}

/** Returns whether the number is 1, 2, 4, 8 … */
export function isPowerOfTwo(value: number): boolean {
  return value > 0 && 2 ** Math.round(Math.log2(value)) === value;
}

/** Returns whether these characters, one byte each (Latin-1), are at a place. */
export function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  if (at + text.length > bytes.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * Reads a label in UTF-8 up to its first NUL, without trailing white space; undefined if nothing is
 * left.
 */
export function labelText(bytes: Uint8Array, at: number, length: number): string | undefined {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return trimLabel(decodeUtf8(end < 0 ? field : field.subarray(0, end)));
}

/** Reads a label in UTF-16 as `labelText` does; `length` is in bytes. */
export function labelUtf16(bytes: Uint8Array, at: number, length: number): string | undefined {
  return trimLabel(decodeUtf16(bytes.subarray(at, at + length)));
}

/** Cuts a label at its first NUL and removes trailing white space; undefined if nothing is left. */
export function trimLabel(text: string): string | undefined {
  const end = text.indexOf("\0");
  const label = trimEnd(end < 0 ? text : text.slice(0, end), " \t\n\v\f\r");
  return label === "" ? undefined : label;
}

/** Reads 16 bytes as "550e8400-e29b-41d4-a716-446655440000"; undefined if all are zero. */
export function uuidText(bytes: Uint8Array, at: number): string | undefined {
  const digits = hexText(bytes, at, 16);
  if (/^0+$/.test(digits)) return undefined;
  const parts = [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ] as const;
  return parts.map(([from, to]) => digits.slice(from, to)).join("-");
}

/** Reads bytes as lower-case hexadecimal digits in the order they are stored. */
export function hexText(bytes: Uint8Array, at: number, length: number): string {
  let digits = "";
  for (let i = 0; i < length; i++)
    digits += u8(bytes, at + i)
      .toString(16)
      .padStart(2, "0");
  return digits;
}

/** Formats the serial number of a FAT volume: "1A2B-3C4D". */
export function formatSerial(serial: number): string {
  const digits = serial.toString(16).toUpperCase().padStart(8, "0");
  return `${digits.slice(0, 4)}-${digits.slice(4)}`;
}

function safe(value: number): number | undefined {
  return Number.isSafeInteger(value) ? value : undefined;
}
