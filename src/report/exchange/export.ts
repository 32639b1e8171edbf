// Changes that were exported.

import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { formatCarried, type Losses, summariseLosses } from "./carried.ts";

/** An export that was made, or that is planned. */
export interface ExportReport {
  readonly from: string;
  readonly file: string;
  readonly exportFormat: "oci" | "tar" | "squashfs";
  readonly compression: "none" | "gzip" | "zstd";
  /** How many paths, and what their files take in the store. */
  readonly entries: number;
  readonly bytes: number;
  /** The length of what was made; undefined for a plan. */
  readonly fileBytes: number | undefined;
  /** The digest of an image; undefined for a plan, or a file. */
  readonly digest: string | undefined;
  readonly losses: Losses;
}

/** Renders an export. */
export function renderExport(report: ExportReport): string {
  const { from, file, entries, bytes, fileBytes } = report;
  const word = fileBytes === undefined ? "Export" : "Exported";
  const made = fileBytes === undefined ? "" : `: ${formatSize(fileBytes)}`;
  const amount = formatCarried(entries, bytes);
  return `${word} the changes in ${formatPath(from)} (${amount}) as ${report.exportFormat} to ${formatPath(file)}${made}\n`;
}

/** Returns the same as an object for programs. */
export function summariseExport({ losses, ...report }: ExportReport): object {
  return { ...report, ...summariseLosses(losses) };
}
