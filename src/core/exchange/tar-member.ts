// A member of a tar archive, put together of its header, of the records and long names before it,
// and of the map of its holes.

import { decodeName } from "../bytes/utf.ts";
import { formatQuoted } from "../text/quoted.ts";
import { parseMemberPath } from "./archive-path.ts";
import { attributeOfKey, type PaxRecord } from "./pax.ts";
import { readOldMap, readSparseRecords, type SparseMap } from "./sparse.ts";
import { damagedAt, type FoundHeader, type TarBlocks } from "./tar-blocks.ts";
import { dataBytes, type Moment, type TarEntry, type TarKind, type Xattr } from "./tar-entry.ts";
import { blockBytes } from "./tar-header.ts";

/** What precedes the header of a member. */
export interface Extension {
  readonly records: PaxRecord[];
  /** The name, and what it links to, as GNU tar writes long ones. */
  name: string | undefined;
  link: string | undefined;
}

/** A member, how many bytes of data follow, and how many it has in the archive with their map. */
export interface FoundMember {
  readonly entry: TarEntry;
  readonly dataBytes: number;
  readonly storedBytes: number;
}

/** Where a member is read, and the place of its first header. */
interface Place {
  readonly blocks: TarBlocks;
  readonly start: number;
}

/** Reads a member; throws a Failure where it makes no sense. */
export function readMember(found: FoundHeader, extension: Extension, place: Place): FoundMember {
  const { header } = found;
  const { records } = extension;
  const texts = new Map(records.map(({ key, value }) => [key, decodeName(value)]));
  const path = texts.get("path") ?? extension.name ?? header.name;
  const kind = path.endsWith("/") && isFile(header.type) ? "directory" : kinds.get(header.type);
  if (kind === undefined)
    throw damagedAt(place.start, `a member has the type ${formatQuoted(header.type)}`);
  const number = (key: string, otherwise: number) =>
    readNumber(texts.get(key), { key, otherwise, start: place.start });
  const storedBytes = hasData(kind) ? number("size", header.bytes) : 0;
  const map = readMap(found, records, { ...place, storedBytes });
  const to = texts.get("linkpath") ?? extension.link ?? header.link;
  const bytes = kind === "file" ? (map?.bytes ?? storedBytes) : 0;
  const entry: TarEntry = {
    kind,
    path: parseMemberPath(map?.name ?? path),
    ...{ mode: header.mode, uid: number("uid", header.uid), gid: number("gid", header.gid) },
    modified: readMoment(texts.get("mtime")) ?? { seconds: header.seconds, nanoseconds: 0 },
    bytes,
    data: map?.data ?? (bytes > 0 ? [{ offset: 0, bytes }] : []),
    to: kind === "hard-link" ? parseMemberPath(to) : kind === "link" ? to : "",
    device: { major: header.major, minor: header.minor },
    xattrs: attributesOf(records),
  };
  const following = storedBytes - (map?.mapBytes ?? 0);
  if (kind === "file" && dataBytes(entry) !== following) throw damagedAt(place.start, wrongMap);
  return { entry, dataBytes: following, storedBytes };
}

const wrongMap = "where a file has holes is not clear";

/** "7" is a file that should be contiguous, "S" one with holes, "D" a directory with its names. */
const kinds: ReadonlyMap<string, TarKind> = new Map([
  ["\0", "file"],
  ["0", "file"],
  ["7", "file"],
  ["S", "file"],
  ["1", "hard-link"],
  ["2", "link"],
  ["3", "character"],
  ["4", "block"],
  ["5", "directory"],
  ["D", "directory"],
  ["6", "fifo"],
]);

/** A directory of an archive from before POSIX is a file whose name ends with a slash. */
function isFile(type: string): boolean {
  return type === "\0" || type === "0";
}

/** pax(1) gives a further name of a file the file's data once more. */
function hasData(kind: TarKind): boolean {
  return kind === "file" || kind === "directory" || kind === "hard-link";
}

function readNumber(
  text: string | undefined,
  { key, otherwise, start }: { key: string; otherwise: number; start: number },
): number {
  if (text === undefined || text === "") return otherwise;
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw damagedAt(start, `the ${key} of a file is ${formatQuoted(text)}`);
}

/** Reads where a file with holes has data, from wherever its format keeps that. */
function readMap(
  { header, block }: FoundHeader,
  records: readonly PaxRecord[],
  { blocks, start, storedBytes }: Place & { readonly storedBytes: number },
): SparseMap | undefined {
  const readBlock = () => blocks.take(blockBytes);
  const map =
    header.type === "S"
      ? readOldMap(block, readBlock)
      : readSparseRecords(records, storedBytes, readBlock);
  if (map === "damaged") throw damagedAt(start, wrongMap);
  return map;
}

/** Before 1970 the seconds are negative, and the part behind the point counts backwards. */
function readMoment(text: string | undefined): Moment | undefined {
  const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(text ?? "");
  if (match === null) return undefined;
  const [, sign, whole = "", part = ""] = match;
  const seconds = Number(whole);
  const nanoseconds = Number(part.slice(0, 9).padEnd(9, "0"));
  if (sign !== "-") return { seconds, nanoseconds };
  if (nanoseconds === 0) return { seconds: 0 - seconds, nanoseconds };
  return { seconds: -seconds - 1, nanoseconds: 1e9 - nanoseconds };
}

/** Of one attribute the last record counts. */
function attributesOf(records: readonly PaxRecord[]): readonly Xattr[] {
  const found = new Map<string, Uint8Array>();
  for (const { key, value } of records) {
    const name = attributeOfKey(key);
    if (name !== undefined) found.set(name, value);
  }
  return [...found].map(([name, value]) => ({ name, value }));
}
