// Runs a file system's own repair tool, and describes its result in a sentence. Exit statuses:
// e2fsck(8), xfs_repair(8).

import { describeInability } from "../../core/check/check-file-system.ts";
import { type RepairStepArguments, repairTool } from "../../core/steps/repair-steps.ts";
import { adviseProtected } from "../../core/superblocks/mount-protection.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath, formatShellWord } from "../../core/text/quoted.ts";
import { findInability } from "../checkers/judge-checker.ts";
import { rehearseCheck } from "../checkers/rehearse-check.ts";
import type { Finished, System } from "../port/system.ts";
import { missing, toolFailure } from "../port/tool.ts";
import { oneWay, type Performers } from "./performers.ts";

/** Returns the functions that perform these steps. */
export function performRepair(system: System): Performers<RepairStepArguments> {
  return { "repair-file-system": oneWay(system, repairFileSystem) };
}

/**
 * Repairs a file system; Failure "damaged" if something is left for a person to decide, in which
 * case nothing has been changed unless the repair was to be thorough.
 */
export function repairFileSystem(
  system: System,
  step: RepairStepArguments["repair-file-system"],
): void {
  const { path, type, thoroughly } = step;
  const argv = repairTool(step);
  const [tool] = argv;
  const cannot = `Cannot repair the ${type} file system in ${formatPath(path)}`;
  if (tool === undefined) throw new Failure("unsafe", `${cannot}: no tool can do that safely`);
  if (tool === "xfs_repair") {
    repairXfs(system, { path, cannot, argv });
    return;
  }
  if (!thoroughly) {
    const { tool: tried, ended } = rehearseCheck(system, path);
    if (tried === "e2image" && ended.status === 127)
      throw missing(`repair ${formatPath(path)}`, tried);
    if (tried === "e2image" || !isRepaired(ended)) throw refused(cannot);
  }
  const ended = system.run(argv);
  if (ended.status === 127)
    throw missing(`repair the ${type} file system in ${formatPath(path)}`, tool);
  if (isRepaired(ended)) return;
  const inability = findInability(ended, argv);
  if (inability?.why === "protected")
    throw new Failure(
      "in-use",
      `${cannot}: ${describeInability(inability)}`,
      adviseProtected(formatShellWord(path)),
    );
  if (ended.status === undefined || ended.status >= 8) throw toolFailure(cannot, ended);
  if (!thoroughly) throw refused(cannot);
  throw new Failure(
    "damaged",
    `${cannot}: e2fsck could not repair all of it`,
    `copy what can still be read, then see: e2fsck -f -n ${formatPath(path)}`,
  );
}

/**
 * 1: repaired; 2: a reboot is required, which only applies to the root file system; 4 and more:
 * errors are left.
 */
function isRepaired({ status }: Finished): boolean {
  return status !== undefined && status < 4;
}

function refused(cannot: string): Failure {
  return new Failure(
    "damaged",
    `${cannot}: it cannot be repaired without the risk of losing data`,
    "confirm with --yes",
  );
}

function repairXfs(
  system: System,
  { path, cannot, argv }: { path: string; cannot: string; argv: readonly string[] },
): void {
  const ended = system.run(argv);
  if (ended.status === 0) return;
  if (ended.status === 127)
    throw missing(`repair the xfs file system in ${formatPath(path)}`, "xfs_repair");
  throw ended.status === 2 ? logFailure(path) : toolFailure(cannot, ended);
}

/**
 * Returns the failure for an xfs file system whose log cannot be replayed: zeroing it would lose
 * its changes, and nobody asked for that.
 */
function logFailure(path: string): Failure {
  return new Failure(
    "damaged",
    `Cannot repair the xfs file system in ${formatPath(path)}: its log cannot be replayed and is not discarded, because it contains the last changes`,
    `copy the file system first, then discard the log: xfs_repair -L ${formatPath(path)}`,
  );
}
