// Directories of FAT and exFAT: entries of 32 bytes in a chain of clusters. A damaged chain can be
// as long as the disk or form a circle, so only a limited number of clusters and bytes is read.

import type { Source } from "../bytes/source.ts";

const entryBytes = 32;
const pieceBytes = 16 * 1024;
const mostBytes = 1024 * 1024;
const mostClusters = 100;

/** A run of bytes that contains part of a directory. */
export interface Extent {
  readonly offset: number;
  readonly bytes: number;
}

/** The places of clusters and the order in which they follow each other. */
interface Clusters {
  readonly bytes: number;
  offsetOf(cluster: number): number;
  /** Undefined at the end of the chain, and if the chain leads nowhere. */
  next(cluster: number): number | undefined;
}

/** Yields the clusters of a chain one by one, up to a limit. */
export function* chainOf(clusters: Clusters, first: number): Generator<Extent> {
  let cluster: number | undefined = first;
  for (let count = 0; cluster !== undefined && count < mostClusters; count++) {
    yield { offset: clusters.offsetOf(cluster), bytes: clusters.bytes };
    cluster = clusters.next(cluster);
  }
}

/**
 * Yields the entries of a directory up to its end mark, or only the first ones of a very long
 * directory.
 */
export function* entriesOf(source: Source, extents: Iterable<Extent>): Generator<Uint8Array> {
  let left = mostBytes;
  for (const extent of extents) {
    for (let at = 0; at < extent.bytes && left > 0; at += pieceBytes) {
      const length = Math.min(pieceBytes, extent.bytes - at, left);
      const piece = source.at(extent.offset + at, length);
      if (piece === undefined) return;
      left -= length;
      for (let from = 0; from + entryBytes <= length; from += entryBytes) {
        if (piece[from] === 0) return;
        yield piece.subarray(from, from + entryBytes);
      }
    }
    if (left <= 0) return;
  }
}
