// The records that extend a header of tar (POSIX, pax interchange format): "LENGTH KEY=VALUE\n", in
// which the length counts the whole record. A value is any bytes: extended attributes are kept as
// they are (SCHILY.xattr.*), which GNU tar, bsdtar and the tools of containers read.

import { joinBytes } from "../bytes/join.ts";
import { decodeName, encodeName } from "../bytes/utf.ts";

/** One record. Keys can occur more than once. */
export interface PaxRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Formats records. */
export function formatRecords(records: readonly PaxRecord[]): Uint8Array {
  return joinBytes(records.map(formatRecord));
}

/** Reads records; undefined if they are damaged. */
export function readRecords(bytes: Uint8Array): readonly PaxRecord[] | undefined {
  const records: PaxRecord[] = [];
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    // A length has few digits; everything behind them is not searched.
    if (space <= at || space - at > mostDigits) return undefined;
    const digits = decodeName(bytes.subarray(at, space));
    if (!/^[0-9]+$/.test(digits)) return undefined;
    const end = at + Number(digits);
    if (end > bytes.length || end <= space + 1 || bytes[end - 1] !== 0x0a) return undefined;
    const equals = bytes.indexOf(0x3d, space);
    if (equals <= space + 1 || equals >= end) return undefined;
    const key = decodeName(bytes.subarray(space + 1, equals));
    records.push({ key, value: bytes.slice(equals + 1, end - 1) });
    at = end;
  }
  return records;
}

const mostDigits = 10;

function formatRecord({ key, value }: PaxRecord): Uint8Array {
  const rest = joinBytes([encodeName(` ${key}=`), value, encodeName("\n")]);
  let length = rest.length;
  // The digits of the length count, too.
  while (length !== rest.length + String(length).length)
    length = rest.length + String(length).length;
  return joinBytes([encodeName(String(length)), rest]);
}

const attributePrefix = "SCHILY.xattr.";

/**
 * Returns the key of the record of an extended attribute. What a key cannot contain is written as
 * GNU tar does.
 */
export function keyOfAttribute(name: string): string {
  return attributePrefix + name.replaceAll("%", "%25").replaceAll("=", "%3D");
}

/** Returns the name of the attribute whose record has a key; undefined if it is none. */
export function attributeOfKey(key: string): string | undefined {
  if (!key.startsWith(attributePrefix)) return undefined;
  return key.slice(attributePrefix.length).replaceAll("%3D", "=").replaceAll("%25", "%");
}
