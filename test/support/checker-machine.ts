// A machine in memory whose checking and repairing tools end as a test specifies.
import { createMemory, type Program } from "./memory.ts";

/** The end of a program. */
export type Ending = ReturnType<Program>;

/** Makes a machine on which each program ends as specified; e2fsck depends on its options. */
export function checkerMachine(programs: Readonly<Record<string, Ending>>) {
  const asked: string[] = [];
  const tools = ["e2fsck", "e2image", "xfs_repair", "btrfs", "fsck.f2fs"].flatMap(
    (tool): [string, Program][] => {
      const own = Object.keys(programs).filter((name) => name.split(" ")[0] === tool);
      if (own.length === 0) return [];
      return [
        [
          tool,
          ({ argv }) => {
            asked.push(
              argv.map((word) => word.replace(/\/tmp\/backstore-work-\w+/, "/tmp/x")).join(" "),
            );
            return programs[own.find((name) => argv.join(" ").startsWith(name)) ?? tool] ?? {};
          },
        ],
      ];
    },
  );
  return { ...createMemory({ files: { s: "store" }, programs: Object.fromEntries(tools) }), asked };
}
