// Where a checker runs: in a root that it can only read, with the device that it checks as the only
// one, and memory of a limited size for temporary files. It belongs to a user without rights, so
// that whoever has made a file system for it has gained nothing but that file system.

import { parseAvailableMemory } from "../../core/kernel/memory.ts";
import { closedFlags } from "../../core/kernel/mount-flags.ts";
import { orFail } from "../port/errors.ts";
import { readIfPresent } from "../port/files.ts";
import type { Finished, RunOptions, System } from "../port/system.ts";
import { undoQuietly } from "../port/undo.ts";

/** The place where a checker runs. */
export interface Confinement {
  readonly run: (argv: readonly string[], options: RunOptions) => Finished;
  /** Lets programs write to the device from now on. */
  readonly allowWrites: () => void;
  /** The directory for temporary files: its path here, and the one that programs know. */
  readonly work: { readonly path: string; readonly inside: string };
}

interface ConfinementRequest {
  /** The directory that becomes the root. */
  readonly root: string;
  /** Where that is mounted for the time being. */
  readonly at: string;
  /** The block device, which has the same path inside. */
  readonly device: string;
}

/** Makes such a place for as long as `use` runs; throws a Failure if it cannot be made. */
export function withConfinement<T>(
  system: System,
  request: ConfinementRequest,
  use: (place: Confinement) => T,
): T {
  const { at, device } = request;
  const path = `${at}/dev/work`;
  const node = `${at}${device}`;
  try {
    orFail("Cannot confine the checker", () => makePlace(system, request));
    return use({
      run: (argv, options) =>
        system.run(argv, { ...options, apart: { root: at, user: unprivilegedUser } }),
      allowWrites: () => system.setMode(node, 0o660),
      work: { path, inside: "/dev/work" },
    });
  } finally {
    // A tool that is stuck on its disk even after it was killed still has files open.
    undoQuietly(() => system.unmount(at, "lazy"));
  }
}

/** Neither this user nor this group has files anywhere (systemd.io/UIDS-GIDS). */
export const unprivilegedUser = 65_533;

function makePlace(system: System, { root, at, device }: ConfinementRequest): void {
  system.mount({ source: root, target: at, flags: ["bind"] });
  // Otherwise what is mounted here is mounted on the original as well, where that is shared.
  system.mount({ source: "none", target: at, flags: ["private"] });
  protect(system, at);
  const proc = `${at}/proc`;
  system.mount({ source: "/proc", target: proc, flags: ["bind"] });
  protect(system, proc);
  const dev = `${at}/dev`;
  system.mount({
    source: "backstore",
    target: dev,
    type: "tmpfs",
    flags: ["nosuid", "noexec"],
    data: `mode=0755,size=${chooseSize(system)}`,
  });
  system.makeNode(`${dev}/null`, "character", 0o666, 0x103);
  system.setMode(`${dev}/null`, 0o666);
  const number = system.status(device)?.deviceNumber ?? 0;
  // It is root's, so that only root can change its mode.
  system.makeNode(`${at}${device}`, "block", 0o440, number);
  system.setOwner(`${at}${device}`, 0, unprivilegedUser);
  system.makeDirectory(`${dev}/work`, 0o700);
  system.setOwner(`${dev}/work`, unprivilegedUser, unprivilegedUser);
}

/** The kernel ignores "ro" in the call that binds; it takes a second one. */
function protect(system: System, target: string): void {
  system.mount({ source: "none", target, flags: ["remount", "bind", "ro", ...closedFlags] });
}

/** Half of the free memory, so that no file system is too large for the machine. */
function chooseSize(system: System): string {
  const left = parseAvailableMemory(readIfPresent(system, "/proc/meminfo") ?? "");
  return left === undefined ? "50%" : String(Math.floor(left / 2));
}
