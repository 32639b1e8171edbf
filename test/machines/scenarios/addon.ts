// The add-on behind an initramfs with the interface of mkinitcpio, which assembles its root and is
// taken over.

import { makeLayout } from "../disks/layouts.ts";
import { writeHybrid } from "../disks/media.ts";
import { defaultDirectory, keeps, medium, type Place, type Scenario, store } from "../scenario.ts";

/** What an initramfs with the interface of mkinitcpio has written and mounted. */
const archiso = `
say_files /etc/live /etc/resolv.conf
say_list /run/backstore/store/${defaultDirectory}/upperdir/etc
say_done way grep -o '"family": "archiso"' /run/backstore/boot.json
say_done medium grep ' /run/archiso/bootmnt ' /proc/self/mountinfo
say_done upper sh -c 'sed -n "s|^backstore / .*upperdir=\\([^,]*\\).*|\\1/etc/motd|p" /proc/mounts | xargs cat'
say_done cow cat /run/archiso/cowspace/${defaultDirectory}/upperdir/etc/motd
say_done end sh -c '/run/initramfs/shutdown --version'`;

const archisoFacts = {
  [`list /run/backstore/store/${defaultDirectory}/upperdir/etc`]: /^motd\n?$/,
  init: /^\/sbin\/init single$/m,
  "done way": /status 0$/m,
  "done medium": / \/run\/archiso\/bootmnt ro,.*\nstatus 0$/m,
  // As SystemRescue's cowpacman2srm finds the changes.
  "done upper": /^changed\nstatus 0$/m,
  "done cow": /^changed\nstatus 0$/m,
  "done end": /^backstore .*\nstatus 0$/m,
};

const archisoFiles = {
  "/etc/live": "the medium is at /run/archiso/bootmnt\n",
  "/etc/resolv.conf": "nameserver 192.0.2.1\n",
};

/** What such a hook has mounted outside /run: layers that have another name now. */
const outside = `
say_files /etc/live
say_done lower grep -o '/run/initramfs/backstore/lower/[01] ro,' /proc/self/mountinfo
say_done root grep -o 'lowerdir=/run/initramfs/backstore/lower/0:/run/initramfs/backstore/lower/1:/run/initramfs/backstore/command,' /proc/self/mountinfo
say_done disc grep ' /disc ' /proc/self/mountinfo
say_list /run/backstore/store/${defaultDirectory}/upperdir/etc`;

const outsideFacts = {
  "done lower": /lower\/0 ro,\n.*lower\/1 ro,\nstatus 0$/m,
  "done root": /status 0$/m,
  "done disc": / \/disc ro,.*\nstatus 0$/m,
  [`list /run/backstore/store/${defaultDirectory}/upperdir/etc`]: /^motd\n?$/,
};

/** The disk is mounted, its partition is not; a loop device shows that. */
const tellWholeDisk = `
say_done disk grep ' /run/archiso/bootmnt .* - iso9660 <stick> ' /proc/self/mountinfo
say_done store grep ' /run/initramfs/backstore/store .* - ext4 /dev/loop' /proc/self/mountinfo
say_done plan grep -o 'because its disk is in use as a whole' /run/backstore/boot.json`;

const wholeDiskFacts = {
  "done disk": /status 0$/m,
  "done store": /status 0$/m,
  "done plan": /^because its disk is in use as a whole\nstatus 0$/m,
};

export const addons: readonly Scenario[] = [
  {
    name: "addon-mkinitcpio",
    title: "behind an initramfs like mkinitcpio's, with rdinit=, a store keeps changes",
    disks: (place) => [medium(place), store(place)],
    initramfs: "mkinitcpio",
    cmdline:
      "rdinit=/backstore-init archisolabel=RESCUE1100 archisobasedir=sysresccd cow_label=store single",
    boots: keeps("store", { facts: archisoFacts }).map((boot, index) => ({
      ...boot,
      actions: `${boot.actions}${archiso}`,
      expect: {
        ...boot.expect,
        files: { ...boot.expect.files, ...archisoFiles },
        ...(index === 0 ? {} : { problems: [/was not checked although it/] }),
      },
    })),
  },
  {
    name: "addon-outside",
    title:
      "behind an initramfs whose layers are outside /run and were moved, a store keeps changes",
    disks: (place) => [medium(place), store(place)],
    initramfs: "mkinitcpio",
    cmdline:
      "rdinit=/backstore-init outside archisolabel=RESCUE1100 archisobasedir=sysresccd cow_label=store",
    boots: keeps("store", { facts: outsideFacts }).map((boot, index) => ({
      ...boot,
      actions: `${boot.actions}${outside}`,
      expect: {
        ...boot.expect,
        files: { ...boot.expect.files, "/etc/live": "the medium is at /disc\n" },
        ...(index === 0 ? {} : { problems: [/was not checked although it/] }),
      },
    })),
  },
  {
    name: "addon-whole-disk",
    title:
      "behind an initramfs that has mounted the whole disk, a store in its third partition keeps changes",
    disks: (place) => [wholeDisk(place)],
    writes: ["stick"],
    initramfs: "mkinitcpio",
    cmdline:
      "rdinit=/backstore-init archisolabel=RESCUE1100 archisobasedir=sysresccd cow_label=store",
    boots: keeps("stick:3", { facts: wholeDiskFacts }).map((boot, index) => ({
      ...boot,
      actions: `${boot.actions}${tellWholeDisk}`,
      expect: {
        ...boot.expect,
        ...(index === 0 ? {} : { problems: [/was not checked although it/] }),
      },
    })),
  },
];

/** Only the whole disk shows the label of the image. */
function wholeDisk(place: Place) {
  const file = place.file("stick.img");
  writeHybrid(file, makeLayout("systemrescue-iso"), { file: store(place).file, start: 64 });
  return { name: "stick", file };
}
