// Where options come from: each source is a list of names and texts in the order they were written, and what is wrong
// with one is a Problem. A boot has at most: the initramfs's own defaults, the YAML files, the command line.

/** Says who gave a value: nobody ("default"), the initramfs's own defaults, the command line, or a line of a file. */
export type Origin = "default" | "initramfs" | "command line" | FileOrigin;

/** Is a place in a YAML file; lines count from 1. */
export interface FileOrigin {
  readonly file: string;
  readonly line?: number;
}

/** Is one name with its text; `value` is undefined for a bare word and for what is no text. */
export interface Entry {
  readonly name: string;
  readonly value: string | undefined;
  readonly line?: number;
  readonly column?: number;
}

/** Is everything that one place says. */
export interface Source {
  readonly origin: "initramfs" | "command line" | { readonly file: string };
  readonly entries: readonly Entry[];
}

/** Is one sentence about something in the options that was not taken, and where it is; never fatal. */
export interface Problem {
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** It is why no store may be used, whatever else the options say. */
  readonly isRefusal?: true;
}

/** Gives the origin of what an entry says. */
export function originOf(source: Source, entry: Entry): Origin {
  if (typeof source.origin === "string") return source.origin;
  return entry.line === undefined ? source.origin : { file: source.origin.file, line: entry.line };
}

/** Describes what is wrong with an entry, with the place it is at. */
export function describeProblem(message: string, source: Source, entry: Entry): Problem {
  if (source.origin === "command line") return { message };
  if (source.origin === "initramfs") return { message: `${message} (in the initramfs's defaults)` };
  const { line, column } = entry;
  return {
    message,
    file: source.origin.file,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}
