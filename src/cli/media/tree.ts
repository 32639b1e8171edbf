// On the files of a medium that can be written: those of a stick that is mounted, or in any
// directory.

import { addonFile, programFile, slots } from "../../core/install/install-record.ts";
import { planChanges } from "../../core/install/plan-changes.ts";
import {
  type InstallRequest,
  planInstall,
  planUninstall,
} from "../../core/install/plan-install.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { formatSize } from "../../core/text/size.ts";
import type { InstallReport } from "../../report/install.ts";
import { renderJson } from "../../report/json.ts";
import { renderPlan } from "../../report/plan.ts";
import { findSame, inspectTree } from "../../system/install/inspect-tree.ts";
import { withMedium } from "../../system/install/with-medium.ts";
import type { System } from "../../system/port/system.ts";
import { execute } from "../../system/steps/execute.ts";
import { tell, tellPlan } from "../command-line/tell.ts";
import type { MediumWork, TargetOf } from "./medium-work.ts";
import { withAddon } from "./prepare-addon.ts";
import { requireServed, tellInstall } from "./tell-install.ts";

/** What is done there. */
export const tree: MediumWork<"tree"> = { install, uninstall };

function install(target: TargetOf<"tree">): void {
  const { invocation, medium, cannot } = target;
  withMedium(invocation.system, medium.path, cannot, () => {
    withAddon(invocation, (request) => installOn(target, request));
  });
}

function installOn(
  { invocation, medium: { path }, cannot }: TargetOf<"tree">,
  request: InstallRequest,
): void {
  const { system, arguments: given } = invocation;
  const { medium, installed } = inspectTree(system, path, cannot);
  const same = findSame(system, installed, request.addon);
  const { plan, changes } = planInstall(
    { ...installed, same },
    (addon) => planChanges(medium, { addon }),
    request,
  );
  requireServed(invocation, { path, changes }, cannot);
  const isDry = given.switches.has("dry-run");
  const copied = plan.steps.flatMap((step) => (step.do === "put-copy" ? [step] : []));
  const slot = slots.find((one) => copied.some(({ to }) => to.endsWith(`/${addonFile(one)}`)));
  const report: InstallReport = {
    ...{ path, changes },
    own: slot === undefined ? [] : [addonFile(slot), programFile],
    state: plan.steps.length === 0 ? "unchanged" : isDry ? "planned" : "done",
  };
  if (!isDry) {
    requireRoom(system, { path, cannot }, neededBytes(copied, changes));
    execute(system, plan);
  }
  tellInstall(invocation, report);
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
    const removed = installed.own.map((file) => ({ path: file, what: "removed" }));
    const report = { files: [...files, ...removed] };
    const json = () => renderJson(report);
    if (tellPlan(invocation, () => ({ text: () => renderPlan(plan), json }))) return;
    execute(system, plan);
    const text =
      report.files.length === 0
        ? `Nothing is installed on ${formatPath(path)}\n`
        : `Put ${formatPath(path)} back as it was: ${files.length} files restored\n`;
    tell(invocation, { text: () => text, json });
  });
}
