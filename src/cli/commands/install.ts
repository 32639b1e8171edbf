// "backstore install": puts the add-on on a medium and into its boot menus.

import { usage } from "../command-line/arguments.ts";
import type { Command } from "../command-line/command.ts";
import { mediumFlags, mediumOperands, readMedium } from "../command-line/medium.ts";
import { storeFlags } from "../command-line/store-flags.ts";
import { tellingFlags } from "../command-line/tell.ts";
import { imageFlags, installImage } from "../media/image-to-stick.ts";
import { workOn } from "../media/media.ts";

const ownUsage =
  '"--own-initramfs" is for files that can be written: a mounted stick, or --tree DIR';

/** The command. */
export const command: Command = {
  name: "install",
  usage:
    "install MEDIUM [OPTION]...\ninstall --tree DIR [OPTION]...\ninstall --image FILE DEVICE [OPTION]...",
  description: `
Puts the add-on (see backstore-addon(7)) and this program on a live medium, and the add-on into its
boot menus, so that the live system keeps changes. MEDIUM is the directory where a stick is mounted
whose files can be written, the device of a stick that an ISO image was written onto, a stick of
Ventoy (--iso), or an ISO image, of which a new one is made (--to). --tree names any directory with
the files of a medium.

Menus of GRUB, syslinux, isolinux, extlinux and systemd-boot are changed; entries that are no live
system or are not understood stay as they are, and are listed with the reason. What is changed is
kept in "backstore" on the medium; "backstore uninstall" puts it back.

With --image, the ISO image FILE is written to the stick DEVICE and read back. What is on it is
shown and will be lost: it has to be named with --erase, or at the terminal.`,
  flags: [
    ...storeFlags,
    {
      name: "iso",
      value: "IMAGE",
      repeated: true,
      help: "an image on a stick of Ventoy, by its path there",
    },
    {
      name: "own-initramfs",
      help: "boot by our own initramfs, in place of the distribution's",
    },
    ...mediumFlags,
    ...imageFlags,
    ...tellingFlags,
  ],
  operands: (given) => (given.values.has("image") ? ["DEVICE"] : mediumOperands(given)),
  run(invocation) {
    const isOwn = invocation.arguments.switches.has("own-initramfs");
    if (isOwn && invocation.arguments.values.has("image")) throw usage(command, ownUsage);
    if (invocation.arguments.values.has("image")) return installImage(command, invocation);
    const target = readMedium(invocation, { command, activity: "install on" });
    if (invocation.arguments.values.has("iso") && target.medium.kind !== "ventoy")
      throw usage(command, '"--iso" is for a stick of Ventoy alone');
    if (isOwn && target.medium.kind !== "tree") throw usage(command, ownUsage);
    workOn(target, "install");
    return 0;
  },
};
