// "backstore create PATH SIZE": a file store.

import { formatFileOptions } from "../../core/choosing/choosing-options.ts";
import type { CreateRequest } from "../../core/create/plan-create-file.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { type CreateReport, renderNotes, summariseCreatePlan } from "../../report/create.ts";
import { createStore, planStore } from "../../system/create/create-file-store.ts";
import { inspectStoreHost } from "../../system/create/inspect-store-host.ts";
import { findBootPath } from "../../system/stores/boot-path.ts";
import { locateStore } from "../../system/stores/locate-store.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import {
  createdTelling,
  readLabel,
  readType,
  warnFirst,
} from "../command-line/create-arguments.ts";
import { showProgress } from "../command-line/progress.ts";
import { readStoreSize } from "../command-line/store-flags.ts";
import { planTelling, tellOutcome, tellPlan } from "../command-line/tell.ts";
import { sayingWhatIsLeft } from "../command-line/what-is-left.ts";

/** Creates a file store, or reports how. */
export function createFile(command: Command, invocation: Invocation): number {
  const { system } = invocation;
  const { path, request } = readRequest(command, invocation.arguments);
  const place = locateStore(system, path, "create a store at");
  const { host, removable, unfound: closed, warning } = inspectStoreHost(system, place.host.mount);
  const find = () => findBootPath(system, { ...place.host, closed });
  const isDry = tellPlan(invocation, () => {
    const plan = planStore(system, place, request);
    return {
      ...planTelling(plan),
      json: () => summariseCreatePlan(plan),
      notes: () => renderNotes([warning, find().note]),
    };
  });
  if (isDry) return 0;
  const listener = {
    planned: () => warnFirst(invocation, warning),
    progress: showProgress(invocation, "allocating"),
  };
  const worked = {
    store: place.store,
    undone: `nothing is left of ${formatPath(place.store)}`,
    hint: "the next run of the command removes it",
  };
  const made = sayingWhatIsLeft(invocation, worked, () =>
    createStore(system, { place, request }, listener),
  );
  const { path: found, note } = find();
  const report: CreateReport = {
    kind: "file",
    ...made,
    host,
    options: found === undefined ? undefined : formatFileOptions({ path: found, removable }),
    removable,
    unfound: found === undefined ? note : undefined,
    warning,
    notes: found === undefined || note === undefined ? [] : [note],
  };
  tellOutcome(invocation, createdTelling(report));
  return 0;
}

function readRequest(
  command: Command,
  given: Arguments,
): { readonly path: string; readonly request: CreateRequest } {
  const [path = "", size = ""] = given.operands;
  const inner = readType(command, given);
  return {
    path,
    request: {
      size: readStoreSize(command, size),
      inner,
      label: readLabel(command, given, inner),
      force: given.switches.has("force"),
    },
  };
}
