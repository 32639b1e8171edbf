// What a command of the program is: data for its help and its arguments, and one function that runs it.
import type { System } from "../../system/port/system.ts";

/** Describes one flag; without `value` (the word for it in the usage) it is a switch. */
export interface Flag {
  readonly name: string;
  readonly value?: string;
  readonly repeated?: true;
  readonly help: string;
}

/** Is a command with all that its help says. */
export interface Command {
  readonly name: string;
  /** One line: "explain [--cmdline TEXT] [--image FILE]…". */
  readonly usage: string;
  /** A paragraph or two for --help, wrapped by hand at 100 columns. */
  readonly description: string;
  readonly flags: readonly Flag[];
  /**
   * Its operands in order: "PATH", or "[STORE]" for one that may be left out. A function where flags decide which there
   * are; it throws Failure "usage" for flags that do not fit together.
   */
  readonly operands: readonly string[] | ((given: Arguments) => readonly string[]);
  /** Returns the exit status; throws Failure for what a person can mend. */
  readonly run: (invocation: Invocation) => number;
}

/** Is one call of a command: its flags and operands are known to fit the command. */
export interface Invocation {
  readonly system: System;
  readonly arguments: Arguments;
  readonly context: Context;
}

/** Holds parsed flags and operands. */
export interface Arguments {
  readonly switches: ReadonlySet<string>;
  /** Values in the order they were given; more than one only for a repeated flag. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
}

/** Holds what is known of the process from outside. */
export interface Context {
  readonly version: string;
  readonly isRoot: boolean;
  readonly terminal: {
    readonly stdin: boolean;
    readonly stdout: boolean;
    readonly stderr: boolean;
    readonly color: boolean;
  };
}

/** Names a command for the list, and loads it when it is wanted. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}
