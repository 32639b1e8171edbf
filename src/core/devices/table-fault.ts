// A partition table that the kernel refuses, in words.
import type { TableFault } from "../superblocks/partitions.ts";

/** Describes why the kernel shows no partitions of a disk that has a table. */
export function describeTableFault({ why, backup }: TableFault): string {
  const what =
    why === "too-long"
      ? "its partition table (GPT) is that of a larger disk"
      : "its partition table (GPT) is damaged";
  const remedy =
    backup === undefined
      ? "gdisk may repair it"
      : 'gdisk repairs it, and "gpt" on the kernel command line uses its backup';
  return `${what}, so the kernel shows none of its partitions: ${remedy}`;
}
