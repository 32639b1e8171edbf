// The parts of the command line that all ways of creating have in common.

import { findLabelFault } from "../../core/file-systems/labels.ts";
import {
  findStoreType,
  type StoreFileSystem,
  storeFileSystems,
} from "../../core/file-systems/store-types.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import {
  type CreateReport,
  renderCreated,
  renderNotes,
  summariseCreated,
} from "../../report/create.ts";
import { usage } from "./arguments.ts";
import type { Arguments, Command, Invocation } from "./command.ts";
import { isQuiet, type Telling } from "./tell.ts";

/** Returns the report on a store that was created. */
export function createdTelling(report: CreateReport): Telling {
  return {
    text: () => renderCreated(report),
    json: () => summariseCreated(report),
    notes: () => renderNotes([report.unfound, ...report.notes]),
  };
}

/** Tells what somebody may want to know before anything is written; --json has it at the end. */
export function warnFirst(invocation: Invocation, warning: string | undefined): void {
  if (isQuiet(invocation) || invocation.arguments.switches.has("json")) return;
  if (warning !== undefined) invocation.system.say("stderr", renderNotes([warning]));
}

/** Reads "--type"; throws Failure "usage" if no store can have it. */
export function readType(command: Command, given: Arguments): StoreFileSystem {
  const [type = "ext4"] = given.values.get("type") ?? [];
  const inner = findStoreType(type);
  if (inner !== undefined) return inner;
  const known = storeFileSystems.map((one) => one.type).join(", ");
  throw usage(command, `unsupported file system ${formatQuoted(type)}: choose one of ${known}`);
}

/** Reads "--label"; throws Failure "usage" if the file system cannot have it. */
export function readLabel(
  command: Command,
  given: Arguments,
  { type, labelBytes }: StoreFileSystem,
): string | undefined {
  const [label] = given.values.get("label") ?? [];
  if (label === undefined) return undefined;
  const fault = findLabelFault(label, { type, longest: labelBytes, unit: "bytes" });
  if (fault !== undefined) throw usage(command, fault);
  return label;
}
