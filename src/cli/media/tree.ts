// On the files of a medium that can be written: those of a stick that is mounted, or in any
// directory.

import type { AddonForm } from "../../core/install/install-record.ts";
import { planChanges } from "../../core/install/plan-changes.ts";
import { findEntryStore, hasOwnInitramfs, planInstall } from "../../core/install/plan-install.ts";
import { findSame, inspectTree } from "../../system/install/inspect-tree.ts";
import { sumTextOn } from "../../system/install/sum-text.ts";
import { withMedium } from "../../system/install/with-medium.ts";
import type { System } from "../../system/port/system.ts";
import { type AskedStore, readStoreFlags } from "../command-line/store-flags.ts";
import { finishInstall, finishUninstall, withStoreHeld } from "./finish-install.ts";
import type { MediumWork, TargetOf } from "./medium-work.ts";
import { withOwnInitramfs } from "./own-initramfs.ts";
import { type MadeAddon, withAddon } from "./prepare-addon.ts";
import { requireServed } from "./tell-install.ts";

/** What is done there. */
export const tree: MediumWork<"tree"> = { install, uninstall };

function install(target: TargetOf<"tree">): void {
  const { command, invocation, medium, cannot } = target;
  const asked = readStoreFlags(command, invocation.arguments);
  const { system } = invocation;
  withMedium(system, medium.path, cannot, () => {
    const found = inspectTree(system, medium.path, cannot);
    const isOwn =
      invocation.arguments.switches.has("own-initramfs") || hasOwnInitramfs(found.installed);
    const use = (made: MadeAddon) =>
      withStoreHeld(target, asked, (held) => installOn(target, { made, asked, held, isOwn }));
    if (isOwn) withOwnInitramfs(target, found.medium, use);
    else withAddon(invocation, use);
  });
}

interface Work {
  readonly made: MadeAddon;
  readonly asked: AskedStore;
  readonly held: System;
  /** Whether it is our own initramfs that was made, in place of the distribution's. */
  readonly isOwn: boolean;
}

function installOn(target: TargetOf<"tree">, { made, asked, held, isOwn }: Work): void {
  const { invocation, medium: named, cannot } = target;
  const { path } = named;
  const { system } = invocation;
  const inspected = inspectTree(system, path, cannot);
  const { medium } = inspected;
  const form: AddonForm = isOwn ? "own" : "img";
  const installed = { ...inspected.installed, form };
  const same = findSame(system, installed, { addon: made.addon, cannot });
  const entry = asked.entry ?? findEntryStore(installed);
  const { plan, changes } = planInstall(
    { ...installed, same },
    (addon) => planChanges(medium, { addon, store: entry, sum: sumTextOn(system), isOwn }),
    { ...made, store: entry },
  );
  requireServed(invocation, { path, changes }, cannot);
  finishInstall(target, { path, plan, changes, size: asked.size, held });
}

function uninstall(target: TargetOf<"tree">): void {
  const { invocation, medium, cannot } = target;
  const { system } = invocation;
  withMedium(system, medium.path, cannot, () => {
    const { installed } = inspectTree(system, medium.path, cannot);
    finishUninstall(target, { ...installed, same: [] });
  });
}
