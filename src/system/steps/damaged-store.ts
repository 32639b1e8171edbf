// A store whose file system contradicts itself. Its numbers are anybody's until a checker has seen
// them, and what cannot be computed with them is a finding, not a bug.
import { findStoreType, type StoreType } from "../../core/file-systems/store-types.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { errnoOf } from "../port/system.ts";

/** Makes the failure for a store whose file system is damaged, with the command that tells more. */
export function damagedStore(store: string, type: StoreType): Failure {
  const check = findStoreType(type)?.check(store).join(" ") ?? "";
  return new Failure(
    "damaged",
    `Cannot change the size of ${formatPath(store)}: its file system is damaged`,
    `see what is wrong: ${check}`,
  );
}

/** Computes with numbers of a store; a place that no file has is damage. */
export function orDamaged<T>(store: string, type: StoreType, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof RangeError || errnoOf(error) === "EINVAL") throw damagedStore(store, type);
    throw error;
  }
}
