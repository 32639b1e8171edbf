// "backstore shrink": shrinks a file store that is not in use.
import type { Command } from "../command-line/command.ts";
import { tellingFlags } from "../command-line/tell.ts";
import { runResize } from "./resize.ts";

/** The command. */
export const command: Command = {
  name: "shrink",
  usage: "shrink PATH SIZE [--dry-run] [--json]",
  description: `
Makes a file store smaller, with everything in it.

PATH is the store's file, or the directory in which it is named sysrcd.bs. SIZE is the new total, in
megabytes of 2^20 bytes or with a unit (2G, 750MiB, 500MB); "min" is the smallest that is possible.

Nobody may use the store meanwhile: a session on it has to be ended (boot with backstore=off). An
xfs cannot shrink, so what is in it is copied into a smaller one, which needs as much room beside.
Killed at any moment, the next run finishes it or takes it back.`,
  flags: tellingFlags,
  operands: ["PATH", "SIZE"],
  run: (invocation) => runResize(command, invocation),
};
