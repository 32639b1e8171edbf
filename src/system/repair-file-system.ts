// Lets a file system's own tool repair it, and makes a sentence of how the tool ended. Statuses: e2fsck(8), xfs_repair(8).
import { Failure } from "../core/failure.ts";
import { formatPath } from "../core/quoted.ts";
import { type RepairStepArguments, repairTool } from "../core/repair-steps.ts";
import type { Finished, System } from "./system.ts";
import { missing } from "./tool.ts";

/** Repairs a file system; Failure "damaged" where the tool leaves something for a person to decide. */
export function repairFileSystem(
  system: System,
  step: RepairStepArguments["repair-file-system"],
): void {
  const { path, type, thoroughly } = step;
  const argv = repairTool(step);
  const [tool] = argv;
  const cannot = `Cannot repair the ${type} in ${formatPath(path)}`;
  if (tool === undefined) throw new Failure("unsafe", `${cannot}: no tool does that safely`);
  const ended = system.run(argv);
  const { status } = ended;
  if (status === 127) throw missing(`repair the ${type} in ${formatPath(path)}`, tool);
  if (tool === "xfs_repair") {
    if (status === 0) return;
    if (status === 2) throw logFailure(path);
    throw toolFailure(cannot, tool, ended);
  }
  // 1: repaired; 2: a reboot is asked for, which only holds for the root file system; 4: something is left.
  if (status === undefined || status >= 8) throw toolFailure(cannot, tool, ended);
  if ((status & 4) === 0) return;
  throw new Failure(
    "damaged",
    thoroughly
      ? `${cannot}: e2fsck could not repair all of it`
      : `${cannot}: what is left cannot be repaired without deciding what is lost`,
    thoroughly
      ? `copy what can still be read, and see: e2fsck -f -n ${path}`
      : "agree to that with --yes",
  );
}

/** Makes the failure for an xfs whose log cannot be replayed: what is in it would be lost, and nobody asked for that. */
export function logFailure(path: string): Failure {
  return new Failure(
    "damaged",
    `Cannot repair the xfs in ${formatPath(path)}: its log cannot be replayed, and is not thrown away, because the last changes are in it`,
    `copy the file system first; "xfs_repair -L ${path}" then throws the log away`,
  );
}

function toolFailure(cannot: string, tool: string, ended: Finished): Failure {
  const last = `${ended.stdout}${ended.stderr}`.trimEnd().split("\n").at(-1) ?? "";
  const ending = ended.signal === undefined ? `status ${ended.status}` : `signal ${ended.signal}`;
  return new Failure("tool", `${cannot}: "${tool}" says ${formatPath(last)} (${ending})`);
}
