// What shells can complete: the commands, their options and operands, and what each value can be.
import { flagsOf, shortOf } from "../../src/cli/command-line/arguments.ts";
import { commands } from "../../src/cli/command-table.ts";
import { changeKinds } from "../../src/core/changes/change.ts";
import { changeOrders } from "../../src/core/changes/group-changes.ts";
import { storeFileSystems } from "../../src/core/file-systems/store-types.ts";
import { backstoreWords, optionTable } from "../../src/core/options/options-table.ts";
import { exportFormats } from "../../src/system/exchange/export-changes.ts";
import { readManualPages } from "../manual-pages.ts";

/**
 * What a value or an operand can be: what the machine has of that kind, or one of `words`. A store is
 * a file or directory, and those that are mounted in the usual places are known.
 */
export type Kind = KindOfMachine | { readonly words: readonly string[] };

/** A kind of thing that the machine has. */
export type KindOfMachine = "file" | "directory" | "device" | "label" | "store" | "medium" | "any";

/** An option of a command. */
export interface CompletedFlag {
  readonly name: string;
  readonly short: string | undefined;
  readonly help: string;
  readonly repeated: boolean;
  /** The name of its value in the help; undefined for a switch. */
  readonly value: string | undefined;
  readonly kind: Kind;
}

/** A command with what can follow it. */
export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly CompletedFlag[];
  readonly operands: readonly { readonly name: string; readonly kind: Kind }[];
}

const resized = [
  { name: "PATH", kind: "store" },
  { name: "SIZE", kind: "any" },
] as const;

const operandsOf: Readonly<Record<string, CompletedCommand["operands"]>> = {
  create: [
    { name: "PATH", kind: "file" },
    { name: "SIZE", kind: "any" },
  ],
  grow: resized,
  shrink: resized,
  label: [
    { name: "DEV", kind: "device" },
    { name: "NAME", kind: "any" },
  ],
  status: [],
  explain: [],
  list: [],
  check: [{ name: "STORE", kind: "store" }],
  changes: [{ name: "STORE", kind: "store" }],
  diff: [{ name: "PATH", kind: "file" }],
  revert: [{ name: "PATH", kind: "file" }],
  reclaim: [{ name: "STORE", kind: "store" }],
  report: [],
  adopt: [
    { name: "TARGET", kind: "store" },
    { name: "SIZE", kind: "any" },
  ],
  copy: [
    { name: "STORE", kind: "store" },
    { name: "TARGET", kind: "file" },
    { name: "SIZE", kind: "any" },
  ],
  export: [
    { name: "STORE", kind: "store" },
    { name: "FILE", kind: "file" },
  ],
  import: [
    { name: "OLD", kind: "file" },
    { name: "NEW", kind: "store" },
    { name: "SIZE", kind: "any" },
  ],
  run: [],
  initramfs: [],
  install: [{ name: "MEDIUM", kind: "medium" }],
  uninstall: [{ name: "MEDIUM", kind: "medium" }],
  help: [{ name: "PAGE", kind: { words: listPages() } }],
};

const kinds: Readonly<Record<string, Kind>> = {
  BASE: "file",
  METHOD: { words: ["none", "gzip", "zstd"] },
  DEV: "device",
  DIR: "directory",
  FILE: "file",
  IMAGE: "file",
  KIND: { words: changeKinds },
  N: "any",
  NEW: "file",
  ORDER: { words: changeOrders },
  PATH: "file",
  TEXT: { words: listOptions() },
  STORE: "store",
  TYPE: { words: storeFileSystems.map(({ type }) => type) },
};

/** Returns all commands in the order of the help. */
export async function listCompletions(): Promise<readonly CompletedCommand[]> {
  return Promise.all(
    commands.map(async ({ name, summary, load }) => {
      const flags = flagsOf(await load()).map(
        ({ name: flag, value, help, repeated }): CompletedFlag => ({
          name: flag,
          short: shortOf(flag),
          help,
          repeated: repeated === true,
          value,
          kind: kindOf(name, { name: flag, value }),
        }),
      );
      const operands = operandsOf[name];
      if (operands === undefined)
        throw new Error(`Cannot complete "${name}": its operands are unknown`);
      return { name, summary, flags, operands };
    }),
  );
}

function kindOf(
  command: string,
  { name, value }: { readonly name: string; readonly value: string | undefined },
): Kind {
  if (value === undefined) return "any";
  if (value.includes("|")) return { words: value.split("|") };
  // A new file system gets a new label; elsewhere it names one that is there.
  if (name === "erase" || (name === "label" && command === "install")) return "label";
  // A directory, or the image of a base.
  if (name === "modules") return "file";
  if (name === "as") return { words: ["overlay", "aufs"] };
  if (name === "format") return { words: exportFormats };
  if (name === "store" && value === "SIZE") return { words: ["max"] };
  return kinds[value] ?? "any";
}

function listPages(): string[] {
  return readManualPages(".").map(({ file }) =>
    file.replace(/\.\d$/, "").replace(/^backstore-/, ""),
  );
}

/** Words of a kernel command line. */
function listOptions(): string[] {
  const words = backstoreWords.map(({ word }) => word).filter((word) => /^[a-z]+$/.test(word));
  const options = optionTable.filter(({ name }) => name !== "backstore");
  return [
    ...words.map((word) => `backstore=${word}`),
    ...options.map(({ name, type }) => (type === "switch" ? name : `${name}=`)),
  ];
}
