// On the files of a medium that can be written: those of a stick that is mounted, or in any
// directory.

import { wordsOf } from "../../core/install/entry-store.ts";
import { addonFile, programFile, slots } from "../../core/install/install-record.ts";
import { planChanges } from "../../core/install/plan-changes.ts";
import { findEntryStore, planInstall, planUninstall } from "../../core/install/plan-install.ts";
import { defaultStoreName } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { joinPath } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { renderPlan } from "../../report/plan.ts";
import { planMediumStore } from "../../system/create/medium-store.ts";
import { findSame, inspectTree } from "../../system/install/inspect-tree.ts";
import { withMedium } from "../../system/install/with-medium.ts";
import type { System } from "../../system/port/system.ts";
import { execute } from "../../system/steps/execute.ts";
import { withHeldStore } from "../../system/stores/held-store.ts";
import { showProgress } from "../command-line/progress.ts";
import { type AskedStore, readStoreFlags } from "../command-line/store-flags.ts";
import { tell, tellPlan } from "../command-line/tell.ts";
import type { MediumWork, TargetOf } from "./medium-work.ts";
import { type MadeAddon, withAddon } from "./prepare-addon.ts";
import { requireServed, tellInstall } from "./tell-install.ts";

/** What is done there. */
export const tree: MediumWork<"tree"> = { install, uninstall };

function install(target: TargetOf<"tree">): void {
  const { command, invocation, medium, cannot } = target;
  const { system } = invocation;
  const asked = readStoreFlags(command, invocation.arguments);
  withMedium(system, medium.path, cannot, () => {
    withAddon(invocation, (made) => {
      if (asked.size === undefined) installOn(target, { made, asked, held: system });
      else
        withHeldStore(system, joinPath(medium.path, defaultStoreName), (held) =>
          installOn(target, { made, asked, held }),
        );
    });
  });
}

interface Work {
  readonly made: MadeAddon;
  readonly asked: AskedStore;
  /** The system in which a new store is what it was when it was first seen. */
  readonly held: System;
}

function installOn(target: TargetOf<"tree">, { made, asked, held }: Work): void {
  const { invocation, medium: named, cannot } = target;
  const { path } = named;
  const { system } = invocation;
  const { medium, installed } = inspectTree(system, path, cannot);
  const same = findSame(system, installed, made.addon);
  const entry = asked.entry ?? findEntryStore(installed);
  const { plan, changes } = planInstall(
    { ...installed, same },
    (addon) => planChanges(medium, { addon, words: wordsOf(entry) }),
    { ...made, store: entry },
  );
  requireServed(invocation, { path, changes }, cannot);
  const copied = plan.steps.flatMap((step) => (step.do === "put-copy" ? [step] : []));
  const otherBytes = plan.steps.length === 0 ? 0 : neededBytes(copied, changes);
  const { size } = asked;
  const store =
    size === undefined ? undefined : planMediumStore(held, { path, size, otherBytes }, cannot);
  // The store comes first: until the menus are changed the medium boots as it did.
  const steps = [...(store?.steps ?? []), ...plan.steps];
  const isDry = invocation.arguments.switches.has("dry-run");
  const slot = slots.find((one) => copied.some(({ to }) => to.endsWith(`/${addonFile(one)}`)));
  if (!isDry) {
    requireRoom(system, { path, cannot }, otherBytes);
    execute(held, { ...plan, steps }, { progress: showProgress(invocation, "allocating") });
  }
  tellInstall(invocation, {
    ...{ path, changes },
    own: slot === undefined ? [] : [addonFile(slot), programFile],
    state: steps.length === 0 ? "unchanged" : isDry ? "planned" : "done",
    words: wordsOf(entry),
    store,
  });
}

function neededBytes(
  copied: readonly { readonly bytes: number }[],
  { changes }: { readonly changes: readonly { readonly original: string | undefined }[] },
): number {
  const files = copied.reduce((sum, { bytes }) => sum + bytes, 0);
  // What is kept, the record, and directories.
  return changes.reduce((sum, { original = "" }) => sum + 2 * original.length, files + 65_536);
}

function requireRoom(
  system: System,
  { path, cannot }: { readonly path: string; readonly cannot: string },
  bytes: number,
): void {
  const { availableBytes, readonly } = system.room(path);
  if (readonly) throw new Failure("unsafe", `${cannot}: it is mounted read-only`);
  if (availableBytes < bytes)
    throw new Failure(
      "no-room",
      `${cannot}: it needs ${formatSize(bytes)}, and ${formatSize(availableBytes)} are free`,
    );
}

function uninstall({ invocation, medium: { path }, cannot }: TargetOf<"tree">): void {
  const { system } = invocation;
  withMedium(system, path, cannot, () => {
    const { installed } = inspectTree(system, path, cannot);
    const plan = planUninstall({ ...installed, same: [] });
    const files = [...installed.current.keys()].map((file) => ({
      path: file,
      what: "restored",
    }));
    const removed = [...installed.own, ...installed.unfinished].map((file) => ({
      path: file,
      what: "removed",
    }));
    const report = { files: [...files, ...removed] };
    const json = () => report;
    if (tellPlan(invocation, () => ({ text: () => renderPlan(plan), json }))) return;
    execute(system, plan);
    const text =
      report.files.length === 0
        ? `Nothing is installed on ${formatPath(path)}\n`
        : `Put ${formatPath(path)} back as it was: ${files.length} files restored\n`;
    tell(invocation, { text: () => text, json });
  });
}
