// What was imported, and from which live system.

import { type ForeignSystem, foreignNames } from "../../core/stores/foreign-store.ts";
import { formatPath } from "../../core/text/quoted.ts";
import {
  formatCarried,
  type Losses,
  renderLosses,
  renderOptions,
  summariseLosses,
} from "./carried.ts";

/** The changes that were imported, or would be. */
export interface ImportReport {
  readonly from: string;
  readonly system: ForeignSystem;
  readonly store: string;
  readonly kind: "file" | "directory" | "device";
  /** Whether the store is made first. */
  readonly isNew: boolean;
  /** What a boot needs to find it on a device; undefined for a plan. */
  readonly options: string | undefined;
  /** Undefined for an archive that was not read yet. */
  readonly entries: number | undefined;
  /** Undefined for an archive. */
  readonly bytes: number | undefined;
  /**
   * How many files had further names in the base, which aufs showed as the same file for the rest
   * of a session.
   */
  readonly looseFiles: number;
  readonly losses: Losses;
}

/** Renders what is not as it was, or was not where it came from. */
export function renderImportNotes({ looseFiles, losses }: ImportReport): string {
  const many = looseFiles === 1 ? "1 file has" : `${looseFiles} files have`;
  const note =
    looseFiles === 0
      ? ""
      : `Note: ${many} further names in the base, which show the base's version, as in every later session of aufs\n`;
  return note + renderLosses(losses);
}

/** Renders what was imported. */
export function renderImported(report: ImportReport): string {
  return `Imported ${describeImport(report)}\n${renderOptions(report.options)}`;
}

/** Renders what would be imported. */
export function renderImportPlan(report: ImportReport): string {
  const made = report.isNew ? `, a new ${nameKind(report.kind)}` : "";
  return `Import ${describeImport(report)}${made}\n`;
}

function nameKind(kind: ImportReport["kind"]): string {
  return kind === "device" ? "file system" : `${kind} store`;
}

function describeImport({ from, system, store, entries, bytes }: ImportReport): string {
  const amount = entries === undefined ? "" : ` (${formatCarried(entries, bytes)})`;
  return `${formatPath(from)}, ${foreignNames[system]}, into ${formatPath(store)}${amount}`;
}

/** Returns the same as an object for programs. */
export function summariseImport({ losses, ...report }: ImportReport): object {
  return { ...report, ...summariseLosses(losses) };
}
