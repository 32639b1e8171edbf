// The store that changes are written into: made as "create" makes it, or one that is empty. What a
// run that was killed has made is taken for one that was there.

import { planDirectory } from "../../core/create/plan-create-directory.ts";
import type { CreateRequest } from "../../core/create/plan-create-file.ts";
import type { StoreFileSystem } from "../../core/file-systems/store-types.ts";
import { findStoreType } from "../../core/file-systems/store-types.ts";
import type { Plan } from "../../core/steps/step.ts";
import { identifyStore } from "../../core/stores/store-directory.ts";
import { defaultStoreName, isNamedAsStore } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { orFail } from "../port/errors.ts";
import { listBelowIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { undoing } from "../port/undo.ts";
import { execute } from "../steps/execute.ts";
import type { Progress } from "../steps/file-steps.ts";
import { withMounted } from "../steps/mounted-store.ts";
import { withWritableHost } from "../steps/with-writable-host.ts";
import { withHeldStore } from "../stores/held-store.ts";
import { readDirectory } from "../stores/inspect-directory.ts";
import { locateStore, type StorePlace } from "../stores/locate-store.ts";
import { findWritableHost } from "../stores/writable-host.ts";
import { withLocks } from "../usage/locked.ts";
import { nameHolder } from "../usage/name-holder.ts";
import { createStore, planStore } from "./create-file-store.ts";
import { inspectDirectoryPlace } from "./inspect-directory-place.ts";

/** What is asked for. */
export interface NewStoreRequest {
  readonly given: string;
  /** The size of a file; undefined for a directory, or for what is there already. */
  readonly size: number | "max" | undefined;
  readonly inner: StoreFileSystem;
  readonly label: string | undefined;
  /** What the store is for: "import into". */
  readonly action: string;
  /** What people know it by, if that is not the path. */
  readonly named?: string;
}

/** A store that is there and empty, or that is planned. */
export type NewStore = {
  readonly path: string;
  readonly named: string;
  readonly action: string;
} & (
  | {
      readonly kind: "file";
      /** Undefined where there is a store. */
      readonly request: CreateRequest | undefined;
      readonly plan: Plan | undefined;
    }
  | { readonly kind: "directory"; readonly plan: Plan | undefined }
);

/** Finds or plans a store; throws a Failure where it is known to be impossible, or has changes. */
export function planNewStore(system: System, request: NewStoreRequest): NewStore {
  const { given, size, action, named = given } = request;
  const cannot = `Cannot ${action} ${formatPath(named)}`;
  if (given === "") throw new Failure("usage", `${cannot}: a path cannot be empty`);
  if (size !== undefined) return planFile(system, request, size);
  const status = orFail(cannot, () => system.status(given));
  if (status?.kind === "file")
    return existingFile(system, locateStore(system, given, action), action);
  if (status?.kind === "block")
    throw new Failure(
      "usage",
      `${cannot}: it is a device, and a store on it is a directory`,
      "mount it, and name a directory on it",
    );
  if (status === undefined && isNamedAsStore(given))
    throw new Failure(
      "not-found",
      `${cannot}: there is no such store`,
      "to create it, add its size: 500MiB, 2G or max",
    );
  const names = status && listBelowIfPresent(system, { root: given, path: "" });
  if (names?.includes("upperdir")) throw hasChanges(cannot);
  if (names?.includes(defaultStoreName))
    return existingFile(system, locateStore(system, given, action), action);
  const { facts } = inspectDirectoryPlace(system, given);
  const { found } = facts;
  // A record alone is what an interrupted run has left.
  const plan = planDirectory({ ...facts, found: { ...found, record: undefined } });
  const { path } = facts;
  return {
    ...{ kind: "directory", path, named: request.named ?? path, action },
    plan: found.exists ? undefined : plan,
  };
}

function planFile(
  system: System,
  { given, inner, label, action }: NewStoreRequest,
  size: number | "max",
): NewStore {
  const place = locateStore(system, given, action);
  if (place.status?.kind === "file") return existingFile(system, place, action);
  const request: CreateRequest = { size, inner, label, force: undefined };
  const plan = planStore(system, place, request);
  return { kind: "file", path: place.store, named: place.store, action, request, plan };
}

function existingFile(system: System, place: StorePlace, action: string): NewStore {
  const { store } = place;
  const cannot = `Cannot ${action} ${formatPath(store)}`;
  typeOfStore(system, store, cannot);
  const holder = nameHolder(system, store);
  if (holder !== undefined) throw new Failure("in-use", `${cannot}: ${holder.reason}`, holder.hint);
  findWritableHost(system, place, action);
  return { kind: "file", path: store, named: store, action, request: undefined, plan: undefined };
}

function typeOfStore(system: System, path: string, cannot: string): string {
  const bytes = orFail(cannot, () => system.deviceBytes(path));
  const type = orFail(cannot, () => readSuperblock(system, path, bytes))?.type ?? "";
  if (findStoreType(type) !== undefined) return type;
  throw new Failure(
    "unsafe",
    `${cannot}: a file of that name exists and is not a store`,
    "choose another name",
  );
}

/**
 * Passes `use` the directory of the store, which is made before if it is planned, and removed again
 * if `use` throws. `at` is a place to mount a file in.
 */
export function withNewStore<T>(
  system: System,
  { store, at, progress }: { store: NewStore; at: string; progress: Progress },
  use: (directory: string) => T,
): T {
  const { path, named, action, plan } = store;
  const cannot = `Cannot ${action} ${formatPath(named)}`;
  if (store.kind === "directory") {
    return undoing(
      () => plan && system.removeDirectory(path),
      () => {
        if (plan !== undefined) withHeldStore(system, path, (held) => execute(held, plan));
        return useEmpty(system, { directory: path, cannot }, use);
      },
    );
  }
  return withWritableFile(system, store, (file) => {
    if (store.request !== undefined) {
      const made = { place: locateStore(system, file, action), request: store.request };
      createStore(system, made, { planned: () => {}, progress });
    }
    return undoing(
      () => store.request && system.removeFile(file),
      () =>
        withHeldStore(system, file, (held) =>
          withLocks(held, { paths: [file], action, subject: path }, () => {
            const type = typeOfStore(held, file, cannot);
            return withMounted(held, { file, type, at, readonly: false }, () =>
              useEmpty(system, { directory: at, cannot }, use),
            );
          }),
        ),
    );
  });
}

/** A file can be on the medium of the running session, which is mounted read-only. */
function withWritableFile<T>(
  system: System,
  { path, action }: NewStore,
  use: (file: string) => T,
): T {
  const writable = findWritableHost(system, locateStore(system, path, action), action);
  return withWritableHost(system, writable, () => use(writable.store));
}

function useEmpty<T>(
  system: System,
  { directory, cannot }: { directory: string; cannot: string },
  use: (directory: string) => T,
): T {
  const found = orFail(cannot, () => readDirectory(system, { root: directory, directory: "" }));
  const state = identifyStore(found, "it");
  if (state.kind === "refused") throw new Failure("unsafe", `${cannot}: ${state.reason}`);
  if (found.names.includes("upperdir")) throw hasChanges(cannot);
  return use(directory);
}

function hasChanges(cannot: string): Failure {
  return new Failure(
    "unsafe",
    `${cannot}: it is a store with changes already`,
    "name another store, a new or an empty one",
  );
}
