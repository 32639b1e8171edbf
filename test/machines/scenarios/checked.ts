// Stores that were not closed cleanly: checked before they are used, repaired if all repairs are
// safe, and otherwise read but not written to. The tiny guest is switched off, so each store is one
// of those at its second boot.

import { writeFileSync } from "node:fs";
import { runTool } from "../../../scripts/lib/tool.ts";
import { type Fault, spoil } from "../disks/faults.ts";
import { type Tree, writeMedium } from "../disks/media.ts";
import { makeUsedStore } from "../disks/store-files.ts";
import { asReadonly, kept, usedStore } from "../disks/used-stores.ts";
import { finds, usedHost, warnsAfterwards } from "../file-scenario.ts";
import { toolTree } from "../guest/tool-base.ts";
import type { Disk } from "../machine.ts";
import {
  type Boot,
  defaultDirectory,
  keeps,
  look,
  medium,
  type Place,
  type Scenario,
  stopsInstead,
  store,
} from "../scenario.ts";

const isChecked = /backstore: checking the \w+ file system of the store .* because /;
/** At least 5 seconds between two looks by the kernel, and twice that for a number of its own. */
const isWaitedFor = /backstore: the store was not unmounted .*: waiting 22 seconds /;
const onDirectory = { store: "store", directory: defaultDirectory } as const;
/** A boot after the one that has repaired the store. */
const foundClean: Boot = {
  actions: look,
  expect: { ...onDirectory, session: "persistent", check: "clean", files: kept },
};

/** Two boots on a directory store: the first is switched off, and the second checks the result. */
function checksAfterwards(type: (typeof types)[number]): readonly Boot[] {
  const [first, second] = keeps("store");
  const { upper = {}, ...expect } = second!.expect;
  return [
    { ...first!, expect: { ...first!.expect, check: "none" } },
    {
      ...second!,
      // The kernel that runs the tests needs no driver for f2fs.
      expect: {
        ...expect,
        ...(type === "f2fs" ? {} : { upper }),
        check: "clean",
        console: [isChecked],
      },
    },
  ];
}

const types = ["ext4", "xfs", "btrfs", "f2fs"] as const;

export const checked: readonly Scenario[] = [
  ...types.map(
    (type): Scenario => ({
      name: `checked-${type}`,
      title: `a store on ${type} that was cut off is checked before it is used again`,
      disks: (place) => [medium(place), store(place, { type })],
      cmdline: "cow_label=store",
      boots: checksAfterwards(type),
    }),
  ),
  {
    name: "checked-protected",
    title:
      "a store with multiple mount protection that was cut off is waited for as long as that demands, which is said",
    disks: (place) => [medium(place), protectedStore(place)],
    cmdline: "cow_label=store",
    boots: checksAfterwards("ext4").map((boot, index) => ({
      ...boot,
      expect: { ...boot.expect, ...(index === 0 ? {} : { console: [isChecked, isWaitedFor] }) },
    })),
  },
  {
    name: "repaired-directory",
    title: "a directory store in which all that is wrong is safe to repair is repaired and used",
    both: true,
    disks: (place) => [medium(place), spoiledStore(place, "repairable")],
    cmdline: "cow_label=store",
    boots: [
      {
        actions: look,
        expect: {
          ...onDirectory,
          session: "persistent",
          check: "repaired",
          files: kept,
          problems: [
            /^The ext4 file system of the store .* was repaired .*: e2fsck says "Inode \d+ ref count/,
          ],
          console: [isChecked, /was repaired/],
        },
      },
      foundClean,
    ],
  },
  {
    name: "repaired-file",
    title: "a file store in which all that is wrong is safe to repair is repaired and used",
    disks: (place) => [medium(place), spoiledHost(place, "repairable")],
    cmdline: "backstore=alldev",
    boots: warnsAfterwards([
      finds("persistent", {
        store: "store",
        check: "repaired",
        problems: [/^The ext4 file system of the store "\/sysrcd\.bs" .* was repaired /],
        console: [isChecked],
      }),
      finds("persistent", { store: "store", check: "clean" }),
    ]),
  },
  {
    name: "repaired-errors",
    title:
      "a store in which the kernel has noted errors is repaired where all that is wrong is safe to",
    disks: (place) => [medium(place), spoiledStore(place, "repairable", "errors")],
    cmdline: "cow_label=store",
    boots: [
      {
        actions: look,
        expect: {
          ...onDirectory,
          session: "persistent",
          check: "repaired",
          files: kept,
          problems: [/because the kernel recorded errors in it: e2fsck says "Inode/],
        },
      },
      foundClean,
    ],
  },
  {
    name: "undecided-directory",
    title:
      "a directory store that somebody has to decide over is read and not written to, and required stops",
    disks: (place) => [medium(place), spoiledStore(place, "undecided")],
    cmdline: "cow_label=store",
    writes: [],
    boots: [
      {
        actions: look,
        expect: {
          ...asReadonly,
          check: "damaged",
          problems: [
            /^Cannot keep changes: .*its ext4 file system is damaged .*e2fsck says "Inode .* has invalid mode .*\(boot with backstore=off and run: backstore check --repair <store>\)$/,
          ],
          console: [isChecked, /READ-ONLY SESSION/, /backstore check --repair <store>\)/],
        },
      },
      stopsInstead(
        /Stop, because backstore=required/,
        /its ext4 file system is damaged .*backstore check --repair <store>\)/,
      ),
    ],
  },
  {
    name: "undecided-file",
    title: "a file store that somebody has to decide over is read and not written to",
    disks: (place) => [medium(place), spoiledHost(place, "undecided")],
    cmdline: "backstore=alldev",
    writes: [],
    boots: [
      finds("readonly", {
        store: "store",
        check: "damaged",
        problems: [
          /its ext4 file system is damaged .*run: mount <store> \/mnt && backstore check --repair \/mnt\/sysrcd\.bs\)$/,
        ],
        console: [/READ-ONLY SESSION/],
      }),
    ],
  },
  {
    name: "unchecked",
    title:
      "an initramfs without checkers uses a store that was cut off, and says that it was not checked",
    disks: (place) => [medium(place), store(place)],
    cmdline: "cow_label=store",
    lacksCheckers: true,
    boots: [
      { expect: { ...onDirectory, session: "persistent", check: "none" } },
      {
        expect: {
          ...onDirectory,
          session: "persistent",
          check: "unchecked",
          problems: [
            /^The ext4 file system of the store .* was not checked although it was not cleanly unmounted: neither initramfs nor base has a checker for ext4$/,
          ],
          console: [/was not checked although/],
        },
      },
    ],
  },
  {
    name: "checked-by-base",
    title: "an initramfs without checkers has a file store checked by the base on the same stick",
    disks: (place) => [toolMedium(place, { "sysrcd.bs": { file: makeUsedStore() } })],
    lacksCheckers: true,
    writes: ["medium"],
    boots: [
      finds("persistent", { store: "medium" }),
      finds("persistent", { store: "medium", check: "clean", problems: [/dirty bit set/] }),
    ],
  },
  {
    name: "checked-by-base-below",
    title:
      "an initramfs without checkers has the medium's own file system checked by the base on it",
    disks: (place) => [toolMedium(place, {}, "ext4")],
    lacksCheckers: true,
    writes: ["medium"],
    cmdline: "cow_label=RESCUE1100",
    boots: keeps("medium").map((boot, index) => ({
      ...boot,
      expect: { ...boot.expect, check: index === 0 ? "none" : "clean" },
    })),
  },
  {
    name: "unchecked-errors",
    title:
      "an initramfs without checkers does not write to a store in which the kernel has noted errors",
    disks: (place) => [medium(place), spoiledStore(place, "repairable", "errors")],
    cmdline: "cow_label=store",
    lacksCheckers: true,
    writes: [],
    boots: [
      {
        actions: look,
        expect: {
          ...asReadonly,
          check: "unchecked",
          problems: [/the kernel recorded errors .*run: backstore check --repair <store>\)$/],
          console: [/READ-ONLY SESSION/],
        },
      },
    ],
  },
];

/** A medium whose base has checkers, and more on it. */
function toolMedium(place: Place, more: Tree, kind: "vfat" | "ext4" = "vfat"): Disk {
  const file = place.file("medium.img");
  writeMedium(file, { kind, label: "RESCUE1100", tree: { ...toolTree(), ...more } });
  return { name: "medium", file };
}

function spoiledStore(
  place: Place,
  fault: Fault,
  state: "not unmounted" | "errors" = "not unmounted",
): Disk {
  const disk = usedStore(place);
  spoil(disk.file, { fault, path: `/${defaultDirectory}/upperdir/srv/spoiled`, state });
  return disk;
}

/** Deleted files are listed in a file of its own there, as in all that mke2fs 1.47.1 makes. */
function protectedStore(place: Place): Disk {
  const disk = store(place);
  const features = ["-O", "mmp,orphan_file", "-E", "mmp_update_interval=1"];
  runTool(["tune2fs", ...features, disk.file]);
  return disk;
}

/** Makes a disk with a store of makeUsedStore() in whose directory something is wrong. */
function spoiledHost(place: Place, fault: Fault): Disk {
  const file = place.file("spoiled.bs");
  runTool(["cp", makeUsedStore(), file]);
  const extra = place.file("spoiled");
  writeFileSync(extra, "spoiled\n");
  runTool(["debugfs", "-w", "-R", `write ${extra} upperdir/srv/spoiled`, file]);
  spoil(file, { fault, path: "/upperdir/srv/spoiled", state: "not unmounted" });
  return usedHost(place, { tree: { "sysrcd.bs": { file } } });
}
