// What is the same on all media whose files can be written: the store, the room, executing a plan,
// and what is told.

import { addonFiles, programFile } from "../../core/install/install-record.ts";
import type { MediumChanges } from "../../core/install/plan-changes.ts";
import { type Installed, planUninstall } from "../../core/install/plan-install.ts";
import type { Plan } from "../../core/steps/step.ts";
import { defaultStoreName } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { joinPath } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import { renderPlan } from "../../report/plan.ts";
import { planMediumStore } from "../../system/create/medium-store.ts";
import type { System } from "../../system/port/system.ts";
import { execute } from "../../system/steps/execute.ts";
import { withHeldStore } from "../../system/stores/held-store.ts";
import type { Target } from "../command-line/medium.ts";
import { showProgress } from "../command-line/progress.ts";
import type { AskedStore } from "../command-line/store-flags.ts";
import { tellOutcome, tellPlan } from "../command-line/tell.ts";
import { tellInstall } from "./tell-install.ts";

/** What is to be installed. */
export interface PlannedInstall {
  /** The directory of the medium. */
  readonly path: string;
  readonly plan: Plan<undefined>;
  readonly changes: MediumChanges;
  /** The size of the store to make. */
  readonly size: AskedStore["size"];
  /** The system in which a new store is what it was when it was first seen. */
  readonly held: System;
  readonly notes?: readonly string[];
}

/** Calls `use` with a system in which a new store is what it was when it was first seen. */
export function withStoreHeld<T>(
  { invocation: { system }, medium }: Target,
  { size }: AskedStore,
  use: (held: System) => T,
): T {
  return size === undefined
    ? use(system)
    : withHeldStore(system, joinPath(medium.path, defaultStoreName), use);
}

/** Makes the store, executes the plan, and tells it; or only tells it. */
export function finishInstall(
  { invocation, cannot }: Target,
  { path, plan, changes, size, held, notes = [] }: PlannedInstall,
): void {
  const copied = plan.steps.flatMap((step) => (step.do === "put-copy" ? [step] : []));
  const otherBytes = plan.steps.length === 0 ? 0 : neededBytes(copied, changes);
  const store =
    size === undefined ? undefined : planMediumStore(held, { path, size, otherBytes }, cannot);
  // The store comes first: until the menus are changed the medium boots as it did.
  const steps = [...(store?.steps ?? []), ...plan.steps];
  const isDry = invocation.arguments.switches.has("dry-run");
  const addon = addonFiles.find((file) => copied.some(({ to }) => to.endsWith(`/${file}`)));
  if (!isDry) {
    requireRoom(invocation.system, { path, cannot }, otherBytes);
    execute(held, { ...plan, steps }, { progress: showProgress(invocation, "allocating") });
  }
  tellInstall(invocation, {
    ...{ path, changes, store, notes },
    own: addon === undefined ? [] : [addon, programFile],
    state: steps.length === 0 ? "unchanged" : isDry ? "planned" : "done",
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

/** Puts a medium back as it was, or tells how. */
export function finishUninstall({ invocation, medium }: Target, installed: Installed): void {
  const plan = planUninstall(installed);
  const files = [...installed.current.keys()].map((path) => ({ path, what: "restored" }));
  const removed = [...installed.own, ...installed.unfinished].map((path) => ({
    ...{ path, what: "removed" },
  }));
  const report = { changed: plan.steps.length > 0, files: [...files, ...removed] };
  const json = () => report;
  if (tellPlan(invocation, () => ({ text: () => renderPlan(plan), json }))) return;
  execute(invocation.system, plan);
  const text =
    report.files.length === 0
      ? `Nothing is installed on ${formatPath(medium.path)}\n`
      : `Put ${formatPath(medium.path)} back as it was: ${files.length} files restored\n`;
  tellOutcome(invocation, { text: () => text, json });
}
