// The plans of installing on a medium and of undoing it. At every step the medium boots as it did
// before or as it does afterwards: what menus name is there before they name it and stays until
// they do not, and what is needed for undoing is there before anything changes.

import { editText } from "../menus/edit.ts";
import type { Plan, Step } from "../steps/step.ts";
import { Failure } from "../text/failure.ts";
import { formatPath } from "../text/quoted.ts";
import type { EntryStore } from "./entry-store.ts";
import {
  type AddonForm,
  addonFile,
  addonFiles,
  addonFilesOf,
  formatInstallRecord,
  type InstallRecord,
  type IsoRecord,
  isKept,
  isOwnState,
  keptDirectory,
  programFile,
  type RecordedFile,
  recordChange,
  recordFile,
  type Slot,
  slots,
} from "./install-record.ts";
import type { MediumChanges } from "./plan-changes.ts";

/** What is on a medium already, as far as it is ours. */
export interface Installed {
  /** Its directory in the running system. */
  readonly path: string;
  readonly records: ReadonlyMap<Slot, InstallRecord>;
  /** The names of the kept files, and their texts. */
  readonly kept: ReadonlyMap<string, string>;
  /** The texts of the files that a record names, as they are; undefined where there is none. */
  readonly current: ReadonlyMap<string, string | undefined>;
  /** The paths of files in our directory. */
  readonly own: readonly string[];
  /** Our directories that are there, the inner one first. */
  readonly directories: readonly string[];
  /** What making a store was killed at. */
  readonly unfinished: readonly string[];
  /** What the add-on is there; an initramfs if missing. */
  readonly form?: AddonForm;
  /** The places at which the add-on is the same as the one to be installed. */
  readonly same: readonly Slot[];
}

/** What is installed, and where it lies until then. */
export interface InstallRequest {
  readonly version: string;
  /** What the entries say of the store. */
  readonly store: EntryStore | undefined;
  readonly addon: { readonly path: string; readonly bytes: number };
  readonly program: { readonly path: string; readonly bytes: number };
  /** What is needed to undo it where the medium is an ISO image. */
  readonly iso?: IsoRecord;
}

/** Returns what the entries of a medium say of the store, as an earlier run has left them. */
export function findEntryStore({ records }: Pick<Installed, "records">): EntryStore | undefined {
  return [...records.values()].find(({ store }) => store !== undefined)?.store;
}

/** Returns whether an earlier run has left our own initramfs in the entries of a medium. */
export function hasOwnInitramfs({ records }: Pick<Installed, "records">): boolean {
  return [...records.values()].some(({ own }) => own === true);
}

/** Returns the files as they were before, from what was kept of them; throws where that is gone. */
export function findOriginals(installed: Installed, cannot: string): Map<string, string> {
  const originals = new Map<string, string>();
  for (const { files } of installed.records.values())
    for (const file of files) {
      if (file.kept === null) continue;
      const text = installed.kept.get(file.kept);
      if (text === undefined || !isKept(file, text))
        throw new Failure(
          "damaged",
          `${cannot}: what was kept of ${formatPath(file.path)} is missing or has changed`,
        );
      originals.set(file.path, text);
    }
  return originals;
}

/** Throws a Failure if somebody else has changed a file since it was installed. */
export function requireOwnStates(
  { records, current }: Installed,
  originals: ReadonlyMap<string, string>,
  cannot: string,
): void {
  const files = [...records.values()].flatMap((record) => record.files);
  for (const path of new Set(files.map((file) => file.path))) {
    const changes = files.filter((file) => file.path === path);
    const text = current.get(path);
    const isCreated = !originals.has(path);
    if (text === undefined && isCreated) continue;
    if (text !== undefined && isOwnState(text, originals.get(path) ?? "", changes)) continue;
    throw new Failure(
      "in-use",
      `${cannot}: ${formatPath(path)} was changed by somebody else since then`,
      `put it back as it was, see ${formatPath(keptDirectory)} on the medium`,
    );
  }
}

/** The files of a medium as they will be when a step is reached. */
type States = Map<string, string | undefined>;

/** The plan of installing, and what it changes. */
export interface InstallPlan {
  readonly plan: Plan<undefined>;
  readonly changes: MediumChanges;
}

/** Plans installing; no steps if all is as it should be. */
export function planInstall(
  installed: Installed,
  changesWith: (addon: string) => MediumChanges,
  request: InstallRequest,
): InstallPlan {
  const path = installed.path;
  const states: States = new Map(installed.current);
  const title = `Install on the medium in ${formatPath(path)}`;
  for (const slot of installed.same) {
    const changes = changesWith(addonFile(slot, installed.form));
    const record = makeRecord(installed, changes, request);
    const before = installed.records.get(slot);
    if (before === undefined || formatInstallRecord(before) !== formatInstallRecord(record))
      continue;
    const steps = [
      ...applySteps(installed, states, record, changes),
      ...dropOthers(installed, slot),
    ];
    return { plan: { title, steps: withSync(path, steps), result: undefined }, changes };
  }
  const [free] = slots.filter((slot) => !installed.records.has(slot));
  // Both places are taken where an upgrade was interrupted, and this is a third version.
  const settled = free === undefined ? settleSteps(installed, states) : [];
  const slot = free ?? "2";
  const changes = changesWith(addonFile(slot, installed.form));
  const record = makeRecord(installed, changes, request);
  const steps: Step[] = [
    ...settled,
    { do: "make-directory", path: `${path}/${keptDirectory}` },
    ...keepSteps(installed, record, changes),
    { do: "put-file", path: `${path}/${recordFile(slot)}`, text: formatInstallRecord(record) },
    putCopy(request.addon, `${path}/${addonFile(slot, installed.form)}`, 0o644),
    putCopy(request.program, `${path}/${programFile}`, 0o755),
    ...applySteps(installed, states, record, changes),
    ...dropOthers(installed, slot),
  ];
  return { plan: { title, steps: withSync(path, steps), result: undefined }, changes };
}

function putCopy(
  { path, bytes }: { readonly path: string; readonly bytes: number },
  to: string,
  mode: number,
): Step {
  return { do: "put-copy", from: path, to, bytes, mode };
}

function withSync(path: string, steps: readonly Step[]): Step[] {
  return steps.length === 0 ? [] : [...steps, { do: "sync-file-system", path }];
}

function makeRecord(
  { records, form }: Installed,
  { changes, family }: MediumChanges,
  { version, store, iso }: InstallRequest,
): InstallRecord {
  const files = [...records.values()].flatMap((record) => record.files);
  const names = new Map(files.map((file) => [file.path, file.kept]));
  const used = new Set(names.values());
  let next = 0;
  const takeName = () => {
    while (used.has(String(next))) next++;
    return String(next++);
  };
  return {
    ...{ format: 1, version, family: family?.name ?? "" },
    ...(store !== undefined && { store }),
    ...(form === "own" && { own: true as const }),
    files: changes.map(({ path, original, edits }) => {
      const kept = original === undefined ? null : (names.get(path) ?? takeName());
      return recordChange(path, original ?? "", { kept, edits });
    }),
    ...(iso === undefined ? {} : { iso }),
  };
}

function keepSteps(
  { path: top, kept: there }: Installed,
  { files }: InstallRecord,
  { changes }: MediumChanges,
): Step[] {
  return files.flatMap(({ path, kept }): Step[] => {
    const original = changes.find((change) => change.path === path)?.original;
    if (kept === null || original === undefined || there.get(kept) === original) return [];
    return [{ do: "put-file", path: `${top}/${keptDirectory}/${kept}`, text: original }];
  });
}

/** Plans the texts of a record, and the former ones of all files that it does not name. */
function applySteps(
  installed: Installed,
  states: States,
  { files }: InstallRecord,
  { changes }: MediumChanges,
): Step[] {
  const applied = files.flatMap(({ path, edits }) => {
    const original = changes.find((change) => change.path === path)?.original;
    if (!states.has(path)) states.set(path, original);
    return changeSteps(installed.path, states, path, editText(original ?? "", edits));
  });
  const named = files.map(({ path }) => path);
  const others = [...installed.records.values()].flatMap((record) => record.files);
  const restored = others.filter(({ path }) => !named.includes(path));
  return [...applied, ...restoreSteps(installed, states, restored)];
}

function changeSteps(top: string, states: States, file: string, to: string): Step[] {
  const from = states.get(file);
  states.set(file, to);
  if (from === to) return [];
  const path = `${top}/${file}`;
  if (from === undefined) return [{ do: "put-file", path, text: to }];
  return [{ do: "change-text", path, from, to }];
}

function restoreSteps(
  { path: top, kept }: Installed,
  states: States,
  files: readonly RecordedFile[],
): Step[] {
  const paths = new Set(files.map(({ path }) => path));
  return [...paths].flatMap((path): Step[] => {
    const name = files.find((file) => file.path === path)?.kept ?? null;
    if (name !== null) return changeSteps(top, states, path, kept.get(name) ?? "");
    const isThere = states.get(path) !== undefined;
    states.set(path, undefined);
    return isThere ? [{ do: "remove-put", path: `${top}/${path}` }] : [];
  });
}

/** Plans that the first place alone is used. */
function settleSteps(installed: Installed, states: States): Step[] {
  const files = installed.records.get("1")?.files ?? [];
  const applied = files.flatMap(({ path, kept, edits }) => {
    const original = kept === null ? "" : (installed.kept.get(kept) ?? "");
    return changeSteps(installed.path, states, path, editText(original, edits));
  });
  const named = files.map(({ path }) => path);
  const others = installed.records.get("2")?.files ?? [];
  const restored = others.filter(({ path }) => !named.includes(path));
  return [...applied, ...restoreSteps(installed, states, restored), ...dropSteps(installed, "2")];
}

function dropOthers(installed: Installed, slot: Slot): Step[] {
  return slots.filter((one) => one !== slot).flatMap((one) => dropSteps(installed, one));
}

function dropSteps({ path, own }: Installed, slot: Slot): Step[] {
  return [recordFile(slot), ...addonFilesOf(slot)]
    .filter((file) => own.includes(file))
    .map((file) => ({ do: "remove-put", path: `${path}/${file}` }));
}

/** Plans that the medium is as it was; no steps if nothing is installed. */
export function planUninstall(installed: Installed): Plan<undefined> {
  const states: States = new Map(installed.current);
  const files = [...installed.records.values()].flatMap((record) => record.files);
  const path = installed.path;
  const isOurs = (file: string) => addonFiles.includes(file);
  const records = installed.own.filter((file) => slots.some((slot) => file === recordFile(slot)));
  const others = installed.own.filter((file) => !records.includes(file) && !isOurs(file));
  const remove = (file: string): Step => ({ do: "remove-put", path: `${path}/${file}` });
  const steps: Step[] = [
    // Lists of checksums come last, as when they were changed.
    ...restoreSteps(installed, states, files),
    ...installed.own.filter(isOurs).map(remove),
    // Without a record, what was kept means nothing.
    ...records.map(remove),
    ...others.map(remove),
    ...installed.unfinished.map(remove),
  ];
  const emptied: Step[] = installed.directories.map((directory) => ({
    do: "remove-empty",
    path: `${path}/${directory}`,
  }));
  return {
    title: `Undo what was installed on the medium in ${formatPath(path)}`,
    steps: withSync(path, [...steps, ...emptied]),
    result: undefined,
  };
}
