// backstore export: the changes in a store become an image that registries carry, an archive, or a
// module.

import type { Compression } from "../../core/exchange/oci-layout.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatList, formatPath, formatQuoted } from "../../core/text/quoted.ts";
import { type Losses, renderLosses } from "../../report/exchange/carried.ts";
import { type ExportReport, renderExport, summariseExport } from "../../report/exchange/export.ts";
import { withUpper } from "../../system/changes/open-changes.ts";
import {
  type ExportFormat,
  exportChanges,
  exportFormats,
  findExportPlace,
} from "../../system/exchange/export-changes.ts";
import { sumUpper } from "../../system/exchange/import-changes.ts";
import { orFail } from "../../system/port/errors.ts";
import { requireTool } from "../../system/port/tool.ts";
import { usage } from "../command-line/arguments.ts";
import {
  type CarryingView,
  collectLosses,
  requireOutside,
  withCarryingView,
} from "../command-line/carrying.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { showProgress } from "../command-line/progress.ts";
import { isQuiet, tellingFlags, tellOutcome, tellPlan } from "../command-line/tell.ts";

const compressions = ["none", "gzip", "zstd"] as const;

/** Exports changes. */
export const command: Command = {
  name: "export",
  usage: "export STORE FILE [OPTION]...",
  description: `
Writes the changes in a store for another place. STORE is a directory store, the file of a store, or a
device with one; it is not changed. FILE must not exist.

The formats are: oci, an image layout with one layer, which skopeo carries to any registry and
backstore import reads; tar, an archive of the upper directory with all attributes, as GNU tar makes
and reads it with --xattrs; and squashfs, a module that is one more layer of the base (SRM).`,
  flags: [
    {
      name: "format",
      value: "FORMAT",
      help: "oci, tar or squashfs (default: what FILE's name ends with, or oci)",
    },
    {
      name: "compress",
      value: "METHOD",
      help: "none, gzip or zstd (default: what FILE's name ends with; gzip for oci)",
    },
    ...tellingFlags,
  ],
  operands: ["STORE", "FILE"],
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given } = invocation;
  const [from = "", file = ""] = given.operands;
  const format = readFormat(given, file);
  const compression = readCompression(given, { format, file });
  if (file === "") throw usage(command, "the name of FILE cannot be empty");
  const cannot = `Cannot export ${formatPath(from)}`;
  const to = findExportPlace(system, file, cannot);
  for (const tool of toolsOf(format, compression)) requireTool(system, { action: "export", tool });
  return withCarryingView(invocation, cannot, (view) =>
    withUpper(system, { given: from, view, action: "export" }, (upper) => {
      if (upper === undefined)
        throw new Failure("not-found", `${cannot}: it is a new store without changes`);
      return exportUpper(invocation, { from, upper, to, format, compression, view });
    }),
  );
}

function readFormat(given: Arguments, file: string): ExportFormat {
  const [named] = given.values.get("format") ?? [];
  const known = exportFormats.find((one) => one === named);
  if (known !== undefined) return known;
  if (named !== undefined)
    throw usage(
      command,
      `"--format" is ${formatList(exportFormats, "or")}, not ${formatQuoted(named)}`,
    );
  if (/\.tar(?:\.gz|\.zst)?$/.test(file)) return "tar";
  return /\.(?:sfs|squashfs|srm)$/.test(file) ? "squashfs" : "oci";
}

function readCompression(
  given: Arguments,
  { format, file }: { format: ExportFormat; file: string },
): Compression {
  const [named] = given.values.get("compress") ?? [];
  if (named === undefined) return format === "oci" ? "gzip" : suffixed(file);
  const known = compressions.find((one) => one === named);
  if (known === undefined || format === "squashfs")
    throw usage(
      command,
      known === undefined
        ? `"--compress" is ${formatList(compressions, "or")}, not ${formatQuoted(named)}`
        : '"--compress" cannot be used with squashfs, which is always compressed',
    );
  return known;
}

/** A module is compressed by what makes it. */
function suffixed(file: string): Compression {
  if (file.endsWith(".tar.gz")) return "gzip";
  return file.endsWith(".tar.zst") ? "zstd" : "none";
}

function toolsOf(format: ExportFormat, compression: Compression): readonly string[] {
  return [
    ...(format === "squashfs" ? ["mksquashfs"] : []),
    ...(compression === "none" ? [] : [compression]),
  ];
}

interface Export {
  readonly from: string;
  readonly upper: string;
  readonly to: string;
  readonly format: ExportFormat;
  readonly compression: Compression;
  readonly view: CarryingView;
}

function exportUpper(
  invocation: Invocation,
  { from, upper, to, format, compression, view }: Export,
): number {
  const { system } = invocation;
  const cannot = `Cannot export ${formatPath(from)}`;
  requireOutside(invocation, { target: to, root: upper, cannot });
  const losses: Losses = { examples: [], count: 0 };
  const { entries, bytes } = orFail(cannot, () => sumUpper(system, upper));
  view.requireSound({ path: upper, given: from, cannot });
  const report: ExportReport = {
    ...{ from, file: to, exportFormat: format, compression, entries, bytes },
    ...{ fileBytes: undefined, digest: undefined, losses },
  };
  const telling = (done: ExportReport) => ({
    text: () => renderExport(done),
    json: () => summariseExport(done),
    notes: () => renderLosses(losses),
  });
  if (tellPlan(invocation, () => telling(report))) return 0;
  const advance = isQuiet(invocation) ? () => {} : showProgress(invocation, "exporting");
  const heard = { ...collectLosses(losses), progress: (done: number) => advance(done, bytes) };
  const made = orFail(`${cannot} to ${formatPath(to)}`, () =>
    exportChanges(system, { upper, bytes, to, format, compression, heard }),
  );
  const done = { ...report, fileBytes: made.bytes, digest: made.digest };
  tellOutcome(invocation, telling({ ...done, entries: made.entries ?? entries }));
  return 0;
}
