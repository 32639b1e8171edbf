// "backstore create": makes a store, which is a file, a directory, or a file system that directories for stores are on.
import type { Command, Invocation } from "./command.ts";
import { createFile } from "./create-file.ts";

/** Is the command. */
export const command: Command = {
  name: "create",
  usage: "create PATH SIZE [OPTION]...",
  description: `
Makes a store that a boot keeps its changes in.

PATH SIZE makes a file with a file system in it. PATH is a directory, in which the file is named
sysrcd.bs, or a file. SIZE is in megabytes of 2^20 bytes, or has a unit (2G, 750MiB, 500MB); "max"
is all that is free, less a margin. All of the room is allocated; no root is needed.`,
  flags: [
    {
      name: "type",
      value: "TYPE",
      help: "the file system: ext4 (if left out), ext3, ext2, xfs or btrfs",
    },
    { name: "label", value: "NAME", help: "the file system's label" },
    { name: "force", help: "replace the file that is there" },
    { name: "dry-run", help: "say what would be done, and do nothing" },
    { name: "json", help: "say it as JSON" },
  ],
  run,
};

function run(invocation: Invocation): number {
  return createFile(command, invocation);
}
