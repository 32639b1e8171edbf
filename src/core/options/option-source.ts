// Where options come from: each source is a list of names and texts in the order they were written,
// and anything wrong with one is a Problem. A boot has at most these: the initramfs's own defaults,
// the YAML files, the machine's credential, the command line.

import { optionsCredential } from "./credential.ts";

/**
 * The place where a value was set: nowhere ("default"), in the initramfs's own defaults, in the
 * machine's credential, on the command line, or in a line of a file.
 */
export type Origin = "default" | "initramfs" | "credential" | "command line" | FileOrigin;

/** A place in a YAML file; lines count from 1. */
interface FileOrigin {
  readonly file: string;
  readonly line?: number;
}

/**
 * One name with its text; `value` is undefined for a bare word and for a value that is not text.
 */
export interface Entry {
  readonly name: string;
  readonly value: string | undefined;
  readonly line?: number;
  readonly column?: number;
}

/** All entries of one source. */
export interface Source {
  readonly origin: "initramfs" | "credential" | "command line" | { readonly file: string };
  readonly entries: readonly Entry[];
}

/**
 * A file of sysrescue.d on the medium, or one that sysrescuecfg names: its text, or why it could
 * not be read.
 */
export type YamlFile =
  | {
      readonly file: string;
      readonly text: string;
      /** Its path on the medium, if that is not its name in sysrescue.d. */
      readonly path?: string;
    }
  | { readonly file: string; readonly problem: string };

/** One sentence about something in the options that was ignored, and where it is; never fatal. */
export interface Problem {
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Set if it is about what our own initramfs cannot do, and others can. */
  readonly isOfInitramfs?: true;
  /** Set if this is why no store may be used, whatever else the options say. */
  readonly isRefusal?: true;
}

/** Returns the origin of an entry. */
export function originOf(source: Source, entry: Entry): Origin {
  if (typeof source.origin === "string") return source.origin;
  return entry.line === undefined ? source.origin : { file: source.origin.file, line: entry.line };
}

/** Describes what is wrong with an entry, and where it is. */
export function describeProblem(message: string, source: Source, entry: Entry): Problem {
  if (source.origin === "command line") return { message };
  if (source.origin === "initramfs") return { message: `${message} (in the initramfs's defaults)` };
  if (source.origin === "credential")
    return { message: `${message} (in the credential ${optionsCredential})` };
  const { line, column } = entry;
  return {
    message,
    file: source.origin.file,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}
