// Inspecting the files of a medium that lie in a directory, before something is installed there or
// undone: their names, the texts of its menus, and what an earlier run has left.

import { decodeByteText } from "../../core/bytes/byte-text.ts";
import { isSameBytes } from "../../core/bytes/same.ts";
import {
  addonFile,
  addonFiles,
  type InstallRecord,
  keptDirectory,
  mostRecordBytes,
  ownDirectory,
  programFile,
  recordFile,
  type Slot,
  slots,
} from "../../core/install/install-record.ts";
import { isNeededText, type MediumFiles } from "../../core/install/plan-changes.ts";
import {
  findOriginals,
  type Installed,
  requireOwnStates,
} from "../../core/install/plan-install.ts";
import { defaultStoreName, namesBeside } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath, formatShellWord } from "../../core/text/quoted.ts";
import { ifPossible, orFail, reasonOf } from "../port/errors.ts";
import { listBelow, readBelow } from "../port/files.ts";
import { mountOf } from "../port/mount-of.ts";
import { errnoOf, type System } from "../port/system.ts";
import { readInstallRecord } from "../stores/read-install-record.ts";

/** A medium, and what is installed on it. */
export interface InspectedTree {
  /** Its files as they were before anything was installed. */
  readonly medium: MediumFiles;
  readonly installed: Omit<Installed, "same">;
}

/** Far more than a medium has; each costs memory. */
const mostFiles = 100_000;
const deepest = 12;
/** No menu and no list of checksums is longer, and a medium has not that many. */
const mostTextBytes = 1024 * 1024;
const mostTexts = 1000;

/** Inspects a medium at a path without links; throws a Failure that begins with `cannot`. */
export function inspectTree(system: System, path: string, cannot: string): InspectedTree {
  const { files, installed, read } = readInstalled(system, path, cannot);
  const originals = findOriginals({ ...installed, same: [] }, cannot);
  requireOwnStates({ ...installed, same: [] }, originals, cannot);
  const recorded = [...installed.records.values()].flatMap((record) => record.files);
  const created = new Set(
    recorded.filter(({ kept: name }) => name === null).map((one) => one.path),
  );
  const before = files.filter((file) => !created.has(file));
  const needed = before.filter(isNeededText);
  if (needed.length > mostTexts)
    throw new Failure("usage", `${cannot}: it has more than ${mostTexts} boot menus`);
  const texts = new Map(
    needed.map((file) => [file, originals.get(file) ?? installed.current.get(file) ?? read(file)]),
  );
  requireOriginals(texts, cannot);
  return { medium: { files: before, texts }, installed };
}

/** The files of a medium but our own, what is installed there, and a function that reads one. */
export interface ReadInstalled {
  readonly files: readonly string[];
  readonly installed: Omit<Installed, "same">;
  readonly read: (file: string) => string;
}

/** Reads what is installed on a medium, whatever somebody else has made of it. */
export function readInstalled(system: System, path: string, cannot: string): ReadInstalled {
  const all = findFiles(system, path, cannot);
  const read = (file: string) =>
    readOnMedium(system, { path, file, cannot }, () => readText(system, { path, file, cannot }));
  const own = all.filter(isOurs);
  const files = all.filter((file) => !file.startsWith(`${ownDirectory}/`));
  const records = new Map<Slot, InstallRecord>();
  for (const slot of slots) {
    const file = recordFile(slot);
    if (!own.includes(file)) continue;
    // One that cannot be read is not one that somebody has removed.
    readOnMedium(system, { path, file, cannot }, () =>
      ifUndamaged(() => readBelow(system, { root: path, path: file }, mostRecordBytes)),
    );
    const record = readInstallRecord(system, path, slot);
    if (record) records.set(slot, record);
  }
  const recorded = [...records.values()].flatMap((record) => record.files);
  const kept = new Map(
    recorded.flatMap(({ kept: name }) => {
      const file = `${keptDirectory}/${name}`;
      return name !== null && own.includes(file) ? [[name, read(file)] as const] : [];
    }),
  );
  const current = new Map(
    recorded.map(({ path: file }) => [file, files.includes(file) ? read(file) : undefined]),
  );
  const directories = [keptDirectory, ownDirectory].filter(
    (name) => system.linkStatus(`${path}/${name}`)?.kind === "directory",
  );
  const unfinished = files.filter((file) => file === namesBeside(defaultStoreName).temporary);
  const installed = { path, records, kept, current, own, directories, unfinished };
  return { files, installed, read };
}

/** Menus that name the add-on without a record of it cannot be put back. */
function requireOriginals(texts: ReadonlyMap<string, string>, cannot: string): void {
  for (const [file, text] of texts)
    if (addonFiles.some((addon) => text.includes(`/${addon}`)))
      throw new Failure(
        "damaged",
        `${cannot}: ${formatPath(file)} names the add-on, but the record of what it was before is missing`,
        `take ${formatPath(ownDirectory)} out of the menu by hand`,
      );
}

/** Returns whether a file in our directory is one of those that are put there. */
function isOurs(file: string): boolean {
  return (
    file === programFile ||
    addonFiles.includes(file) ||
    slots.some((slot) => file === recordFile(slot)) ||
    (file.startsWith(`${keptDirectory}/`) && /^\d{1,4}$/.test(file.slice(keptDirectory.length + 1)))
  );
}

function findFiles(system: System, root: string, cannot: string): string[] {
  const found: string[] = [];
  const visit = (path: string, depth: number) => {
    const place = { path: root, file: path, cannot };
    const names = readOnMedium(system, place, () =>
      ifUndamaged(() => listBelow(system, { root, path })),
    );
    for (const name of names ?? []) {
      const inner = path === "" ? name : `${path}/${name}`;
      const kind = readOnMedium(system, { ...place, file: inner }, () =>
        system.linkStatus(`${root}/${inner}`),
      )?.kind;
      if (kind === "file") found.push(inner);
      else if (kind === "directory" && depth < deepest) visit(inner, depth + 1);
      if (found.length > mostFiles)
        throw new Failure("usage", `${cannot}: it has more than ${mostFiles} files`);
    }
  };
  visit("", 0);
  return found.sort();
}

interface MediumPlace {
  /** The medium. */
  readonly path: string;
  /** A file or directory on it; "" is its top. */
  readonly file: string;
  readonly cannot: string;
}

/**
 * Reads something on a medium. What a file system answers where it is damaged, as FAT does of a
 * chain that a power cut has left, says neither what was read nor what to do.
 */
function readOnMedium<T>(system: System, { path, file, cannot }: MediumPlace, read: () => T): T {
  return orFail(cannot, () => {
    try {
      return read();
    } catch (error) {
      if (!damagedErrnos.includes(errnoOf(error) ?? "")) throw error;
      const name = formatPath(file === "" ? "/" : file);
      throw new Failure(
        "damaged",
        `${cannot}: ${name} on the medium cannot be read: ${reasonOf(error)}`,
        checkHint(system, path),
      );
    }
  });
}

/** Does something that the system may refuse for any other reason; the result is then undefined. */
function ifUndamaged<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined || damagedErrnos.includes(errno)) throw error;
    return undefined;
  }
}

const damagedErrnos: readonly string[] = ["EIO", "EUCLEAN", "EBADMSG"];

function checkHint(system: System, path: string): string {
  const { source = "DEVICE", type = "" } = ifPossible(() => mountOf(system, path)) ?? {};
  const tool = ["vfat", "msdos"].includes(type) ? "fsck.fat -a" : "fsck";
  return `unmount it and check its file system: ${tool} ${formatShellWord(source)}`;
}

function readText(system: System, { path: root, file, cannot }: MediumPlace): string {
  return system.withFile({ root, path: file }, ({ status, read }) => {
    if (status.bytes > mostTextBytes)
      throw new Failure("usage", `${cannot}: ${formatPath(file)} is too long for a text`);
    const owner = system.linkStatus(directoryOf(`${root}/${file}`))?.uid;
    if (status.links > 1 && status.uid !== owner)
      throw new Failure(
        "unsafe",
        `${cannot}: ${formatPath(file)} has another name elsewhere, and another owner than its directory`,
      );
    return decodeByteText(read(0, status.bytes));
  });
}

/** Returns the places at which the add-on is the same as a file. */
export function findSame(
  system: System,
  { path, own, form }: Omit<Installed, "same">,
  { addon, cannot }: { addon: { readonly path: string; readonly bytes: number }; cannot: string },
): Slot[] {
  return slots.filter((slot) => {
    const file = addonFile(slot, form);
    if (!own.includes(file)) return false;
    return readOnMedium(system, { path, file, cannot }, () =>
      system.withFile(
        { root: path, path: file },
        ({ status, read }) => status.bytes === addon.bytes && isSame(system, read, addon),
      ),
    );
  });
}

function isSame(
  system: System,
  read: (offset: number, length: number) => Uint8Array,
  { path, bytes }: { readonly path: string; readonly bytes: number },
): boolean {
  for (let at = 0; at < bytes; at += pieceBytes) {
    const length = Math.min(pieceBytes, bytes - at);
    if (!isSameBytes(read(at, length), system.readBytes(path, at, length))) return false;
  }
  return true;
}

const pieceBytes = 2 ** 20;
