// The operand or flag that names a medium, and what it turns out to be.

import { identifyMedium, type NamedMedium } from "../../core/install/identify-medium.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { inspectNamedMedium } from "../../system/install/inspect-named-medium.ts";
import { usage } from "./arguments.ts";
import type { Arguments, Command, Flag, Invocation } from "./command.ts";

/** The flags that belong to it. */
export const mediumFlags: readonly Flag[] = [
  {
    name: "tree",
    value: "DIR",
    help: "a directory with the files of a medium, whatever it is on, instead of MEDIUM",
  },
  { name: "to", value: "NEW", help: "the new image, where MEDIUM is an ISO image" },
  { name: "force", help: "replace NEW if it exists, and write it even into memory" },
];

/** A medium that a command works on. */
export interface Target<Medium extends NamedMedium = NamedMedium> {
  readonly command: Command;
  readonly invocation: Invocation;
  readonly medium: Medium;
  /** As it was given. */
  readonly given: string;
  /** The beginning of each refusal: "Cannot install on …". */
  readonly cannot: string;
}

/** Returns the operands of a command on a medium. */
export function mediumOperands(given: Arguments): readonly string[] {
  return given.values.has("tree") ? [] : ["MEDIUM"];
}

/** Identifies the medium; `activity` ("install on") is what fails if it is none. */
export function readMedium(
  invocation: Invocation,
  { command, activity }: { readonly command: Command; readonly activity: string },
): Target {
  const { system, arguments: args } = invocation;
  const [tree] = args.values.get("tree") ?? [];
  const [to] = args.values.get("to") ?? [];
  const [given = ""] = tree === undefined ? args.operands : [tree];
  if (given === "") throw usage(command, "a medium cannot have an empty path");
  if (to === "") throw usage(command, '"--to" requires the path of a new image');
  const cannot = `Cannot ${activity} ${formatPath(given)}`;
  const facts = inspectNamedMedium(system, given, cannot);
  const medium = identifyMedium(facts, { given, cannot, to, isTree: tree !== undefined });
  return { command, invocation, medium, given, cannot };
}
