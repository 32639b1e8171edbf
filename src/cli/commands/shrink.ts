// "backstore shrink": shrinks a file store that is not in use.
import type { Command } from "../command-line/command.ts";
import { runResize } from "../command-line/resize.ts";
import { tellingFlags } from "../command-line/tell.ts";

/** The command. */
export const command: Command = {
  name: "shrink",
  usage: "shrink PATH SIZE [OPTION]...",
  description: `
Shrinks a file store and keeps its contents.

PATH is the store's file, or the directory in which it is named sysrcd.bs. SIZE is the new total, in
megabytes of 2^20 bytes or with a unit (2G, 750MiB, 500MB); "min" is the smallest possible size.

The store must not be in use: a session on it has to be ended (boot with backstore=off). An xfs file
system cannot shrink, so its contents are copied to a smaller one, which needs as much room beside
it. After an interruption, the next run completes or undoes the resize.`,
  flags: tellingFlags,
  operands: ["PATH", "SIZE"],
  run: (invocation) => runResize(command, invocation),
};
