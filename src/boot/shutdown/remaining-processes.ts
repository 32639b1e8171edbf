// Processes that are left at the very end: systemd spares those that claim to serve the root's
// storage ("systemd and Storage Daemons for the Root File System"), and they run from the root that
// is to be unmounted.

import { formatQuoted } from "../../core/text/quoted.ts";
import { ifPossible } from "../../system/port/errors.ts";
import { listIfPresent, readIfPresent } from "../../system/port/files.ts";
import { errnoOf, type System } from "../../system/port/system.ts";

/** Kills every process but this program's own, and reports which. */
export function endRemainingProcesses(system: System): void {
  const own = readProgram(system, "self");
  for (const name of listIfPresent(system, "/proc")) {
    const id = Number(name);
    if (!Number.isSafeInteger(id) || id <= 1) continue;
    const program = readProgram(system, name);
    // Kernel threads run no program, and a child of ours that does not end cannot be killed either.
    if (program === undefined || program === own) continue;
    const title = (readIfPresent(system, `/proc/${name}/comm`) ?? "").trim();
    const told = `the program ${formatQuoted(title)} (process ${id})`;
    system.say("stderr", `backstore: ${told} still uses the system: terminating it\n`);
    endProcess(system, id);
  }
}

/** Waits a moment, because a process releases its files after the call that kills it. */
function endProcess(system: System, id: number): void {
  try {
    system.endProcess(id);
  } catch (error) {
    if (errnoOf(error) !== "ESRCH") throw error;
  }
  for (let looks = 0; looks < 50 && readProgram(system, String(id)) !== undefined; looks++)
    system.waitForDevices(20);
}

function readProgram(system: System, process: string): string | undefined {
  return ifPossible(() => system.readLink(`/proc/${process}/exe`));
}
