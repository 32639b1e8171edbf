// "backstore grow": grows a file store, even while the session uses it.
import type { Command } from "../command-line/command.ts";
import { runResize } from "../command-line/resize.ts";
import { tellingFlags } from "../command-line/tell.ts";

/** The command. */
export const command: Command = {
  name: "grow",
  usage: "grow [PATH] SIZE [OPTION]...",
  description: `
Enlarges a file store and keeps its contents.

PATH is the store's file, or the directory in which it is named sysrcd.bs; without it, the store of
the running session. SIZE is the new total, in megabytes of 2^20 bytes or with a unit (2G, 750MiB,
500MB); "max" is all the free room less a margin. All of it is allocated, including what a sparse
file lacks.

The session that runs on the store may use it meanwhile (ext3, ext4, xfs, btrfs); the new room is
available at once. Nothing else may use it. After an interruption, the next run completes or undoes
the resize.`,
  flags: tellingFlags,
  operands: ({ operands }) => (operands.length < 2 ? ["SIZE"] : ["PATH", "SIZE"]),
  run: (invocation) => runResize(command, invocation),
};
