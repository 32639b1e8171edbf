// The step that lets a file system's own tool repair it, and the tools. ext has two ways: what e2fsck sets right by itself
// (-p), tried on a copy before, and everything with every question answered by yes (-y). An xfs has one, and its log is never thrown
// away (xfs_repair -L). btrfs has none: its own manual calls "btrfs check --repair" dangerous.
import type { StoreType } from "../file-systems/store-types.ts";
import { formatPath } from "../text/quoted.ts";

/** Maps each kind of step to what it needs. */
export interface RepairStepArguments {
  /** Repairs a file system that nobody uses; one of which not all is safe to repair is left alone, unless it is to be thorough. */
  "repair-file-system": {
    readonly path: string;
    readonly type: StoreType;
    readonly thoroughly: boolean;
  };
}

/** Says in words what each step does. */
export const repairDescribers: {
  readonly [Kind in keyof RepairStepArguments]: (step: RepairStepArguments[Kind]) => string;
} = {
  "repair-file-system": (step) =>
    step.thoroughly
      ? `repair all of the ${step.type} in ${formatPath(step.path)} (${repairTool(step).join(" ")})`
      : `repair the ${step.type} in ${formatPath(step.path)} if all of it is safe to repair (${repairTool(step).join(" ")})`,
};

/** Gives the argument vector of the tool; empty where there is none. */
export function repairTool({
  path,
  type,
  thoroughly,
}: RepairStepArguments["repair-file-system"]): readonly string[] {
  if (type === "btrfs") return [];
  if (type === "xfs") return thoroughly ? ["xfs_repair", path] : [];
  return ["e2fsck", "-f", thoroughly ? "-y" : "-p", path];
}
