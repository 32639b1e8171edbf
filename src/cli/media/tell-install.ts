// How what is installed on a medium is told, or why nothing is.

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
