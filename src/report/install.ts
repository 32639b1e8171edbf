// What installing on a medium changes, or has changed: for people and for programs.

import { encodeByteText } from "../core/bytes/byte-text.ts";
import { decodeUtf8 } from "../core/bytes/utf.ts";
import type { Reason } from "../core/install/choose-entries.ts";
import type { Family } from "../core/install/families.ts";
import type { UnservedFirmware } from "../core/install/firmware.ts";
import type { MediumChanges, ReportedEntry } from "../core/install/plan-changes.ts";
import { editText } from "../core/menus/edit.ts";
import { formatLine, formatPath, formatQuoted } from "../core/text/quoted.ts";
import { formatSize } from "../core/text/size.ts";

/** What is told of an installation. */
export interface InstallReport {
  readonly path: string;
  readonly changes: MediumChanges;
  /** Our own files that are put on the medium. */
  readonly own: readonly string[];
  /** Whether it is done, or was there already; false where it is only told. */
  readonly state: "done" | "unchanged" | "planned";
  readonly notes?: readonly string[];
  /** The store of the medium, if one was asked for. */
  readonly store?:
    | {
        readonly path: string;
        readonly bytes: number;
        readonly type: string;
        readonly isNew: boolean;
        /** Whether it is no file but a partition. */
        readonly isPartition?: boolean;
      }
    | undefined;
}

const reasons: Readonly<Record<Reason | "own-place" | "not-asked", string>> = {
  "no-kernel": "it starts no kernel",
  chain: "it starts another boot loader, a tool or a disk",
  "no-initrd": "it starts a kernel or tool without an initramfs",
  multiboot: "it starts a hypervisor or a kernel by multiboot",
  elsewhere: "it boots from another disk or image",
  netboot: "it is for booting over a network",
  "not-understood": "it is not understood",
  loader: "its boot loader is not supported",
  installer: "it is an installer",
  disk: "it boots a system that is on a disk",
  stop: "it stops before the system is started",
  forensic: "it is meant to write to no disk",
  volatile: "it is meant to keep nothing",
  check: "it only checks the medium",
  "option-taken": 'its initramfs has an option "backstore" of its own',
  "no-overlay": "its root is no overlay, so there is nothing to keep changes over",
  "other-media": "it boots other media, which are not changed here",
  "no-way": "the add-on has no way into this initramfs",
  "other-initrd": "it is not the live system's",
  "rdinit-taken": "it starts another program of the initramfs first",
  "not-asked": "it was not asked for",
  "own-place": "a copy of it that keeps changes is where the distribution reads additions",
};

const firmwareNames = { bios: "BIOS", uefi: "UEFI" } as const;

/** Renders what is changed: the family, all entries, differences line by line. */
export function renderInstall(report: InstallReport): string {
  const { path, changes, own, state, notes = [] } = report;
  const { family, entries, words } = changes;
  const changed = entries.filter((entry) => entry.changed);
  const head = {
    done: "Installed on",
    unchanged: "Already installed on",
    planned: "Would install on",
  }[state];
  const others = changes.lists
    .filter(({ treatment }) => treatment !== "corrected")
    .map((list) => `Note: ${formatPath(list.path)} ${listWords[list.treatment]}`);
  const what = isVentoy(entries) ? "images" : "menu entries";
  return [
    `${head} ${formatPath(path)}: ${renderFamily(family)}`,
    ...renderStore(report),
    `${changed.length} of ${entries.length} ${what} keep changes${words.length === 0 ? "" : `, with ${words.join(" ")}`}`,
    ...renderOwn(report),
    ...renderPersistence(report),
    ...entries.flatMap(renderEntry),
    ...(state === "planned" ? changes.changes.flatMap(renderDifference) : []),
    ...(state === "planned" ? own.map((file) => `add ${formatPath(file)}`) : []),
    ...others,
    ...notes.map((note) => `Note: ${note}`),
    "",
  ].join("\n");
}

function renderOwn({ changes: { family, isOwn } }: InstallReport): string[] {
  if (!isOwn || family === undefined) return [];
  return [
    `They boot by our own initramfs: what only the distribution's does (${family.initramfs}) is lost`,
  ];
}

/** A boot with it keeps changes where the distribution does, and the add-on leaves that alone. */
function renderPersistence({ changes: { family, entries, isOwn } }: InstallReport): string[] {
  const { persistence } = family ?? {};
  if (persistence === undefined || isOwn || !entries.some(({ changed }) => changed)) return [];
  return [`The distribution's own persistence (boot option ${persistence}) stays as it is`];
}

/** On a stick of Ventoy images take the place of entries. */
function isVentoy(entries: readonly ReportedEntry[]): boolean {
  return entries.some(({ loader }) => loader === "ventoy");
}

const listWords = {
  corrected: "has the new checksums",
  signed: "is signed and names changed files: it does not match any more",
  "not-corrected": "names changed files: it does not match any more",
} as const;

function renderStore({ store, state }: InstallReport): string[] {
  if (store === undefined) return [];
  const what = `the store ${formatPath(store.path)} of ${formatSize(store.bytes)} (${store.type})`;
  if (store.isNew) return [`${state === "planned" ? "Would create" : "Created"} ${what}`];
  return [`Kept ${what}${store.isPartition ? "" : '; "backstore grow" enlarges it'}`];
}

/** Renders a family in words. */
function renderFamily(family: Family | undefined): string {
  if (family === undefined) return "no live system is recognised";
  return `${family.name} (${family.initramfs})`;
}

function renderEntry(entry: ReportedEntry): string[] {
  const { file, changed, reason } = entry;
  const sign = changed ? "+" : " ";
  const words = reason === undefined ? "" : `: ${reasons[reason]}`;
  return [`${sign} ${formatPath(file)} ${formatQuoted(titleOf(entry))}${words}`];
}

/** A title is in the encoding of its menu, which is UTF-8 or not known. */
function titleOf({ title }: ReportedEntry): string {
  return decodeUtf8(encodeByteText(title));
}

/** Renders the lines that a file loses and gets. */
function renderDifference({ path, original, edits }: MediumChanges["changes"][number]): string[] {
  const before = (original ?? "").split("\n");
  const after = editText(original ?? "", edits).split("\n");
  const lines: string[] = [`--- ${formatPath(path)}`];
  let old = 0;
  for (let index = 0; index < after.length; index++) {
    if (after[index] === before[old]) {
      old++;
      continue;
    }
    // Lines are changed one by one, or added.
    const isAdded = after[index + 1] === before[old] || old >= before.length;
    if (!isAdded) lines.push(`-${renderLine(before[old++] ?? "")}`);
    lines.push(`+${renderLine(after[index] ?? "")}`);
  }
  return lines;
}

function renderLine(line: string): string {
  const text = decodeUtf8(encodeByteText(line.replace(/\r$/, "")));
  return text.split("\t").map(formatLine).join("\t");
}

/** Returns the same as an object for programs. */
export function summariseInstall({ changes, own, store, state }: InstallReport): object {
  const { family, entries, lists } = changes;
  const menus = changes.changes.filter(({ path }) => !lists.some((list) => list.path === path));
  return {
    changed: state !== "unchanged",
    family: family?.name,
    entries: entries.map((entry) => ({ ...entry, title: titleOf(entry) })),
    files: [
      ...(store?.isNew ? [{ path: nameOf(store.path), what: "added" }] : []),
      ...own.map((path) => ({ path, what: "added" })),
      ...menus.map(({ path, original }) => ({
        path,
        what: original === undefined ? "added" : "changed",
      })),
      ...lists.map(({ path, treatment }) => ({ path, what: treatment })),
    ],
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Returns in words why nothing is installed on a medium of a family. */
export function describeFamily({ refusal, way }: Family): string | undefined {
  if (refusal !== undefined) return reasons[refusal];
  return way === "none" ? reasons["no-way"] : undefined;
}

/** Returns why nothing is installed, for firmwares that would come to no changed entry. */
export function describeUnserved(
  { family, entries }: MediumChanges,
  [first, ...others]: readonly [UnservedFirmware, ...UnservedFirmware[]],
): string {
  const names = [first, ...others].map(({ firmware }) => firmwareNames[firmware]).join(" and ");
  if (first.why === "no-menu" && others.length === 0)
    return `the boot menu for ${names} is not among its files`;
  const because = reasonOfFamily(family) ?? onlyReason(entries);
  const why = because === undefined ? "" : `: ${reasons[because]}`;
  return `no menu entry for ${names} can be changed${why}`;
}

function reasonOfFamily(family: Family | undefined): Reason | undefined {
  return family?.refusal ?? (family?.way === "none" ? "no-way" : undefined);
}

function onlyReason(entries: readonly ReportedEntry[]): Reason | undefined {
  const found = new Set(entries.flatMap(({ reason }) => (isTelling(reason) ? [reason] : [])));
  return found.size === 1 ? [...found][0] : undefined;
}

/** Reasons that explain why a live system's entries are left as they are. */
function isTelling(reason: ReportedEntry["reason"]): reason is Reason {
  const telling: readonly (string | undefined)[] = [
    ...["installer", "volatile", "multiboot", "netboot", "loader", "rdinit-taken"],
  ];
  return telling.includes(reason);
}
