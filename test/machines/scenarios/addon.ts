// The add-on behind the real initramfs of a distribution, which assembles its root and is taken
// over.

import { writeMedium } from "../disks/media.ts";
import { makeUsedStore } from "../disks/store-files.ts";
import { finds } from "../file-scenario.ts";
import { makeBase } from "../guest/base.ts";
import { makeToolBase } from "../guest/tool-base.ts";
import { defaultDirectory, keeps, medium, type Place, type Scenario, store } from "../scenario.ts";

const directory = "persistent_DEBIAN12/x86_64";

/** What live-boot has written and mounted, and what became of it. */
const own = `
say_done written grep overlay /etc/fstab
say_done kept test -e /run/backstore/store/${directory}/upperdir/etc/fstab
say_done way grep -o '"way": "addon"' /run/backstore/boot.json
say_done medium grep ' /run/live/medium ' /proc/self/mountinfo
say_done end test -x /run/initramfs/shutdown`;

const facts = {
  "done written": /^overlay \/ overlay .*\nstatus 0$/m,
  "done kept": /^status 1$/m,
  "done way": /status 0$/m,
  "done medium": / \/run\/live\/medium ro,.*\nstatus 0$/m,
  "done end": /^status 0$/m,
};

/** What an initramfs with the interface of mkinitcpio has written and mounted. */
const archiso = `
say_files /etc/live /etc/resolv.conf
say_list /run/backstore/store/${defaultDirectory}/upperdir/etc
say_done way grep -o '"family": "archiso"' /run/backstore/boot.json
say_done medium grep ' /run/archiso/bootmnt ' /proc/self/mountinfo
say_done end sh -c '/run/initramfs/shutdown --version'`;

const archisoFacts = {
  [`list /run/backstore/store/${defaultDirectory}/upperdir/etc`]: /^motd\n?$/,
  init: /^\/sbin\/init single$/m,
  "done way": /status 0$/m,
  "done medium": / \/run\/archiso\/bootmnt ro,.*\nstatus 0$/m,
  "done end": /^backstore .*\nstatus 0$/m,
};

const archisoFiles = {
  "/etc/live": "the medium is at /run/archiso/bootmnt\n",
  "/etc/resolv.conf": "nameserver 192.0.2.1\n",
};

export const addons: readonly Scenario[] = [
  {
    name: "addon-live-boot",
    title:
      "behind Debian's live-boot, a store keeps changes, and not what live-boot has written; the base checks it",
    disks: (place) => [toolMedium(place), store(place)],
    initramfs: "live-boot",
    cmdline: "boot=live cow_label=store",
    boots: keeps("store", { directory, facts }).map((boot, index) => ({
      ...boot,
      actions: `${boot.actions}${own}`,
      expect: { ...boot.expect, check: index === 0 ? "none" : "clean" },
    })),
  },
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
    name: "addon-f2fs",
    title:
      "behind Debian's live-boot without f2fs, a store on it keeps changes: driver and checker are the base's",
    disks: (place) => [toolMedium(place), store(place, { type: "f2fs" })],
    initramfs: "live-boot",
    cmdline: "boot=live cow_label=store",
    // The machine that runs the tests may not be able to mount it.
    boots: keeps("store", { directory }).map(
      ({ expect: { upper: _, ...expect }, ...boot }, index) => ({
        ...boot,
        expect: { ...expect, check: index === 0 ? "none" : "clean" },
      }),
    ),
  },
  {
    name: "addon-medium",
    title: "behind Debian's live-boot, a store on the medium that it has mounted read-only is used",
    disks: (place) => [usedMedium(place)],
    writes: ["medium"],
    initramfs: "live-boot",
    cmdline: "boot=live",
    boots: [finds("persistent", { store: "medium" })].map((boot) => ({
      ...boot,
      actions: `${boot.actions}${own}`,
      expect: { ...boot.expect, facts },
    })),
  },
];

/** A medium whose base has checkers. */
function toolMedium(place: Place) {
  const file = place.file("medium.img");
  const tree = { "live/filesystem.squashfs": { file: makeToolBase() } };
  writeMedium(file, { kind: "vfat", label: "DEBIAN12", tree });
  return { name: "medium", file };
}

function usedMedium(place: Place) {
  const file = place.file("medium.img");
  const tree = {
    "live/filesystem.squashfs": { file: makeBase() },
    "sysrcd.bs": { file: makeUsedStore() },
  };
  writeMedium(file, { kind: "vfat", label: "DEBIAN12", tree });
  return { name: "medium", file };
}
