// A host that a session has mounted read-only, as its own medium, is writable for the time of a
// work.

import { formatPath } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";
import type { StorePlace } from "../stores/locate-store.ts";
import { findWritableHost } from "../stores/writable-host.ts";
import { execute } from "./execute.ts";

/**
 * Passes `use` the path by which a store in this place can be written to, for as long as that
 * runs.
 */
export function withWritableHost<T>(
  system: System,
  { place, action }: { readonly place: StorePlace; readonly action: string },
  use: (store: string) => T,
): T {
  const { store, before, after } = findWritableHost(system, place, action);
  const title = `Make ${formatPath(place.host.mount.target)} writable`;
  if (before.length > 0) execute(system, { title, steps: before, result: undefined });
  try {
    return use(store);
  } finally {
    if (after.length > 0) execute(system, { title, steps: after, result: undefined });
  }
}
