// The step that runs a file system's own repair tool, and those tools. ext2, ext3 and ext4 can be
// repaired in two ways: what e2fsck considers safe (-p), tried on a copy first, or everything, with
// every question answered by yes (-y). xfs has one way, and its log is never zeroed (xfs_repair
// -L). btrfs has none: its own manual calls "btrfs check --repair" dangerous.
import type { StoreType } from "../file-systems/store-types.ts";
import { formatPath } from "../text/quoted.ts";

/** The arguments of each kind of step. */
export interface RepairStepArguments {
  /**
   * Repairs a file system that is not in use. If some of the repairs are not safe, it changes
   * nothing, unless told to be thorough.
   */
  "repair-file-system": {
    readonly path: string;
    readonly type: StoreType;
    readonly thoroughly: boolean;
  };
}

/** Descriptions of each kind of step. */
export const repairDescribers: {
  readonly [Kind in keyof RepairStepArguments]: (step: RepairStepArguments[Kind]) => string;
} = {
  "repair-file-system": (step) =>
    step.thoroughly
      ? `repair the ${step.type} file system in ${formatPath(step.path)} completely (${repairTool(step).join(" ")})`
      : `repair the ${step.type} file system in ${formatPath(step.path)} if everything can be repaired safely (${repairTool(step).join(" ")})`,
};

/** Returns the argument vector of the tool; empty if there is none. */
export function repairTool({
  path,
  type,
  thoroughly,
}: RepairStepArguments["repair-file-system"]): readonly string[] {
  if (type === "btrfs") return [];
  if (type === "xfs") return thoroughly ? ["xfs_repair", path] : [];
  return ["e2fsck", "-f", thoroughly ? "-y" : "-p", path];
}
