// A command of the program: data for its help and its arguments, and one function that runs it.
import type { FailureCode } from "../../core/text/failure.ts";
import type { System } from "../../system/port/system.ts";

/** A flag; without `value` (its name in the usage) it is a switch. */
export interface Flag {
  readonly name: string;
  readonly value?: string;
  readonly repeated?: true;
  readonly help: string;
}

/** A command with its help. */
export interface Command {
  readonly name: string;
  /** "explain [--cmdline TEXT] [--image FILE]…"; a command of several forms has a line for each. */
  readonly usage: string;
  /** A paragraph or two for --help, which breaks their lines anew. */
  readonly description: string;
  readonly flags: readonly Flag[];
  /**
   * Its operands in order: "PATH", or "[STORE]" for an optional one. A function if they depend on
   * flags; it throws Failure "usage" for flags that cannot be combined.
   */
  readonly operands: readonly string[] | ((given: Arguments) => readonly string[]);
  /** Returns the exit status; throws a Failure for errors that the user can fix. */
  readonly run: (invocation: Invocation) => number;
}

/** A call of a command: its flags and operands are known to be valid. */
export interface Invocation {
  readonly system: System;
  readonly arguments: Arguments;
  readonly context: Context;
}

/** Parsed flags and operands. */
export interface Arguments {
  readonly switches: ReadonlySet<string>;
  /** The values in the order they were given; more than one only for a repeated flag. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
}

/** The facts about the process from outside. */
export interface Context {
  readonly version: string;
  readonly isRoot: boolean;
  /** Returns a text that comes with the program; undefined if there is none of that name. */
  readonly text: (name: string) => string | undefined;
  /** Returns whether somebody wants the command to end (Ctrl-C). */
  readonly isInterrupted: () => boolean;
  readonly terminal: {
    readonly stdin: boolean;
    readonly stdout: boolean;
    readonly stderr: boolean;
    readonly color: boolean;
    /** What programs on it have to know ("TERM=…", "LANG=…"); none if undefined. */
    readonly variables?: readonly string[];
    /** Whether it cannot go back in a line (TERM=dumb). */
    readonly isDumb: boolean;
    /** The width of standard output; undefined if a line may have any length. */
    readonly columns: number | undefined;
    /** That of standard error. */
    readonly errorColumns: number | undefined;
  };
}

/** The name of a command for the list, and a function that loads it. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** The kinds of failure that it can end with, beside those that every command has. */
  readonly failures: readonly FailureCode[];
  /** Whether its JSON is one object a line, written as they are found; one in all if undefined. */
  readonly tellsLines?: true;
  readonly load: () => Promise<Command>;
}
