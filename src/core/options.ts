// The boot options: what all sources say together. Sources are given lowest first, and later ones win: the defaults of
// the initramfs, YAML files in the order of their names, the command line. The defaults of the initramfs lie lowest
// because they are the widest: one initramfs serves many media, and the medium's files know better. Nothing here is
// fatal: what cannot be taken is a Problem, and the value that held before stays.

import { type BackstoreOption, defaultBackstore, parseBackstore } from "./backstore-option.ts";
import type { DeviceReference } from "./device-reference.ts";
import { parseDeviceReference } from "./device-reference.ts";
import { Failure } from "./failure.ts";
import { parseInnerPath } from "./inner-path.ts";
import { checkNames } from "./option-names.ts";
import {
  describeProblem,
  type Entry,
  type Origin,
  originOf,
  type Problem,
  type Source,
} from "./option-source.ts";
import { type OptionName, optionTable } from "./options-table.ts";
import { formatQuoted } from "./quoted.ts";
import { type MemorySize, parseMemorySize } from "./size.ts";

/** Is the value of one option and who gave it; an option that was cancelled has its default and the canceller. */
export interface Chosen<T> {
  readonly value: T;
  readonly origin: Origin;
}

/** Holds every option under its own name; at most one of `cow_label` and `cow_device` has a value. */
export interface Options {
  readonly backstore: Chosen<BackstoreOption>;
  readonly cow_label: Chosen<string | undefined>;
  readonly cow_device: Chosen<DeviceReference | undefined>;
  /** Without a leading slash; undefined for `persistent_${archisolabel}/${arch}`. */
  readonly cow_directory: Chosen<string | undefined>;
  readonly cow_flags: Chosen<string | undefined>;
  readonly cow_spacesize: Chosen<MemorySize>;
  readonly copytoram: Chosen<boolean>;
  readonly docache: Chosen<boolean>;
  readonly archisolabel: Chosen<string | undefined>;
  readonly archisodevice: Chosen<DeviceReference | undefined>;
  readonly archisobasedir: Chosen<string | undefined>;
  /** Why no store may be used, as one sentence: a place was named that cannot be one, and another would be a guess. */
  readonly refused: string | undefined;
}

/** Is what was made of the sources, and what could not be taken. */
export interface ResolvedOptions {
  readonly options: Options;
  readonly problems: readonly Problem[];
}

/** Decides what all sources say together, lowest first. */
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
  const options: Options = {
    backstore: shown(backstore),
    ...target.options,
    cow_directory: shown(directory),
    cow_flags: chooseText(resolution, "cow_flags"),
    cow_spacesize: shown(
      choose<MemorySize>(resolution, {
        name: "cow_spacesize",
        fallback: { percent: 50 },
        read: readMemorySize,
      }),
    ),
    copytoram: chooseSwitch(resolution, "copytoram"),
    docache: chooseSwitch(resolution, "docache"),
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
    refused: backstore.refused ?? target.refused ?? directory.refused,
  };
  problems.push(...checkKinds(backstore, target), ...sources.flatMap(checkPlaces));
  return { options, problems: [...problems, ...checkNames(sources)] };
}

interface Resolution {
  readonly sources: readonly Source[];
  readonly problems: Problem[];
}

interface Ranked<T> extends Chosen<T> {
  /** Index of the source that gave it; -1 for nobody. */
  readonly rank: number;
  readonly refused?: string;
}

interface Rule<T> {
  readonly name: OptionName;
  readonly fallback: T;
  /** Reads a text that is not empty; throws a Failure where it means nothing. */
  readonly read: (text: string) => T;
  /** What a bare word means; without it a bare word is a problem. */
  readonly bare?: T;
  /** Whether a value that cannot be read means that no store may be used. */
  readonly refuses?: boolean;
}

function choose<T>({ sources, problems }: Resolution, rule: Rule<T>): Ranked<T> {
  let chosen: Ranked<T> = { value: rule.fallback, origin: "default", rank: -1 };
  for (const [rank, source] of sources.entries()) {
    const entry = lastOf(source, rule.name);
    if (entry === undefined) continue;
    const origin = originOf(source, entry);
    try {
      chosen = { value: readEntry(entry, rule), origin, rank };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      problems.push(describeProblem(error.message, source, entry));
      if (rule.refuses) chosen = { value: rule.fallback, origin, rank, refused: error.message };
    }
  }
  return chosen;
}

function readEntry<T>({ value }: Entry, { name, fallback, read, bare }: Rule<T>): T {
  if (value === "") return fallback;
  if (value !== undefined) return read(value);
  if (bare !== undefined) return bare;
  throw new Failure("usage", `Cannot use ${name}: it needs a value, as in "${name}=…"`);
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
        throw new Failure("usage", `Cannot use ${name} ${formatQuoted(text)}: it is "yes" or "no"`);
      },
    }),
  );
}

function readMemorySize(text: string): MemorySize {
  const size = parseMemorySize(text);
  if (size !== undefined) return size;
  throw new Failure(
    "usage",
    `Cannot use cow_spacesize ${formatQuoted(text)}: it is no size such as "256M", "2G" or "50%"`,
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
    const { value, problems: found, refused } = parseBackstore(entry.value);
    problems.push(...found.map((message) => describeProblem(message, source, entry)));
    chosen = { value, origin, rank, ...(refused === undefined ? {} : { refused }) };
  }
  return chosen;
}

interface Target extends Ranked<undefined> {
  readonly options: Pick<Options, "cow_label" | "cow_device">;
  /** How the target was given ("cow_label"), and where; undefined where there is none. */
  readonly given?: { readonly name: string; readonly source: Source; readonly entry: Entry };
}

function chooseTarget({ sources, problems }: Resolution): Target {
  let target = targetOf({ value: undefined, origin: "default", rank: -1 }, {});
  for (const [rank, source] of sources.entries()) {
    const entry = chooseTargetEntry(source, problems);
    if (entry === undefined) continue;
    const from: Ranked<undefined> = { value: undefined, origin: originOf(source, entry), rank };
    const given = { name: entry.name, source, entry };
    if (entry.value === "") {
      target = targetOf(from, {});
    } else if (entry.value === undefined) {
      const message = `Cannot use ${entry.name}: it needs a value, as in "${entry.name}=…"`;
      problems.push(describeProblem(message, source, entry));
    } else if (entry.name === "cow_label") {
      target = { ...targetOf(from, { label: entry.value }), given };
    } else {
      target = { ...readTargetDevice(entry, { source, from, problems }), given };
    }
  }
  return target;
}

function targetOf(
  from: Ranked<undefined>,
  given: { label?: string; device?: DeviceReference },
): Target {
  const { origin } = from;
  return {
    ...from,
    options: {
      cow_label: { value: given.label, origin },
      cow_device: { value: given.device, origin },
    },
  };
}

interface TargetContext {
  readonly source: Source;
  readonly from: Ranked<undefined>;
  readonly problems: Problem[];
}

function readTargetDevice(entry: Entry, { source, from, problems }: TargetContext): Target {
  try {
    return targetOf(from, { device: parseDeviceReference(entry.value ?? "", "cow_device") });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    problems.push(describeProblem(error.message, source, entry));
    return targetOf({ ...from, refused: error.message }, {});
  }
}

function chooseTargetEntry(source: Source, problems: Problem[]): Entry | undefined {
  const label = lastOf(source, "cow_label");
  const device = lastOf(source, "cow_device");
  if (label === undefined || device === undefined) return label ?? device;
  if (label.value === "") return device;
  if (device.value === "") return label;
  const last = source.entries.indexOf(label) > source.entries.indexOf(device) ? label : device;
  const message = `Cannot use both cow_label ${formatQuoted(label.value ?? "")} and cow_device ${formatQuoted(device.value ?? "")}: they name one thing, and ${last.name}, which comes last, is taken`;
  problems.push(describeProblem(message, source, last));
  return last;
}

function checkKinds(backstore: Ranked<BackstoreOption>, { given, rank }: Target): Problem[] {
  if (given === undefined) return [];
  const { name, source, entry } = given;
  const named = `${name} ${formatQuoted(entry.value ?? "")}`;
  const { off, alldev, path, device } = backstore.value;
  if (off) {
    // Switching off for one boot what a file asks for is what "off" is for; asking in vain is not.
    if (rank <= backstore.rank) return [];
    return [
      describeProblem(
        `Cannot use ${named}: backstore=off holds, whatever else is set`,
        source,
        entry,
      ),
    ];
  }
  if (!alldev && path === undefined && device === undefined) return [];
  const message = `Cannot look for two kinds of store: backstore asks for a file store and ${named} for a directory store, which is taken`;
  return [describeProblem(message, source, entry)];
}

function checkPlaces(source: Source): Problem[] {
  if (typeof source.origin === "string") return [];
  return source.entries
    .filter(({ name }) => optionTable.some((row) => row.name === name && row.where === "cmdline"))
    .map((entry) =>
      describeProblem(
        `Cannot use ${entry.name} in a file: it is taken from the command line alone`,
        source,
        entry,
      ),
    );
}

function lastOf(source: Source, name: OptionName): Entry | undefined {
  const row = optionTable.find((option) => option.name === name);
  if (row?.where === "cmdline" && typeof source.origin !== "string") return undefined;
  return source.entries.findLast((entry) => entry.name === name);
}

function shown<T>({ value, origin }: Chosen<T>): Chosen<T> {
  return { value, origin };
}
