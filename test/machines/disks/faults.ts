// File systems that were not unmounted and in which something is wrong, made with debugfs: what e2fsck repairs by
// itself, and what it leaves to a person.
import { runTool } from "../../../scripts/lib/tool.ts";

/** Is what is wrong in a file system, by what e2fsck makes of it. */
export type Fault = "repairable" | "undecided";

/** What a file is given that stands at a path. */
const faults: Readonly<Record<Fault, string>> = {
  repairable: "links_count 3",
  undecided: "mode 0150644",
};

/** Says what the superblock tells: that it was not unmounted, or that the kernel has noted errors. */
const states = { "not unmounted": "0", errors: "3" } as const;

/** Spoils a file of the ext that an image is. */
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
