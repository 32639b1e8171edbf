// The file system that contains the directory store. `cow_label` and `cow_device` both name it, so
// they are chosen together: a source that sets either replaces both.

import { type DeviceReference, parseDeviceReference } from "../devices/device-reference.ts";
import { Failure } from "../text/failure.ts";
import { formatQuoted } from "../text/quoted.ts";
import { type Chosen, lastOf, needsValue, type Ranked, type Resolution } from "./option-choice.ts";
import {
  describeProblem,
  type Entry,
  originOf,
  type Problem,
  type Source,
} from "./option-source.ts";

/** The two options; at most one has a value. */
export interface TargetOptions {
  readonly cow_label: Chosen<string | undefined>;
  readonly cow_device: Chosen<DeviceReference | undefined>;
}

/** The choice for both. */
export interface Target extends Ranked<TargetOptions> {
  /** The entry that set it, and its source; undefined if there is no target. */
  readonly given?: { readonly source: Source; readonly entry: Entry };
}

/** Chooses the file system that contains the directory store. */
export function chooseTarget({ sources, problems }: Resolution): Target {
  let target: Target = { ...nameTarget({ origin: "default" }, {}), rank: -1 };
  for (const [rank, source] of sources.entries()) {
    const entry = chooseEntry(source, problems);
    if (entry === undefined) continue;
    target = { ...readTarget(entry, source, problems), rank };
  }
  return target;
}

function readTarget(entry: Entry, source: Source, problems: Problem[]): Omit<Target, "rank"> {
  const from = { origin: originOf(source, entry) };
  const given = { source, entry };
  const text = entry.value ?? "";
  if (text === "") return nameTarget(from, {});
  if (entry.name === "cow_label") return { ...nameTarget(from, { label: text }), given };
  try {
    return { ...nameTarget(from, { device: parseDeviceReference(text, "cow_device") }), given };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const problem = describeProblem(error.message, source, entry);
    problems.push(problem);
    return { ...nameTarget(from, {}), given, refusal: { sentence: error.message, problem } };
  }
}

function nameTarget(
  { origin }: Pick<Target, "origin">,
  named: { readonly label?: string; readonly device?: DeviceReference },
): Pick<Target, "value" | "origin"> {
  const value = {
    cow_label: { value: named.label, origin },
    cow_device: { value: named.device, origin },
  };
  return { value, origin };
}

// One entry counts: the last that names something, otherwise one that resets it.
function chooseEntry(source: Source, problems: Problem[]): Entry | undefined {
  const entries = [lastOf(source, "cow_label"), lastOf(source, "cow_device")]
    .filter((entry) => entry !== undefined)
    .toSorted((a, b) => source.entries.indexOf(a) - source.entries.indexOf(b));
  for (const bare of entries.filter(({ value }) => value === undefined)) {
    problems.push(describeProblem(needsValue(bare.name), source, bare));
  }
  const naming = entries.filter(({ value }) => value !== undefined && value !== "");
  const [first, last] = naming;
  if (first === undefined) return entries.find(({ value }) => value === "");
  if (last === undefined) return first;
  const [one, other] = [first, last].map(
    ({ name, value = "" }) => `${name} ${formatQuoted(value)}`,
  );
  const message = `Cannot use both ${one} and ${other}: they name the same thing; using ${last.name}, which comes last`;
  problems.push(describeProblem(message, source, last));
  return last;
}
