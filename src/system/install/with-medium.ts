// A medium in a directory, for as long as a command works on it.

import { Failure } from "../../core/text/failure.ts";
import { orFail } from "../port/errors.ts";
import { errnoOf, type System } from "../port/system.ts";

/**
 * Calls `use` while a directory, by its path without links, is locked against other runs; throws a
 * Failure that begins with `cannot`.
 */
export function withMedium<T>(system: System, path: string, cannot: string, use: () => T): T {
  const opened = orFail(cannot, () => system.openDirectory(path));
  try {
    return system.withLock(opened.path, use);
  } catch (error) {
    if (errnoOf(error) !== "EAGAIN") throw error;
    throw new Failure("in-use", `${cannot}: another program is working on it`);
  } finally {
    opened.close();
  }
}
