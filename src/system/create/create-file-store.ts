// Creates a file store: inspects its place, plans, and executes while no other run works in the
// same directory. The directory is locked, because the store does not exist yet; tools inherit the
// lock, so that one that outlives a killed run is not disturbed.

import {
  type CreateFacts,
  type CreateRequest,
  type NewStore,
  planCreate,
} from "../../core/create/plan-create-file.ts";
import { nameInSession } from "../../core/session/places.ts";
import type { Plan } from "../../core/steps/step.ts";
import { namesBeside } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { readSectorBytes } from "../devices/sector-size.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { failureOfErrno, ifPossible } from "../port/errors.ts";
import { errnoOf, type System } from "../port/system.ts";
import { requireTool } from "../port/tool.ts";
import { execute } from "../steps/execute.ts";
import type { Progress } from "../steps/file-steps.ts";
import { withHeldStore } from "../stores/held-store.ts";
import type { StorePlace } from "../stores/locate-store.ts";
import { findWritableHost } from "../stores/writable-host.ts";
import { withLocks } from "../usage/locked.ts";
import { nameHolder } from "../usage/name-holder.ts";

/** A store that was created. */
interface MadeStore extends NewStore {
  readonly uuid: string | undefined;
}

/** A listener that follows the creation of a store. */
interface CreateListener {
  /** Called once it is known that nothing speaks against it, before the first byte. */
  readonly planned: () => void;
  readonly progress: Progress;
}

/**
 * Plans how a store would be created in a place; throws a Failure if it is known to be impossible.
 */
export function planStore(
  system: System,
  place: StorePlace,
  request: CreateRequest,
): Plan<NewStore> {
  const facts = learnFacts(system, place);
  if (request.force) checkReplaceable(system, place);
  const plan = planCreate(facts, request);
  const [tool = ""] = request.inner.make({ path: "", bytes: 0, isZeroed: true });
  requireTool(system, { action: `create ${formatPath(place.store)}`, tool });
  return plan;
}

/** Creates a store in a place; if that fails, throws a Failure and leaves nothing behind. */
export function createStore(
  system: System,
  made: { place: StorePlace; request: CreateRequest },
  listener: CreateListener,
): MadeStore {
  return withHeldStore(system, made.place.store, (held) => createHeld(held, made, listener));
}

function createHeld(
  system: System,
  { place, request }: { place: StorePlace; request: CreateRequest },
  { planned, progress }: CreateListener,
): MadeStore {
  const { store } = place;
  const work = { action: "create", subject: store };
  return withLocks(system, { ...work, paths: [directoryOf(store)] }, () => {
    const replaces = request.force === true && system.status(store)?.kind === "file";
    const create = () => {
      const plan = planStore(system, place, request);
      planned();
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
    // What belongs to a resize of a store that no longer exists is useless.
    remains: (existing === undefined
      ? [beside.temporary, beside.intent, beside.changes]
      : [beside.temporary]
    ).flatMap((path) => learnRemains(system, path)),
    isUnfinished: system.linkStatus(beside.intent) !== undefined,
    host: {
      type: host.type,
      target: nameInSession(host.mount.target),
      totalBytes: host.room.totalBytes,
      availableBytes: host.room.availableBytes,
      sectorBytes: readSectorBytes(system, host.mount.source),
    },
  };
}

/**
 * A name of ours contains leftovers of a killed run; anything but a file there belongs to somebody
 * else.
 */
function learnRemains(system: System, path: string): { path: string; bytes: number }[] {
  const status = system.linkStatus(path);
  if (status === undefined) return [];
  if (status.kind === "file") return [{ path, bytes: status.allocatedBytes }];
  throw new Failure(
    "unsafe",
    `Cannot use the name ${formatPath(path)}: it exists and is not a file`,
    "move it away",
  );
}

function checkReplaceable(system: System, { store }: StorePlace): void {
  const cannot = `Cannot replace ${formatPath(store)}`;
  const holder = nameHolder(system, store);
  if (holder !== undefined) throw new Failure("in-use", `${cannot}: ${holder.reason}`, holder.hint);
  try {
    if (system.status(store)?.kind === "file") system.writeBytes(store, 0, new Uint8Array(0));
  } catch (error) {
    // What the kernel does not let root write to (immutable, used as swap) cannot be replaced
    // either; permission to write, and a place that is read-only at other times, are not needed.
    const errno = errnoOf(error) ?? "";
    if (errno === "EPERM" || errno === "ETXTBSY") throw failureOfErrno(cannot, error);
    if (errno !== "EACCES" && errno !== "EROFS") throw error;
  }
}

function identifyFile(system: System, path: string) {
  const bytes = system.status(path)?.bytes ?? 0;
  return ifPossible(() => readSuperblock(system, path, bytes));
}
