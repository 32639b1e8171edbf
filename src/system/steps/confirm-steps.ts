// Inspects a store's file and directory again, once they are mounted for writing and every journal
// has been replayed.
import {
  type ConfirmStepArguments,
  isSameDirectory,
  isSameFile,
} from "../../core/steps/confirm-steps.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { locateFile } from "../looking/locate-file.ts";
import type { System } from "../port/system.ts";
import { inspectDirectory } from "../stores/inspect-directory.ts";
import { readStoreFile } from "../stores/read-store-file.ts";
import { oneWay, type Performers } from "./performers.ts";

/** Returns the functions that perform these steps. */
export function performConfirm(system: System): Performers<ConfirmStepArguments> {
  return {
    "confirm-file": oneWay(system, confirmFile),
    "confirm-store": oneWay(system, confirmStore),
  };
}

/**
 * Confirms that a store's file is unchanged; throws a Failure if it is not; an errno passes
 * through.
 */
function confirmFile(system: System, { root, seen }: ConfirmStepArguments["confirm-file"]): void {
  const { path } = seen;
  const located = locateFile(system, root, path);
  const isSame =
    located !== undefined &&
    "status" in located &&
    isSameFile(seen, readStoreFile(system, { root, path, status: located.status }));
  if (!isSame) throw otherwise(path);
}

/** Confirms that a store's directory is unchanged; throws a Failure if it is not. */
function confirmStore(system: System, { root, seen }: ConfirmStepArguments["confirm-store"]): void {
  const { directory } = seen;
  if (!isSameDirectory(seen, inspectDirectory(system, { root, directory })))
    throw otherwise(directory === "" ? "/" : directory);
}

function otherwise(path: string): Failure {
  return new Failure(
    "unsafe",
    `Cannot use the store ${formatPath(path)} as it was inspected: replaying its journal has changed it`,
  );
}
