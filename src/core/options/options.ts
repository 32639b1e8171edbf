// The boot options as set by all sources together. Sources are passed lowest first, and later ones
// win: the defaults of the initramfs, YAML files in the order of their names, the command line. The
// defaults of the initramfs come first because they are the most general: one initramfs serves many
// media, and the medium's files know better. Nothing here is fatal: what is invalid is a Problem,
// and the previous value stays.

import { type DeviceReference, parseDeviceReference } from "../devices/device-reference.ts";
import { Failure } from "../text/failure.ts";
import { parseInnerPath } from "../text/path.ts";
import { formatQuoted } from "../text/quoted.ts";
import { type MemorySize, parseMemorySize } from "../text/size.ts";
import { type BackstoreOption, defaultBackstore, parseBackstore } from "./backstore-option.ts";
import {
  type Chosen,
  choose,
  lastOf,
  type Ranked,
  type Resolution,
  shown,
} from "./option-choice.ts";
import { checkNames } from "./option-names.ts";
import { describeProblem, originOf, type Problem, type Source } from "./option-source.ts";
import { chooseTarget, type Target, type TargetOptions } from "./option-target.ts";
import { type OptionName, optionTable } from "./options-table.ts";

/** Every option under its own name; at most one of `cow_label` and `cow_device` has a value. */
export interface Options extends TargetOptions {
  readonly backstore: Chosen<BackstoreOption>;
  /** Without a leading slash; undefined for `persistent_${archisolabel}/${arch}`. */
  readonly cow_directory: Chosen<string | undefined>;
  readonly cow_flags: Chosen<string | undefined>;
  readonly cow_spacesize: Chosen<MemorySize>;
  readonly copytoram: Chosen<boolean>;
  readonly docache: Chosen<boolean>;
  readonly loadsrm: Chosen<boolean>;
  readonly checksum: Chosen<boolean>;
  /** Undefined for a share of the free memory. */
  readonly copytoram_size: Chosen<MemorySize | undefined>;
  readonly sysrescuecfg: Chosen<readonly string[]>;
  readonly archisolabel: Chosen<string | undefined>;
  readonly archisodevice: Chosen<DeviceReference | undefined>;
  readonly archisobasedir: Chosen<string | undefined>;
  /**
   * Why no store may be used, as one sentence: the place that was named is invalid, and another
   * would be a guess.
   */
  readonly refused: string | undefined;
}

/** The options resolved from the sources, and what was ignored. */
export interface ResolvedOptions {
  readonly options: Options;
  readonly problems: readonly Problem[];
}

/** Resolves the options from all sources, lowest first. */
export function resolveOptions(sources: readonly Source[]): ResolvedOptions {
  const problems: Problem[] = [];
  const resolution: Resolution = { sources, problems };
  const backstore = chooseBackstore(resolution);
  const target = chooseTarget(resolution);
  const directory = choose(resolution, {
    name: "cow_directory",
    fallback: undefined,
    read: (text): string | undefined => parseInnerPath(text, "cow_directory"),
    refuses: true,
  });
  // The place of a file store does not matter if a directory store is asked for.
  const refusal =
    target.refusal ?? directory.refusal ?? (target.given ? undefined : backstore.refusal);
  const options: Options = {
    backstore: shown(backstore),
    ...target.value,
    cow_directory: shown(directory),
    cow_flags: chooseText(resolution, "cow_flags"),
    cow_spacesize: shown(
      choose<MemorySize>(resolution, {
        name: "cow_spacesize",
        fallback: { percent: 50 },
        read: (text) => readMemorySize("cow_spacesize", text),
      }),
    ),
    copytoram: chooseSwitch(resolution, "copytoram"),
    docache: chooseSwitch(resolution, "docache"),
    loadsrm: chooseSwitch(resolution, "loadsrm"),
    checksum: chooseSwitch(resolution, "checksum"),
    copytoram_size: shown(
      choose<MemorySize | undefined>(resolution, {
        name: "copytoram_size",
        fallback: undefined,
        read: (text) => readMemorySize("copytoram_size", text),
      }),
    ),
    sysrescuecfg: collect(resolution, "sysrescuecfg"),
    archisolabel: chooseText(resolution, "archisolabel"),
    archisodevice: shown(
      choose<DeviceReference | undefined>(resolution, {
        name: "archisodevice",
        fallback: undefined,
        read: (text) => parseDeviceReference(text, "archisodevice"),
      }),
    ),
    archisobasedir: shown(
      choose<string | undefined>(resolution, {
        name: "archisobasedir",
        fallback: undefined,
        read: (text) => parseInnerPath(text, "archisobasedir"),
      }),
    ),
    refused: refusal?.sentence,
  };
  problems.push(...checkKinds(backstore, target), ...sources.flatMap(checkPlaces));
  return {
    options,
    problems: [
      ...problems.map((one) =>
        one === refusal?.problem ? { ...one, isRefusal: true as const } : one,
      ),
      ...checkNames(sources),
    ],
  };
}

function chooseText(resolution: Resolution, name: OptionName): Chosen<string | undefined> {
  return shown(
    choose<string | undefined>(resolution, { name, fallback: undefined, read: (text) => text }),
  );
}

function chooseSwitch(resolution: Resolution, name: OptionName): Chosen<boolean> {
  return shown(
    choose<boolean>(resolution, {
      name,
      fallback: false,
      bare: true,
      read: (text) => {
        if (/^(y|yes|true|1|on)$/i.test(text)) return true;
        if (/^(n|no|false|0|off)$/i.test(text)) return false;
        throw new Failure(
          "usage",
          `Cannot use ${name} ${formatQuoted(text)}: expected "yes" or "no"`,
        );
      },
    }),
  );
}

/** Collects all values of an option, in all sources that may set it. */
function collect({ sources }: Resolution, name: OptionName): Chosen<readonly string[]> {
  const given = sources.flatMap((source) =>
    typeof source.origin !== "string"
      ? []
      : source.entries.flatMap((entry) =>
          entry.name === name && entry.value ? [{ source, entry, value: entry.value }] : [],
        ),
  );
  const last = given.at(-1);
  return {
    value: given.map(({ value }) => value),
    origin: last === undefined ? "default" : originOf(last.source, last.entry),
  };
}

function readMemorySize(name: OptionName, text: string): MemorySize {
  const size = parseMemorySize(text);
  if (size !== undefined) return size;
  throw new Failure(
    "usage",
    `Cannot use ${name} ${formatQuoted(text)}: expected a size such as "256M", "2G" or "50%"`,
  );
}

function chooseBackstore({ sources, problems }: Resolution): Ranked<BackstoreOption> {
  let chosen: Ranked<BackstoreOption> = { value: defaultBackstore, origin: "default", rank: -1 };
  for (const [rank, source] of sources.entries()) {
    const entry = lastOf(source, "backstore");
    if (entry === undefined) continue;
    const origin = originOf(source, entry);
    if (entry.value === "") {
      chosen = { value: defaultBackstore, origin, rank };
      continue;
    }
    const { value, problems: found } = parseBackstore(entry.value);
    chosen = { value, origin, rank };
    for (const { message, refuses } of found) {
      const problem = describeProblem(message, source, entry);
      problems.push(problem);
      if (refuses && chosen.refusal === undefined)
        chosen = { ...chosen, refusal: { sentence: message, problem } };
    }
  }
  return chosen;
}

function checkKinds(backstore: Ranked<BackstoreOption>, { given, rank }: Target): Problem[] {
  if (given === undefined) return [];
  const { source, entry } = given;
  const named = `${entry.name} ${formatQuoted(entry.value ?? "")}`;
  const { off, alldev, path, device } = backstore.value;
  if (off) {
    // Disabling for one boot what a file asks for is the purpose of "off"; asking in vain is not.
    if (rank <= backstore.rank) return [];
    return [describeProblem(`Cannot use ${named}: backstore=off overrides it`, source, entry)];
  }
  if (!alldev && path === undefined && device === undefined) return [];
  const message = `Cannot use both kinds of store: backstore asks for a file store and ${named} for a directory store; using the directory store`;
  return [describeProblem(message, source, entry)];
}

function checkPlaces(source: Source): Problem[] {
  if (typeof source.origin === "string") return [];
  return source.entries
    .filter(({ name }) => optionTable.some((row) => row.name === name && row.where === "cmdline"))
    .map((entry) =>
      describeProblem(
        `Cannot use ${entry.name} in a file: it is accepted only on the command line`,
        source,
        entry,
      ),
    );
}
