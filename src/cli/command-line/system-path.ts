// Paths of a system that changes are named by: from its top, and inside of it.

import { formatQuoted } from "../../core/text/quoted.ts";
import { usage } from "./arguments.ts";
import type { Command } from "./command.ts";

/**
 * Returns the names in a path from the top of a system; throws Failure "usage" for one that leads
 * out of it, and for an empty one: a variable without a value must not stand for everything.
 */
export function readSystemPath(command: Command, path: string): readonly string[] {
  if (path === "") throw usage(command, 'a path cannot be empty; "/" is the whole system');
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw usage(command, `${formatQuoted(path)} must not contain ".."`);
  return names;
}
