// A larger copy of a FAT file system: longer tables and more clusters. Clusters keep their numbers,
// so that directories and files are the same bytes, with times, attributes and names.

import { u8, u16le, u32le } from "../bytes/fields.ts";
import { joinParts, partOf } from "../bytes/parts.ts";
import { type Source, sourceOf } from "../bytes/source.ts";
import { type FatGeometry, readFatGeometry } from "../superblocks/vfat.ts";
import { type FatTree, readFatTree } from "./fat-tree.ts";

/** A FAT file system and what is in it. */
export interface Fat {
  readonly source: Source;
  readonly tree: FatTree;
}

/** More would be a file system of another kind. */
const mostClusters = { 12: 4084, 16: 65_524, 32: 0xffffff5 } as const;

/** Partitions are aligned to it. */
const unitBytes = 2 ** 20;

/**
 * Returns a copy of a file system in which at least `added` bytes more are free; undefined if one
 * of its kind cannot be as long.
 */
export function growFat({ source, tree }: Fat, added: number): Fat | undefined {
  const boot = source.at(0, 512);
  const geometry = boot && readFatGeometry(boot);
  if (geometry === undefined) return undefined;
  const grown = planGrown(geometry, added);
  const head = grown && makeHead(source, geometry, { ...grown, free: tree.freeBytes });
  if (grown === undefined || head === undefined) return undefined;
  const { dataOffset, clusters, clusterBytes } = geometry;
  const data = { offset: dataOffset, bytes: clusters * clusterBytes };
  const parts = [
    { offset: 0, source: sourceOf(head) },
    { offset: head.length, source: partOf(source, data) },
  ];
  const copy = joinParts(parts, grown.bytes);
  const after = readFatTree(copy);
  const isWhole = after && isShifted(tree, after, head.length - dataOffset);
  return isWhole && after.freeBytes >= tree.freeBytes + added
    ? { source: copy, tree: after }
    : undefined;
}

interface Grown {
  readonly bytes: number;
  readonly clusters: number;
  readonly tableSectors: number;
}

function planGrown(geometry: FatGeometry, added: number): Grown | undefined {
  const { kind, sectorBytes, clusterBytes, tables, tableOffset, tableBytes } = geometry;
  const sectorsFor = (clusters: number) => Math.ceil(((clusters + 2) * kind) / 8 / sectorBytes);
  const needed = geometry.clusters + Math.ceil(added / clusterBytes);
  const around = tableOffset + geometry.dataOffset - geometry.root.offset;
  const least =
    around +
    tables * sectorsFor(needed) * sectorBytes +
    needed * clusterBytes +
    tables * sectorBytes;
  const bytes = Math.ceil(least / unitBytes) * unitBytes;
  const mostIn = Math.floor((bytes - around) / clusterBytes);
  const tableSectors = Math.max(tableBytes / sectorBytes, sectorsFor(mostIn));
  const clusters = Math.floor(
    (bytes - around - tables * tableSectors * sectorBytes) / clusterBytes,
  );
  return clusters > mostClusters[kind] ? undefined : { bytes, clusters, tableSectors };
}

/** Makes what precedes the first cluster. */
function makeHead(
  source: Source,
  geometry: FatGeometry,
  { bytes, clusters, tableSectors, free }: Grown & { readonly free: number },
): Uint8Array | undefined {
  const { kind, sectorBytes, tables, tableOffset, root, dataOffset, clusterBytes } = geometry;
  const old = source.at(0, dataOffset);
  if (old === undefined) return undefined;
  const tableLength = tableSectors * sectorBytes;
  const rootAt = tableOffset + tables * tableLength;
  const head = new Uint8Array(rootAt + dataOffset - root.offset);
  head.set(old.subarray(0, tableOffset));
  head.set(old.subarray(root.offset, dataOffset), rootAt);
  const table = oldEntries(old.subarray(tableOffset), (geometry.clusters + 2) * kind);
  for (let index = 0; index < tables; index++) head.set(table, tableOffset + index * tableLength);
  const view = new DataView(head.buffer);
  const backup = kind === 32 ? u16le(old, 50) : 0;
  const copies = backup === 0 ? [0] : [0, backup * sectorBytes];
  for (const at of copies.filter((place) => place + sectorBytes <= tableOffset)) {
    const sectors = bytes / sectorBytes;
    const isShort = u16le(old, 19) !== 0 && sectors < 0x10000;
    view.setUint16(at + 19, isShort ? sectors : 0, true);
    view.setUint32(at + 32, isShort ? 0 : sectors, true);
    if (kind !== 32) view.setUint16(at + 22, tableSectors, true);
    else {
      view.setUint32(at + 36, tableSectors, true);
      const info = at + u16le(old, 48) * sectorBytes;
      const isInfo = info + 512 <= tableOffset && u32le(old, info) === 0x41615252;
      const isCounted = isInfo && u32le(old, info + 488) !== 0xffffffff;
      const more = clusters - geometry.clusters;
      if (isCounted) view.setUint32(info + 488, free / clusterBytes + more, true);
    }
  }
  return head;
}

/** What is behind the last entry of a table may be anything. */
function oldEntries(table: Uint8Array, bits: number): Uint8Array {
  const entries = table.slice(0, Math.ceil(bits / 8));
  const last = entries.length - 1;
  if (bits % 8 !== 0) entries[last] = u8(entries, last) & 0x0f;
  return entries;
}

function isShifted(before: FatTree, after: FatTree, by: number): boolean {
  const placesOf = ({ files, root }: FatTree, shift: number) =>
    JSON.stringify([
      root.map(({ offset, bytes }) => [offset + shift, bytes]),
      files.map(({ path, isDirectory, bytes, runs }) => [
        ...[path, isDirectory, bytes],
        ...runs.map((run) => [run.offset + shift, run.bytes]),
      ]),
    ]);
  return placesOf(before, by) === placesOf(after, 0);
}
