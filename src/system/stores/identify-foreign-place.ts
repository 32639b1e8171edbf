// Whether another live system has kept its changes in a directory: by inspection only, and no link
// is followed.

import { type ForeignStore, identifyForeign } from "../../core/stores/foreign-store.ts";
import { ifPossible } from "../port/errors.ts";
import { listBelow, readBelow } from "../port/files.ts";
import type { System } from "../port/system.ts";

/** A longer configuration is not read. */
const mostBytes = 1 << 18;

/** Identifies what is below a directory; `name` is the one that it was given by. */
export function identifyForeignPlace(
  system: System,
  { root, name }: { root: string; name: string },
): ForeignStore | undefined {
  return identifyForeign({
    name: name.slice(name.lastIndexOf("/") + 1),
    list: (path) => ifPossible(() => listBelow(system, { root, path })),
    readText: (path) => ifPossible(() => readBelow(system, { root, path }, mostBytes)),
  });
}
