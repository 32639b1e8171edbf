// How what is installed on a medium is told, or why nothing is.

import type { EntryStore } from "../../core/install/entry-store.ts";
import type { MediumChanges } from "../../core/install/plan-changes.ts";
import { Failure } from "../../core/text/failure.ts";
import {
  describeUnserved,
  type InstallReport,
  renderInstall,
  summariseInstall,
} from "../../report/install.ts";
import type { Invocation } from "../command-line/command.ts";
import { tellOutcome } from "../command-line/tell.ts";

/** Tells what is installed, or would be. */
export function tellInstall(invocation: Invocation, report: InstallReport): void {
  tellOutcome(invocation, {
    text: () => renderInstall(report),
    json: () => summariseInstall(report),
  });
}

/** Throws a Failure where the initramfs of a family would take the label of a store for its own. */
export function requireOwnLabel(
  { family, isOwn }: MediumChanges,
  store: EntryStore | undefined,
  cannot: string,
): void {
  if (store?.kind !== "label" || family?.persistence !== "cow_label" || isOwn) return;
  throw new Failure(
    "usage",
    `${cannot}: the initramfs of ${family.name} takes cow_label for its own persistence, and backstore would leave that alone`,
    `name it in a file of the medium, sysrescue.d/store.yaml: global: {cow_device: LABEL=${store.label}}`,
  );
}

/**
 * Throws a Failure where a firmware would come to no changed entry; with --dry-run what was found
 * is told before.
 */
export function requireServed(
  invocation: Invocation,
  { path, changes }: { readonly path: string; readonly changes: MediumChanges },
  cannot: string,
): void {
  const [first, ...others] = changes.unserved;
  if (first === undefined) return;
  const isDry = invocation.arguments.switches.has("dry-run");
  if (isDry) tellInstall(invocation, { path, changes, own: [], state: "planned" });
  throw new Failure(
    "not-found",
    `${cannot}: ${describeUnserved(changes, [first, ...others])}`,
    isDry ? undefined : 'see what is left as it is, and why, with "--dry-run"',
  );
}
