// Sticks and stores that somebody made to do harm. The boot goes on, says why something was not
// used, and disks that were not chosen are the same, byte for byte.

import { runTool } from "../../../scripts/lib/tool.ts";
import { makeLayout } from "../disks/layouts.ts";
import { usedStore, usesStore } from "../disks/used-stores.ts";
import type { Disk } from "../machine.ts";
import { copied, defaultDirectory, medium, type Place, type Scenario } from "../scenario.ts";

const record = `${defaultDirectory}/backstore.json`;
const yaml = "sysrescue.d/100-defaults.yaml";
const image = "sysresccd/x86_64/airootfs.sfs";

export const hostile: readonly Scenario[] = [
  {
    name: "hostile-sticks",
    title: "sticks that look like media, whose files are links to a log without end and to devices",
    // Without a label every stick is looked into.
    cmdline: "cow_label=store",
    disks: (place) => [
      medium(place),
      usedStore(place),
      evil(place, "yaml", [
        ...link(yaml, "/proc/kmsg"),
        "cd sysrescue.d",
        "mknod b.yaml c 1 5",
        "mknod c.yaml p",
      ]),
      evil(place, "base", link(image, "/proc/kmsg")),
      evil(place, "device", [`rm ${image}`, "cd sysresccd/x86_64", "mknod airootfs.sfs c 1 5"]),
      evil(place, "top", ["symlink autorun /proc", "symlink sysrescue /proc/self"]),
      evil(place, "names", manyNames(yaml)),
    ],
    writes: ["store"],
    boots: usesStore("store", {
      problems: ["yaml", "top", "names"].map(
        (name) => new RegExp(`More than one live medium: using <medium>, ignoring <${name}>$`),
      ),
    }),
  },
  {
    name: "hostile-record-deep",
    title: "a record that can be parsed and not be written again: the store is used without it",
    cmdline: "cow_label=store",
    disks: (place) => [
      medium(place),
      usedStore(place, {
        more: { [record]: deepRecord },
      }),
    ],
    writes: ["store"],
    boots: usesStore("store", { problems: [/nested deeper than 32 levels/] }),
  },
  {
    name: "hostile-record-link",
    title: "a record that is a link to a log without end: the store is used without it",
    cmdline: "cow_label=store",
    disks: (place) => {
      const disk = usedStore(place);
      change(disk.file, [`symlink ${record} /proc/kmsg`]);
      return [medium(place), disk];
    },
    writes: ["store"],
    boots: usesStore("store", { problems: [/it is not JSON/] }),
  },
];

const overlay = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
const deepRecord = `{"format":1,"id":"x","overlay":"${overlay}","k":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;

/** Makes a stick with a live system that was changed with debugfs. */
function evil(place: Place, name: string, commands: readonly string[]): Disk {
  const disk = copied(place, name, makeLayout("systemrescue-ext4"));
  runTool(["tune2fs", "-U", "random", "-L", name, disk.file]);
  change(disk.file, commands);
  return disk;
}

function change(file: string, commands: readonly string[]): void {
  runTool(["debugfs", "-w", file], { input: `${commands.join("\n")}\n` });
}

/** Puts a link in the place of a file. */
function link(path: string, target: string): readonly string[] {
  return [`rm ${path}`, `symlink ${path} ${target}`];
}

/** Gives one file hundreds of names. */
function manyNames(path: string): readonly string[] {
  return Array.from({ length: 300 }, (_, at) => `ln ${path} sysrescue.d/${1000 + at}.yaml`);
}
