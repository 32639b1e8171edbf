// Where a checker runs: in a root that it can only read, with the device that it checks as the only
// one, and memory of a limited size for temporary files. It belongs to a user without rights, so
// that whoever has made a file system for it has gained nothing but that file system.

import { parseAvailableMemory } from "../../core/kernel/memory.ts";
import { Failure } from "../../core/text/failure.ts";
import { reasonOf } from "../port/errors.ts";
import { readIfPresent } from "../port/files.ts";
import {
  mountDev,
  type ReadonlyRoot,
  showProc,
  unprivilegedUser,
  withReadonlyRoot,
} from "../port/readonly-root.ts";
import type { Finished, RunOptions, System } from "../port/system.ts";

/** The place where a checker runs. */
export interface Confinement {
  readonly run: (argv: readonly string[], options: RunOptions) => Finished;
  /** Lets programs write to the device from now on. */
  readonly allowWrites: () => void;
  /** The directory for temporary files: its path here, and the one that programs know. */
  readonly work: { readonly path: string; readonly inside: string };
}

/** The root, and the block device, which has the same path inside. */
interface ConfinementRequest extends ReadonlyRoot {
  readonly device: string;
}

/** Makes such a place for as long as `use` runs; throws a Failure if it cannot be made. */
export function withConfinement<T>(
  system: System,
  request: ConfinementRequest,
  use: (place: Confinement) => T,
): T {
  const { at, device } = request;
  let isMade = false;
  try {
    return withReadonlyRoot(system, request, () => {
      showProc(system, at);
      fillDev(system, request);
      isMade = true;
      return use({
        run: (argv, options) =>
          system.run(argv, { ...options, apart: { root: at, user: unprivilegedUser } }),
        allowWrites: () => system.setMode(`${at}${device}`, 0o660),
        work: { path: `${at}/dev/work`, inside: "/dev/work" },
      });
    });
  } catch (error) {
    if (isMade) throw error;
    throw new Failure("tool", `Cannot confine the checker: ${reasonOf(error)}`);
  }
}

function fillDev(system: System, { at, device }: ConfinementRequest): void {
  mountDev(system, at, chooseSize(system));
  const number = system.status(device)?.deviceNumber ?? 0;
  // It is root's, so that only root can change its mode.
  system.makeNode(`${at}${device}`, "block", 0o440, number);
  system.setOwner(`${at}${device}`, 0, unprivilegedUser);
  const work = `${at}/dev/work`;
  system.makeDirectory(work, 0o700);
  system.setOwner(work, unprivilegedUser, unprivilegedUser);
}

/** Half of the free memory, so that no file system is too large for the machine. */
function chooseSize(system: System): string {
  const left = parseAvailableMemory(readIfPresent(system, "/proc/meminfo") ?? "");
  return left === undefined ? "50%" : String(Math.floor(left / 2));
}
