// Writing a tar archive, member by member: what precedes the data of a file, and what follows it.
// The data itself goes from the file into the archive without passing through here. What a header
// cannot say, or not exactly, is in records before it; holes are kept in GNU tar's format 1.0, in
// which the map of a file precedes its data.
// Facts: POSIX, pax; the manual of GNU tar, "Storing Sparse Files".

import { joinBytes, paddingOf } from "../bytes/join.ts";
import { encodeName } from "../bytes/utf.ts";
import { formatRecords, keyOfAttribute, type PaxRecord } from "./pax.ts";
import { dataBytes, type Moment, type TarEntry, type TarKind } from "./tar-entry.ts";
import { blockBytes, fitsHeader, formatHeader, nameBytes } from "./tar-header.ts";

/** What an archive ends with. */
export const endOfTar = new Uint8Array(2 * blockBytes);

const typeOf: Readonly<Record<TarKind, string>> = {
  file: "0",
  "hard-link": "1",
  link: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

/** Formats everything of a member that precedes its data. */
export function formatHead(entry: TarEntry): Uint8Array {
  const map = hasHoles(entry) ? formatMap(entry) : new Uint8Array(0);
  const path = hasHoles(entry) ? placeholderOf(entry) : pathOf(entry);
  const bytes = map.length + dataBytes(entry);
  const records = recordsOf(entry, { path, bytes });
  const header = formatHeader({
    ...{ name: path, mode: entry.mode, uid: entry.uid, gid: entry.gid, bytes },
    ...{ seconds: entry.modified.seconds, type: typeOf[entry.kind], link: entry.to },
    ...entry.device,
  });
  return joinBytes([...formatExtension(records), header, map]);
}

/** Returns the zeros that follow the data of a member. */
export function formatTail(entry: TarEntry): Uint8Array {
  return new Uint8Array(paddingOf(dataBytes(entry), blockBytes));
}

function hasHoles(entry: TarEntry): boolean {
  return entry.kind === "file" && dataBytes(entry) !== entry.bytes;
}

/** A tar that does not know of holes does not put the map of a file under the file's name. */
function placeholderOf({ path }: TarEntry): string {
  const slash = path.lastIndexOf("/");
  return `${path.slice(0, slash + 1)}GNUSparseFile.0/${path.slice(slash + 1)}`;
}

/** A directory ends with a slash, and the top is a dot. */
function pathOf({ kind, path }: TarEntry): string {
  if (path === "") return "./";
  return kind === "directory" ? `${path}/` : path;
}

function recordsOf(
  entry: TarEntry,
  { path, bytes }: { readonly path: string; readonly bytes: number },
): readonly PaxRecord[] {
  const texts: [string, string][] = [];
  if (!isPlain(path)) texts.push(["path", path]);
  if (!isPlain(entry.to)) texts.push(["linkpath", entry.to]);
  if (!fitsHeader(bytes, "bytes")) texts.push(["size", String(bytes)]);
  if (!fitsHeader(entry.uid, "uid")) texts.push(["uid", String(entry.uid)]);
  if (!fitsHeader(entry.gid, "gid")) texts.push(["gid", String(entry.gid)]);
  if (entry.modified.nanoseconds > 0 || !fitsHeader(entry.modified.seconds, "seconds"))
    texts.push(["mtime", formatMoment(entry.modified)]);
  if (hasHoles(entry)) {
    texts.push(["GNU.sparse.major", "1"], ["GNU.sparse.minor", "0"]);
    texts.push(["GNU.sparse.name", entry.path], ["GNU.sparse.realsize", String(entry.bytes)]);
  }
  return [
    ...texts.map(([key, text]) => ({ key, value: encodeName(text) })),
    ...entry.xattrs.map(({ name, value }) => ({ key: keyOfAttribute(name), value })),
  ];
}

/** Whether every tar reads a name from its field in the header. */
function isPlain(name: string): boolean {
  return name.length <= nameBytes && /^[\x20-\x7e]*$/.test(name);
}

/** Before 1970 the seconds are negative, and the nanoseconds still count forwards. */
function formatMoment({ seconds, nanoseconds }: Moment): string {
  if (nanoseconds === 0) return String(seconds);
  const isBefore = seconds < 0;
  const whole = isBefore ? -(seconds + 1) : seconds;
  const part = String(isBefore ? 1e9 - nanoseconds : nanoseconds).padStart(9, "0");
  return `${isBefore ? "-" : ""}${whole}.${part}`;
}

/** The records as a member of their own, which belongs to the next one. */
function formatExtension(records: readonly PaxRecord[]): readonly Uint8Array[] {
  return records.length === 0 ? [] : formatOwn("x", "././@PaxHeader", records);
}

function formatOwn(
  type: "x" | "g",
  name: string,
  records: readonly PaxRecord[],
): readonly Uint8Array[] {
  const body = formatRecords(records);
  const header = formatHeader({
    ...{ name, mode: 0o644, uid: 0, gid: 0, bytes: body.length },
    ...{ seconds: 0, type, link: "", major: 0, minor: 0 },
  });
  return [header, joinBytes([body], blockBytes)];
}

/** What an archive of an upper directory begins with: a comment, which others pass over. */
export const startOfUpper: Uint8Array = joinBytes(
  formatOwn("g", "pax_global_header", [
    { key: "comment", value: encodeName("an upper directory of overlayfs, by backstore") },
  ]),
);

/**
 * The map of a file with holes: how many parts, then where each begins and how long it is, one
 * number a line. A part without bytes at the end says how long the file is.
 */
function formatMap({ data, bytes }: TarEntry): Uint8Array {
  const last = data.at(-1);
  const isOpen = last === undefined || last.offset + last.bytes < bytes;
  const parts = isOpen ? [...data, { offset: bytes, bytes: 0 }] : data;
  const lines = [parts.length, ...parts.flatMap((part) => [part.offset, part.bytes])];
  return joinBytes([encodeName(lines.map((line) => `${line}\n`).join(""))], blockBytes);
}
