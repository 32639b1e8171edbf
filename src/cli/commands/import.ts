// backstore import: the changes that another live system has kept become a store.

import { formatPath, formatQuoted } from "../../core/text/quoted.ts";
import { addLoss, type Losses, type LossReason } from "../../report/exchange/carried.ts";
import {
  type ImportReport,
  renderImported,
  renderImportNotes,
  renderImportPlan,
  summariseImport,
} from "../../report/exchange/import.ts";
import { importChanges, sumChanges } from "../../system/exchange/import-changes.ts";
import { importLayer } from "../../system/exchange/import-layer.ts";
import {
  type Foreign,
  type ForeignFormat,
  withForeign,
} from "../../system/exchange/open-foreign.ts";
import { orFail } from "../../system/port/errors.ts";
import { usage } from "../command-line/arguments.ts";
import {
  type CarryingView,
  collectLosses,
  requireMost,
  requireOutside,
  requireRoom,
  withCarryingView,
} from "../command-line/carrying.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { showProgress } from "../command-line/progress.ts";
import { readStoreSize } from "../command-line/store-flags.ts";
import { isQuiet, tellingFlags, tellOutcome, tellPlan } from "../command-line/tell.ts";
import { directoryOfAny } from "../create/device-target.ts";
import {
  optionsOf,
  planTarget,
  type Target,
  targetFlags,
  targetOperands,
  withDevicePlan,
  withTarget,
} from "../create/store-target.ts";

/** Imports changes. */
export const command: Command = {
  name: "import",
  usage: "import OLD NEW [SIZE] [OPTION]...\nimport OLD --device DEV --label NAME [OPTION]...",
  description: `
Takes over the changes that another live system has kept, so that the merged system is the same. OLD
is recognised by itself: a store of the first generation (aufs), the persistence of Debian's
live-boot (persistence.conf), of Ubuntu's casper and of antiX and MX, an overlay of dracut, and the
changes of Slax, Porteus and MiniOS; as a directory, or as a file or device with one. It can also be
a layer of an OCI image, as an archive or in an image layout (DIR or DIR:NAME). OLD is not changed.

NEW is an empty store, or made: with SIZE a file store as by backstore create, otherwise a directory
store. --device makes a file system with a directory store on a partition or disk, as "backstore
create" does. The store has either nothing or all of it, whatever interrupts the import.`,
  flags: [
    {
      name: "as",
      value: "FORMAT",
      help: "what OLD is if nothing tells: overlay (an upper directory) or aufs (a branch)",
    },
    ...targetFlags,
    ...tellingFlags,
  ],
  operands: (given) => ["OLD", ...targetOperands(command, given, ["NEW", "[SIZE]"])],
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given } = invocation;
  const [old = "", named = "", size] = given.operands;
  const request = {
    given: named,
    size: size === undefined ? undefined : readStoreSize(command, size),
    ...{ action: "import into", directory: directoryOfAny(system) },
  };
  const format = readFormat(given);
  return withCarryingView(invocation, `Cannot import ${formatPath(old)}`, (view) =>
    withForeign(system, { given: old, format, view }, (foreign) =>
      importForeign(invocation, {
        ...{ old, foreign, target: planTarget(command, invocation, request), view },
      }),
    ),
  );
}

function readFormat(given: Arguments): ForeignFormat | undefined {
  const [format] = given.values.get("as") ?? [];
  if (format === undefined || format === "overlay" || format === "aufs") return format;
  throw usage(command, `"--as" is overlay or aufs, not ${formatQuoted(format)}`);
}

interface Import {
  readonly old: string;
  readonly foreign: Foreign;
  readonly target: Target;
  readonly view: CarryingView;
}

function importForeign(invocation: Invocation, { old, foreign, target, view }: Import): number {
  const { system } = invocation;
  const losses: Losses = { examples: [], count: 0 };
  if (foreign.kind === "changes")
    for (const { path, reason } of foreign.leftOut) addLoss(losses, { path: `/${path}`, reason });
  const cannot = `Cannot import ${formatPath(old)}`;
  if (foreign.kind === "changes")
    requireOutside(invocation, { target: target.path, root: foreign.root, cannot });
  const isDry = invocation.arguments.switches.has("dry-run");
  const tellLeftOut = (path: string, reason: LossReason) =>
    isDry && addLoss(losses, { path, reason });
  const sum =
    foreign.kind === "changes"
      ? orFail(cannot, () => sumChanges(system, foreign, tellLeftOut))
      : undefined;
  if (foreign.kind === "changes") view.requireSound({ path: foreign.root, given: old, cannot });
  const report: ImportReport = {
    from: old,
    system: foreign.kind === "archive" ? "oci" : foreign.system,
    store: target.path,
    kind: target.kind,
    isNew: target.plan !== undefined,
    options: undefined,
    entries: sum?.entries,
    bytes: sum?.bytes,
    looseFiles: sum?.looseFiles ?? 0,
    losses,
  };
  const telling = (render: (report: ImportReport) => string, done: ImportReport) => ({
    text: () => render(done),
    json: () => summariseImport(done),
    notes: () => renderImportNotes(done),
  });
  const bytes = sum?.bytes ?? 0;
  const room = {
    kind: target.kind,
    bytes,
    cannot: `Cannot import into ${formatPath(target.path)}`,
  };
  requireMost({ ...room, freeBytes: target.mostBytes });
  if (tellPlan(invocation, () => withDevicePlan(target, telling(renderImportPlan, report))))
    return 0;
  const entries = withTarget(
    invocation,
    { target, at: view.at, progress: showProgress(invocation, "allocating") },
    (directory) => {
      const into = `${cannot} into ${formatPath(target.path)}`;
      requireRoom(invocation, { ...room, directory });
      return orFail(into, () => fill(invocation, { foreign, directory, bytes, losses }));
    },
  );
  const options = optionsOf(invocation, target);
  tellOutcome(invocation, telling(renderImported, { ...report, entries, options }));
  return 0;
}

function fill(
  invocation: Invocation,
  {
    foreign,
    directory,
    bytes,
    losses,
  }: { foreign: Foreign; directory: string; bytes: number; losses: Losses },
): number {
  const { system } = invocation;
  const progress = isQuiet(invocation) ? () => {} : showProgress(invocation, "importing");
  const heard = collectLosses(losses);
  if (foreign.kind === "archive")
    return importLayer(system, foreign, { store: directory, heard: { ...heard, progress } });
  const { entries } = importChanges(system, {
    ...{ root: foreign.root, parts: foreign.parts, store: directory },
    heard: { ...heard, progress: (done) => progress(done, bytes) },
  });
  return entries;
}
