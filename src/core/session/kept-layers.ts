// Which layers of a running session hold its changes.

import { places } from "./places.ts";

/**
 * Counts the upper layers that are kept: the upper directory, and in a read-only session those of
 * its store below. `lower` has the lower layers from the top down.
 */
export function countKept(lower: readonly string[]): number {
  const first = lower.findIndex((layer) => !layer.startsWith(`${places.store}/`));
  return 1 + (first < 0 ? lower.length : first);
}
