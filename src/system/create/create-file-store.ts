// Makes a file store: learns what is in its place, plans, and does it while nobody else works in the same directory. The
// lock is the directory's, because the store is not there yet; tools inherit it, so that one which outlives a killed run
// is not disturbed.

import {
  type CreateFacts,
  type CreateRequest,
  type NewStore,
  planCreate,
} from "../../core/create/plan-create-file.ts";
import type { Plan } from "../../core/steps/step.ts";
import { namesBeside } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { requireTool } from "../port/tool.ts";
import { execute } from "../steps/execute.ts";
import type { Progress } from "../steps/file-steps.ts";
import type { StorePlace } from "../stores/locate-store.ts";
import { findWritableHost } from "../stores/writable-host.ts";
import { withLocks } from "../usage/locked.ts";
import { nameHolder } from "../usage/name-holder.ts";

/** Is a store that was made. */
interface MadeStore extends NewStore {
  readonly uuid: string | undefined;
}

/** Decides how a store would be made in a place; throws a Failure for what can be known to be impossible. */
export function planStore(
  system: System,
  place: StorePlace,
  request: CreateRequest,
): Plan<NewStore> {
  const facts = learnFacts(system, place);
  if (request.force) checkUnused(system, place);
  const plan = planCreate(facts, request);
  const [tool = ""] = request.inner.make({ path: "", bytes: 0, isZeroed: true });
  requireTool(system, { action: `create ${formatPath(place.store)}`, tool });
  return plan;
}

/** Makes a store in a place; throws a Failure, and leaves nothing new, where that fails. */
export function createStore(
  system: System,
  { place, request }: { place: StorePlace; request: CreateRequest },
  progress: Progress,
): MadeStore {
  const { store } = place;
  const work = { action: "create", subject: store };
  return withLocks(system, { ...work, paths: [directoryOf(store)] }, () => {
    const replaces = request.force && system.status(store)?.kind === "file";
    const create = () => {
      const plan = planStore(system, place, request);
      execute(system, plan, { progress });
      return { ...plan.result, uuid: identifyFile(system, store)?.uuid };
    };
    return withLocks(system, { ...work, paths: replaces ? [store] : [] }, create);
  });
}

function learnFacts(system: System, place: StorePlace): CreateFacts {
  const { store, host } = place;
  const writable = findWritableHost(system, place, "create");
  const beside = namesBeside(writable.store);
  const existing = system.status(store);
  return {
    store,
    writable,
    existing:
      existing === undefined
        ? undefined
        : existing.kind === "file"
          ? { kind: "file", type: identifyFile(system, store)?.type }
          : { kind: "other" },
    // What belongs to a resize of a store that is no more is of no use to anybody.
    remains: (existing === undefined
      ? [beside.temporary, beside.intent, beside.changes]
      : [beside.temporary]
    ).flatMap((path) => learnRemains(system, path)),
    isUnfinished: system.linkStatus(beside.intent) !== undefined,
    host: {
      type: host.type,
      target: host.mount.target,
      totalBytes: host.room.totalBytes,
      availableBytes: host.room.availableBytes,
    },
  };
}

/** A name that is our own holds what a killed run left; anything but a file there is somebody else's. */
function learnRemains(system: System, path: string): { path: string; bytes: number }[] {
  const status = system.linkStatus(path);
  if (status === undefined) return [];
  if (status.kind === "file") return [{ path, bytes: status.allocatedBytes }];
  throw new Failure(
    "unsafe",
    `Cannot use the name ${formatPath(path)}: what is there is not a file`,
    "move it away",
  );
}

function checkUnused(system: System, { store }: StorePlace): void {
  const holder = nameHolder(system, store);
  if (holder === undefined) return;
  throw new Failure("in-use", `Cannot replace ${formatPath(store)}: ${holder.reason}`, holder.hint);
}

function identifyFile(system: System, path: string) {
  const bytes = system.status(path)?.bytes ?? 0;
  return ifPossible(() => readSuperblock(system, path, bytes));
}
