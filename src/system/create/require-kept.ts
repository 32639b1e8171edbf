// Whether a file that a command is to write would be kept.

import { checkOutputPlace } from "../../core/create/check-place.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { ifPossible } from "../port/errors.ts";
import { mountOf } from "../port/mount-of.ts";
import type { System } from "../port/system.ts";

/**
 * Throws Failure "unsafe", beginning with `cannot`, for a file in memory or below /dev. A directory
 * that is not there is left to the one who writes.
 */
export function requireKept(system: System, path: string, cannot: string): void {
  const given = path.includes("/") ? path : `./${path}`;
  const directory = ifPossible(() => system.resolve(directoryOf(given)));
  if (directory === undefined) return;
  const host = mountOf(system, directory);
  const name = given.slice(given.lastIndexOf("/") + 1);
  if (host !== undefined) checkOutputPlace({ path: joinPath(directory, name), host }, cannot);
}
