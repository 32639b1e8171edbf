// "backstore uninstall": puts a medium back as it was before "backstore install".

import type { Command } from "../command-line/command.ts";
import { mediumFlags, mediumOperands, readMedium } from "../command-line/medium.ts";
import { tellingFlags } from "../command-line/tell.ts";
import { workOn } from "../media/media.ts";

/** The command. */
export const command: Command = {
  name: "uninstall",
  usage: "uninstall MEDIUM [OPTION]...\nuninstall --tree DIR [OPTION]...",
  description: `
Undoes what "backstore install" did to a medium: every file that was changed is put back as it was,
byte for byte, and what was added is removed. Stores stay.`,
  flags: [...mediumFlags, ...tellingFlags],
  operands: mediumOperands,
  run(invocation) {
    workOn(readMedium(invocation, { command, activity: "uninstall from" }), "uninstall");
    return 0;
  },
};
