// "backstore create PATH SIZE": a file store.

import { formatFileOptions } from "../../core/choosing/choosing-options.ts";
import type { CreateRequest } from "../../core/create/plan-create-file.ts";
import { limitsOf } from "../../core/file-systems/hosts.ts";
import { sessionMounts } from "../../core/session/places.ts";
import { type CreateReport, summariseCreatePlan } from "../../report/create.ts";
import { createStore, planStore } from "../../system/create/create-file-store.ts";
import { discoverRemovable } from "../../system/devices/discover-devices.ts";
import type { System } from "../../system/port/system.ts";
import { locateStore, type StorePlace } from "../../system/stores/locate-store.ts";
import type { Arguments, Command, Invocation } from "../command-line/command.ts";
import { showProgress } from "../command-line/progress.ts";
import { readStoreSize } from "../command-line/store-flags.ts";
import { planTelling, tell, tellPlan } from "../command-line/tell.ts";
import { createdTelling, readLabel, readType } from "./create-arguments.ts";

/** Creates a file store, or reports how. */
export function createFile(command: Command, invocation: Invocation): number {
  const { system } = invocation;
  const { path, request } = readRequest(command, invocation.arguments);
  const place = locateStore(system, path, "create a store at");
  const isDry = tellPlan(invocation, () => {
    const plan = planStore(system, place, request);
    return { ...planTelling(plan), json: () => summariseCreatePlan(plan) };
  });
  if (isDry) return 0;
  const made = createStore(system, { place, request }, showProgress(invocation, "allocating"));
  const { note } = limitsOf(place.host.type);
  const removable = isSearched(system, place);
  const report: CreateReport = {
    kind: "file",
    ...made,
    host: {
      target: place.host.mount.target,
      source: place.host.mount.source,
      type: place.host.type,
    },
    options:
      note === undefined ? formatFileOptions({ path: place.host.path, removable }) : undefined,
    removable,
    notes: note === undefined ? [] : [note],
  };
  tell(invocation, createdTelling(report));
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

/** Returns whether a boot searches there by default; it does search the disk with the medium. */
function isSearched(system: System, { host }: StorePlace): boolean | undefined {
  if (host.mount.target.startsWith(sessionMounts)) return true;
  const { source } = host.mount;
  if (!source.startsWith("/") || system.status(source) === undefined) return undefined;
  return discoverRemovable(system, system.resolve(source));
}
