// "backstore create --directory DIR": a directory store on a mounted file system.

import { planDirectory } from "../../core/create/plan-create-directory.ts";
import { type CreateReport, renderNotes } from "../../report/create.ts";
import { findDirectoryOptions } from "../../system/create/directory-options.ts";
import { inspectDirectoryPlace } from "../../system/create/inspect-directory-place.ts";
import { inspectStoreHost } from "../../system/create/inspect-store-host.ts";
import { execute } from "../../system/steps/execute.ts";
import { withHeldStore } from "../../system/stores/held-store.ts";
import { usage } from "../command-line/arguments.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { createdTelling, warnFirst } from "../command-line/create-arguments.ts";
import { planTelling, tellOutcome, tellPlan } from "../command-line/tell.ts";

/** Creates a directory store, or reports how. */
export function createDirectory(command: Command, invocation: Invocation): number {
  const { system, arguments: given } = invocation;
  const [path = ""] = given.values.get("directory") ?? [];
  if (path === "") throw usage(command, '"--directory" requires a directory');
  const { facts, mount, device } = inspectDirectoryPlace(system, path);
  const plan = planDirectory(facts);
  const { host, removable, unfound, warning } = inspectStoreHost(system, mount);
  const isDry = tellPlan(invocation, () => ({
    ...planTelling(plan),
    notes: () => renderNotes([warning, unfound]),
  }));
  if (isDry) return 0;
  warnFirst(invocation, warning);
  withHeldStore(system, facts.path, (held) => execute(held, plan));
  const found = findDirectoryOptions(system, { facts, mount, device }, unfound);
  const report: CreateReport = {
    kind: "directory",
    path: facts.path,
    bytes: undefined,
    type: facts.type,
    label: device.label,
    uuid: device.uuid,
    host,
    options: found.options,
    removable,
    unfound,
    warning,
    notes: [
      ...(found.note === undefined ? [] : [found.note]),
      ...(facts.found.exists ? ["the directory already existed and is empty"] : []),
    ],
  };
  tellOutcome(invocation, createdTelling(report));
  return 0;
}
