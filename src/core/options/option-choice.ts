// Which value an option has: that of the last source that sets it, and in it the last entry. A
// value that cannot be read is a Problem and leaves the previous value, unless it names a place:
// another one would be a guess.

import { Failure } from "../text/failure.ts";
import {
  describeProblem,
  type Entry,
  type Origin,
  originOf,
  type Problem,
  type Source,
} from "./option-source.ts";
import { type OptionName, optionTable } from "./options-table.ts";

/**
 * The value of one option and where it was set; an option that was reset has its default and the
 * place of the reset.
 */
export interface Chosen<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** A chosen value with what further decisions need. */
export interface Ranked<T> extends Chosen<T> {
  /** Index of the source that set it; -1 for none. */
  readonly rank: number;
  /** Why no store may be used. */
  readonly refusal?: Refusal;
}

/** A reason to use no store, and the problem that says so. */
interface Refusal {
  readonly sentence: string;
  readonly problem: Problem;
}

/** The sources to decide from, and the problems found so far, to which a decision adds. */
export interface Resolution {
  readonly sources: readonly Source[];
  readonly problems: Problem[];
}

/** The rule for reading the texts of one option. */
interface Rule<T> {
  readonly name: OptionName;
  readonly fallback: T;
  /** Reads a text that is not empty; throws a Failure if it is invalid. */
  readonly read: (text: string) => T;
  /** What a bare word means; without it a bare word is a problem. */
  readonly bare?: T;
  /** Whether a value that cannot be read means that no store may be used. */
  readonly refuses?: boolean;
}

/** Chooses the value of one option. */
export function choose<T>({ sources, problems }: Resolution, rule: Rule<T>): Ranked<T> {
  let chosen: Ranked<T> = { value: rule.fallback, origin: "default", rank: -1 };
  for (const [rank, source] of sources.entries()) {
    const entry = lastOf(source, rule.name);
    if (entry === undefined) continue;
    const origin = originOf(source, entry);
    try {
      chosen = { value: readEntry(entry, rule), origin, rank };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const problem = describeProblem(error.message, source, entry);
      problems.push(problem);
      // A bare word names no place at all, so there is nothing to refuse.
      if (rule.refuses && entry.value !== undefined) {
        const refusal = { sentence: error.message, problem };
        chosen = { value: rule.fallback, origin, rank, refusal };
      }
    }
  }
  return chosen;
}

/**
 * Returns the entry that counts for an option in one source; none if the option cannot be set
 * there.
 */
export function lastOf(source: Source, name: OptionName): Entry | undefined {
  const row = optionTable.find((option) => option.name === name);
  if (row?.where === "cmdline" && typeof source.origin !== "string") return undefined;
  return source.entries.findLast((entry) => entry.name === name);
}

/** Returns the public part of a choice. */
export function shown<T>({ value, origin }: Chosen<T>): Chosen<T> {
  return { value, origin };
}

/** Returns the message for a bare word that needs a value. */
export function needsValue(name: string): string {
  return `Cannot use ${name}: it needs a value, as in "${name}=…"`;
}

function readEntry<T>({ value }: Entry, { name, fallback, read, bare }: Rule<T>): T {
  if (value === "") return fallback;
  if (value !== undefined) return read(value);
  if (bare !== undefined) return bare;
  throw new Failure("usage", needsValue(name));
}
