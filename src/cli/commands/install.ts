// "backstore install": puts the add-on on a medium and into its boot menus.

import type { Command } from "../command-line/command.ts";
import { mediumFlags, mediumOperands, readMedium } from "../command-line/medium.ts";
import { storeFlags } from "../command-line/store-flags.ts";
import { tellingFlags } from "../command-line/tell.ts";
import { workOn } from "../media/media.ts";

/** The command. */
export const command: Command = {
  name: "install",
  usage: "install MEDIUM [OPTION]...\ninstall --tree DIR [OPTION]...",
  description: `
Puts the add-on (see backstore-addon(7)) and this program on a live medium, and the add-on into its
boot menus, so that the live system keeps changes. MEDIUM is the directory where a stick is mounted
whose files can be written, or an ISO image, of which a new one is made (--to). --tree names any
directory with the files of a medium.

Menus of GRUB, syslinux, isolinux, extlinux and systemd-boot are changed; entries that are no live
system or are not understood stay as they are, and are listed with the reason. What is changed is
kept in "backstore" on the medium; "backstore uninstall" puts it back.`,
  flags: [...storeFlags, ...mediumFlags, ...tellingFlags],
  operands: mediumOperands,
  run(invocation) {
    workOn(readMedium(invocation, { command, activity: "install on" }), "install");
    return 0;
  },
};
