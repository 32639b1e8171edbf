// File systems that were not unmounted and have errors, made with debugfs: errors that e2fsck
// repairs by itself, and errors that it leaves to a person.
import { runTool } from "../../../scripts/lib/tool.ts";

/** An error in a file system, by what e2fsck does about it. */
export type Fault = "repairable" | "undecided";

/** What a file at a path is given. */
const faults: Readonly<Record<Fault, string>> = {
  repairable: "links_count 3",
  undecided: "mode 0150644",
};

/** The state in the superblock: not unmounted, or the kernel has recorded errors. */
const states = { "not unmounted": "0", errors: "3" } as const;

/** Damages a file of the ext2, ext3 or ext4 file system in an image. */
export function spoil(
  image: string,
  { fault, path, state }: { fault: Fault; path: string; state: keyof typeof states },
): void {
  for (const command of [
    `set_inode_field ${path} ${faults[fault]}`,
    `set_super_value state ${states[state]}`,
  ])
    runTool(["debugfs", "-w", "-R", command, image]);
}
