// The file store of a medium, which is made together with what is installed there.

import type { CreateRequest } from "../../core/create/plan-create-file.ts";
import { defaultStoreType, findStoreType } from "../../core/file-systems/store-types.ts";
import type { Step } from "../../core/steps/step.ts";
import { defaultStoreName } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { locateStore, type StorePlace } from "../stores/locate-store.ts";
import { planStore } from "./create-file-store.ts";

/** The store of a medium, and the steps that make it: none if it is there already. */
export interface MediumStore {
  readonly path: string;
  readonly bytes: number;
  readonly type: string;
  readonly isNew: boolean;
  readonly steps: readonly Step[];
}

/** What is asked for. */
interface MediumStoreRequest {
  /** The directory with the files of the medium. */
  readonly path: string;
  readonly size: CreateRequest["size"];
  /** What else is to be written there. */
  readonly otherBytes: number;
}

/** Plans the store of a medium; throws a Failure, mostly one that begins with `cannot`. */
export function planMediumStore(
  system: System,
  { path, size, otherBytes }: MediumStoreRequest,
  cannot: string,
): MediumStore {
  const place = locateStore(system, path, "create a store at");
  const { store, host, status } = place;
  if (host.path !== `/${defaultStoreName}`)
    throw new Failure(
      "usage",
      `${cannot}: a boot finds a store at the top of a file system, and ${formatPath(path)} is not the top of one`,
      "leave out --store, and make a store where the medium is mounted",
    );
  if (status !== undefined)
    return { ...requireStore(system, place, cannot), path: store, isNew: false, steps: [] };
  const availableBytes = Math.max(0, host.room.availableBytes - otherBytes);
  const left = { ...place, host: { ...host, room: { ...host.room, availableBytes } } };
  const request = { size, inner: defaultStoreType, label: undefined, force: false };
  const { result, steps } = planStore(system, left, request);
  return { path: store, bytes: result.bytes, type: result.type, isNew: true, steps };
}

function requireStore(
  system: System,
  { store, status }: StorePlace,
  cannot: string,
): { readonly bytes: number; readonly type: string } {
  const bytes = status?.kind === "file" ? status.bytes : 0;
  const type = ifPossible(() => readSuperblock(system, store, bytes))?.type;
  if (type !== undefined && findStoreType(type) !== undefined) return { bytes, type };
  throw new Failure(
    "unsafe",
    `${cannot}: ${formatPath(store)} is there, and is not a store`,
    "move it away",
  );
}
