// Kinds of changes, as commands are given them.

import { type ChangeKind, changeKinds } from "../../core/changes/change.ts";
import { formatList, formatQuoted } from "../../core/text/quoted.ts";
import { usage } from "./arguments.ts";
import type { Arguments, Command } from "./command.ts";

/** Reads "--kind"; throws Failure "usage" for what is none. */
export function readKinds(command: Command, given: Arguments): readonly ChangeKind[] {
  const kinds = given.values.get("kind") ?? [];
  return kinds.map((kind) => readWord(command, { flag: "kind", given: kind, known: changeKinds }));
}

/** Returns the one of some words that was given; throws Failure "usage" if it is none of them. */
export function readWord<T extends string>(
  command: Command,
  { flag, given, known }: { flag: string; given: string; known: readonly T[] },
): T {
  const found = known.find((one) => one === given);
  if (found !== undefined) return found;
  throw usage(command, `"--${flag}" is ${formatList(known, "or")}, not ${formatQuoted(given)}`);
}
