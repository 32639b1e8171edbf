// The size of a new store, as commands are given it.

import type { EntryStore } from "../../core/install/entry-store.ts";
import { isEntryLabel } from "../../core/install/entry-store.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import { parseStoreSize } from "../../core/text/size.ts";
import { usage } from "./arguments.ts";
import type { Arguments, Command, Flag } from "./command.ts";

/** The flags for the store of a medium. */
export const storeFlags: readonly Flag[] = [
  {
    name: "store",
    value: "SIZE",
    help: 'make a store on the medium: megabytes, 2G, 750MiB, or "max"',
  },
  {
    name: "label",
    value: "NAME",
    help: "the store is a directory on the file system with this label",
  },
];

/** What is asked for the store of a medium. */
export interface AskedStore {
  /** The size of the one that is made; undefined if none is. */
  readonly size: number | "max" | undefined;
  /** What the menus are to say of it; undefined if nothing was asked for. */
  readonly entry: EntryStore | undefined;
}

/** Reads "--store" and "--label"; throws Failure "usage" for what cannot be. */
export function readStoreFlags(command: Command, given: Arguments): AskedStore {
  const [size] = given.values.get("store") ?? [];
  const [label] = given.values.get("label") ?? [];
  if (size !== undefined && label !== undefined)
    throw usage(command, '"--store" and "--label" cannot be used together');
  if (size !== undefined) return { size: readStoreSize(command, size), entry: { kind: "file" } };
  if (label === undefined) return { size: undefined, entry: undefined };
  if (isEntryLabel(label)) return { size: undefined, entry: { kind: "label", label } };
  throw usage(
    command,
    `the label ${formatQuoted(label)} cannot be written in every boot menu: use letters, digits, ".", "_", "+" and "-"`,
  );
}

/** Reads a size; throws Failure "usage" if it is none. */
export function readStoreSize(command: Command, text: string): number | "max" {
  if (text === "max") return text;
  const bytes = parseStoreSize(text);
  if (bytes !== undefined) return bytes;
  throw usage(
    command,
    `invalid size ${formatQuoted(text)}: expected 256 (MiB), 2G, 750MiB or "max"`,
  );
}
