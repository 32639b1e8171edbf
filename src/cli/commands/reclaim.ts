// backstore reclaim: wins room in a store that is not in use.

import type { ChosenReclaims } from "../../core/revert/choose-reclaims.ts";
import { planReclaim } from "../../core/revert/plan-reclaim.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatLine, formatPath } from "../../core/text/quoted.ts";
import {
  askReclaim,
  countTaken,
  renderReclaimed,
  renderReclaims,
  summariseReclaims,
} from "../../report/reclaim.ts";
import { withBases, withUpper } from "../../system/changes/open-changes.ts";
import { withLookingPlace } from "../../system/looking/looking-place.ts";
import { requireTool } from "../../system/port/tool.ts";
import { inspectReclaims } from "../../system/revert/inspect-reclaims.ts";
import { findUseElsewhere } from "../../system/revert/inspect-reverts.ts";
import { withWritableStore } from "../../system/revert/open-store.ts";
import { execute } from "../../system/steps/execute.ts";
import { requireConsent, yesFlag } from "../command-line/agree.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { listenForFaults, viewOf } from "../command-line/store-view.ts";
import { tellingFlags, tellOutcome } from "../command-line/tell.ts";

/** Wins room. */
export const command: Command = {
  name: "reclaim",
  usage: "reclaim STORE --base BASE... [OPTION]...",
  description: `
Removes from a store what takes room and changes nothing: copies that are like the base's, deletions
of what the base does not have, and what commands that were killed have left. With --caches the
packages go that a package manager has downloaded, and with --logs the files in /var/log; in both
cases only what the base does not have. STORE is a directory store, the file of a store, or a device
with one, and must not be in use; BASE is an image of its base or a directory with its files, the
topmost first if it has several layers.

The room is free in the store then. With --trim, the blocks that are free in its file system are given
back as well, to its device, or to the disk that the file of a store is on; such a file is sparse then,
and is lost when that disk is full.

How much each would win is shown first, and has to be confirmed, at the terminal or with --yes.`,
  flags: [
    { name: "base", value: "BASE", repeated: true, help: "an image or directory with its base" },
    { name: "caches", help: "remove downloaded packages as well" },
    { name: "logs", help: "remove logs as well" },
    { name: "trim", help: "give free room back to the disk that has the store" },
    yesFlag,
    ...tellingFlags,
  ],
  operands: ["STORE"],
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given, context } = invocation;
  const [store = ""] = given.operands;
  const bases = given.values.get("base") ?? [];
  const cannot = `Cannot reclaim room in ${formatPath(store)}`;
  if (bases.length === 0)
    throw new Failure(
      "usage",
      `${cannot}: its base is not named`,
      "give an image of its base, or a directory with its files: --base BASE",
    );
  if (!context.isRoot)
    throw new Failure(
      "tool",
      `${cannot}: only root can read and remove what overlayfs has marked`,
      "run this as root",
    );
  const named = { caches: given.switches.has("caches"), logs: given.switches.has("logs") };
  const isDry = given.switches.has("dry-run");
  const trim = given.switches.has("trim");
  if (trim)
    requireTool(system, { action: `give free room of ${formatPath(store)} back`, tool: "fstrim" });
  withLookingPlace(system, (at) => {
    const view = viewOf(invocation, at);
    const faults = listenForFaults(invocation);
    const choose = (upper: string, lower: readonly string[]) =>
      inspectReclaims(system, { upper, lower }, { named, tellFault: faults.tell });
    const seen = withBases(system, { given: bases, view }, (lower) =>
      withUpper(system, { given: store, view, action: "reclaim room in" }, (upper) =>
        upper === undefined
          ? undefined
          : {
              chosen: choose(upper, lower),
              elsewhere: findUseElsewhere(system, directoryOf(upper)),
            },
      ),
    );
    const report = { sums: seen?.chosen.sums ?? [], problems: faults.count(), trim };
    const table = renderReclaims(report, context.terminal.columns);
    const tell = (shown: string) =>
      tellOutcome(invocation, {
        text: () => `${shown}${renderReclaimed(report, { isDry })}`,
        json: () => summariseReclaims(report),
      });
    if (isDry || seen === undefined || (countTaken(report) === 0 && !trim)) return tell(table);
    const { chosen, elsewhere } = seen;
    const warning = elsewhere === undefined ? "" : `${formatLine(`Warning: ${elsewhere}`)}\n`;
    const question = askReclaim(report, store);
    const isShown = requireConsent(invocation, { cannot, shown: `${table}${warning}`, question });
    if (at === undefined) throw new Failure("tool", `${cannot}: nothing can be mounted here`);
    const opening = { given: store, action: "reclaim room in", at, givesBack: trim };
    withBases(system, { given: bases, view }, (lower) =>
      withWritableStore(system, opening, (directory) => {
        const now: ChosenReclaims | undefined =
          directory === undefined ? undefined : choose(`${directory}/upperdir`, lower);
        if (directory === undefined || JSON.stringify(now) !== JSON.stringify(chosen))
          throw new Failure("in-use", `${cannot}: it was changed meanwhile`, "try again");
        execute(system, planReclaim(chosen, { store: directory, trim }));
      }),
    );
    tell(isShown ? "" : table);
  });
  return 0;
}
