// "backstore install": puts the add-on on a medium and into its boot menus.

import { addonHooks } from "../../core/initramfs/addon-contents.ts";
import { addonFile, programFile, slots } from "../../core/install/install-record.ts";
import { planChanges } from "../../core/install/plan-changes.ts";
import { type InstallRequest, planInstall } from "../../core/install/plan-install.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatSize } from "../../core/text/size.ts";
import {
  describeUnserved,
  type InstallReport,
  renderInstall,
  renderInstallJson,
} from "../../report/install.ts";
import { makeAddon } from "../../system/initramfs/make-addon.ts";
import { withWork } from "../../system/initramfs/write-archive.ts";
import { findSame, inspectTree } from "../../system/install/inspect-tree.ts";
import type { System } from "../../system/port/system.ts";
import { execute } from "../../system/steps/execute.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { tell, tellingFlags } from "../command-line/tell.ts";
import { treeFlag, withTree } from "../command-line/tree.ts";

/** The command. */
export const command: Command = {
  name: "install",
  usage: "install --tree DIR [OPTION]...",
  description: `
Puts the add-on (see backstore-addon(7)) and this program on a live medium, and the add-on into its
boot menus, so that the live system keeps changes. DIR contains the files of the medium: a stick
that is mounted there, or a copy of an ISO image from which another one is made.

Menus of GRUB, syslinux, isolinux, extlinux and systemd-boot are changed; entries that are no live
system or are not understood stay as they are, and are listed with the reason. What is changed is
kept in "backstore" on the medium; "backstore uninstall" puts it back.`,
  flags: [treeFlag, ...tellingFlags],
  operands: [],
  run,
};

function run(invocation: Invocation): number {
  const { system } = invocation;
  return withTree(invocation, { command, activity: "install on" }, (path, cannot) => {
    withWork(system, "make the add-on", (work) => {
      installOn(invocation, { path, cannot, request: prepare(invocation, work) });
    });
    return 0;
  });
}

/** Makes the add-on, which tells whether it is on the medium already. */
function prepare({ system, context }: Invocation, work: string): InstallRequest {
  const output = `${work}/addon.img`;
  const hooks = new Map(addonHooks.map(({ file }) => [file, context.text(file) ?? ""]));
  const bytes = makeAddon(system, { output, hooks });
  const program = "/proc/self/exe";
  return {
    version: context.version,
    addon: { path: output, bytes },
    program: { path: program, bytes: system.status(program)?.bytes ?? 0 },
  };
}

interface Target {
  readonly path: string;
  readonly cannot: string;
  readonly request: InstallRequest;
}

function installOn(invocation: Invocation, { path, cannot, request }: Target): void {
  const { system, arguments: given } = invocation;
  const { medium, installed } = inspectTree(system, path, cannot);
  const same = findSame(system, installed, request.addon);
  const { plan, changes } = planInstall(
    { ...installed, same },
    (addon) => planChanges(medium, { addon }),
    request,
  );
  const isDry = given.switches.has("dry-run");
  const copied = plan.steps.flatMap((step) => (step.do === "put-copy" ? [step] : []));
  const slot = slots.find((one) => copied.some(({ to }) => to.endsWith(`/${addonFile(one)}`)));
  const report: InstallReport = {
    ...{ path, changes },
    own: slot === undefined ? [] : [addonFile(slot), programFile],
    state: plan.steps.length === 0 ? "unchanged" : isDry ? "planned" : "done",
  };
  const [first, ...others] = changes.unserved;
  if (first !== undefined) {
    if (isDry) tellInstall(invocation, { ...report, own: [], state: "planned" });
    throw new Failure(
      "not-found",
      `${cannot}: ${describeUnserved(changes, [first, ...others])}`,
      isDry ? undefined : 'see what is left as it is, and why, with "--dry-run"',
    );
  }
  if (!isDry) {
    requireRoom(system, { path, cannot }, neededBytes(copied, changes));
    execute(system, plan);
  }
  tellInstall(invocation, report);
}

function tellInstall(invocation: Invocation, report: InstallReport): void {
  tell(invocation, {
    text: () => renderInstall(report),
    json: () => renderInstallJson(report),
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
