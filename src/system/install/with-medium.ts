// A medium in a directory, for as long as a command works on it.

import { Failure } from "../../core/text/failure.ts";
import { errnoOf, type System } from "../port/system.ts";
import { resolveOwnLinks } from "../stores/resolve-own-links.ts";

/**
 * Calls `use` with the path of a directory without links, locked against other runs; throws a
 * Failure that begins with `cannot`.
 */
export function withMedium<T>(
  system: System,
  directory: string,
  cannot: string,
  use: (path: string) => T,
): T {
  const path = resolveOwnLinks(system, directory, cannot);
  const kind = system.linkStatus(path)?.kind;
  if (kind === undefined) throw new Failure("not-found", `${cannot}: no such directory`);
  if (kind !== "directory") throw new Failure("usage", `${cannot}: it is not a directory`);
  const opened = system.openDirectory(path);
  try {
    return system.withLock(opened.path, () => use(path));
  } catch (error) {
    if (errnoOf(error) !== "EAGAIN") throw error;
    throw new Failure("in-use", `${cannot}: another program is working on it`);
  } finally {
    opened.close();
  }
}
