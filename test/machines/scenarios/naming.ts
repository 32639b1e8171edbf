// Ways to name the store: on the command line, in the medium's YAML files, built into the
// initramfs, or not at all.

import { rescueWithYaml } from "../disks/layouts.ts";
import { writeDisk, writeMedium } from "../disks/media.ts";
import { usedStore, usesStore } from "../disks/used-stores.ts";
import type { Disk } from "../machine.ts";
import { forgets, medium, type Place, type Scenario, store } from "../scenario.ts";

const partUuid = "8a4be3d2-1c5f-4e0b-9d7a-2b6c8f1e0d93";

/** The names that depend on /sys; test/core/devices has all of them. */
const ways: readonly (readonly [name: string, cmdline: string])[] = [
  ["label", "cow_label=store"],
  ["device", "cow_device=<store:1>"],
  ["tag-partuuid", `cow_device=PARTUUID=${partUuid}`],
  ["path-partlabel", "cow_device=/dev/disk/by-partlabel/my\\x20store"],
];

export const naming: readonly Scenario[] = [
  ...ways.map(
    ([name, cmdline]): Scenario => ({
      name,
      title: `${cmdline.replace("<store:1>", "/dev/…")} finds the store`,
      disks: (place) => [medium(place), partitionedStore(place)],
      cmdline,
      ...(name === "label" ? { both: true } : {}),
      boots: usesStore("store:1"),
    }),
  ),
  {
    name: "yaml",
    title: "cow_label in a YAML file finds the store",
    disks: (place) => [mediumWithYaml(place, "global:\n    cow_label: store\n"), usedStore(place)],
    boots: usesStore("store"),
  },
  {
    name: "yaml-directory",
    title: "cow_directory in a YAML file is where changes are kept",
    disks: (place) => [
      mediumWithYaml(place, 'global:\n    cow_label: "store"\n    cow_directory: /kept/here\n'),
      usedStore(place, { directory: "kept/here" }),
    ],
    boots: usesStore("store", { directory: "kept/here" }),
  },
  {
    name: "yaml-number",
    title: "a label that looks like a number in a YAML file is the text that was written",
    disks: (place) => [
      mediumWithYaml(place, "global:\n    cow_label: 2024\n"),
      usedStore(place, { label: "2024" }),
    ],
    boots: usesStore("store"),
  },
  {
    name: "cmdline-over-yaml",
    title: "cow_label on the command line replaces that of a YAML file",
    disks: (place) => [
      mediumWithYaml(place, "global:\n    cow_label: other\n"),
      store(place, { label: "other" }, { name: "other" }),
      usedStore(place),
    ],
    cmdline: "cow_label=store",
    boots: usesStore("store"),
  },
  {
    name: "device-over-yaml",
    title: "cow_device on the command line replaces cow_label of a YAML file",
    disks: (place) => [
      mediumWithYaml(place, "global:\n    cow_label: other\n"),
      store(place, { label: "other" }, { name: "other" }),
      usedStore(place),
    ],
    cmdline: "cow_device=<store>",
    boots: usesStore("store"),
  },
  {
    name: "yaml-cancelled",
    title: "cow_label= on the command line cancels that of a YAML file",
    disks: (place) => [mediumWithYaml(place, "global:\n    cow_label: store\n"), store(place)],
    cmdline: "cow_label=",
    writes: [],
    boots: forgets(),
  },
  {
    name: "off",
    title: "backstore=off beats cow_label in a YAML file and on the command line",
    disks: (place) => [mediumWithYaml(place, "global:\n    cow_label: store\n"), store(place)],
    cmdline: "cow_label=store backstore=off",
    writes: [],
    boots: forgets(),
  },
  {
    name: "default-off",
    title: "backstore=off built into the initramfs beats cow_label, which is told",
    disks: (place) => [medium(place), store(place)],
    defaults: "backstore=off",
    cmdline: "cow_label=store",
    writes: [],
    boots: forgets({ problems: [/cow_label "store": backstore=off overrides/] }),
  },
  {
    name: "default-label",
    title: "cow_label built into the initramfs finds the store",
    disks: (place) => [medium(place), usedStore(place)],
    defaults: "cow_label=store",
    boots: usesStore("store"),
  },
  {
    name: "credential",
    title: "options of the machine's credential count, and the command line goes over them",
    needs: "the firmware's table",
    disks: (place) => [
      mediumWithYaml(place, "global:\n    cow_flags: commit=99\n"),
      store(place, { label: "other" }, { name: "other" }),
      usedStore(place),
    ],
    oemStrings: [
      "io.systemd.credential:backstore.cmdline=cow_label=other cow_flags=noatime,commit=17",
    ],
    cmdline: "cow_label=store",
    boots: usesStore("store", {
      facts: { "mounts ": /^<store> \S+ ext4 rw,\S*noatime\S*commit=17/m },
    }),
  },
  {
    name: "nothing-asked",
    title: "no option and no store file is a volatile session",
    disks: (place) => [medium(place), store(place)],
    writes: [],
    boots: forgets(),
  },
  {
    name: "directory",
    title: "cow_directory is where changes are kept, a leading slash meaning the top",
    disks: (place) => [medium(place), usedStore(place, { directory: "my stores/one" })],
    cmdline: 'cow_label=store cow_directory="/my stores/one"',
    boots: usesStore("store", { directory: "my stores/one" }),
  },
  {
    name: "flags",
    title: "cow_flags are the store's mount options",
    disks: (place) => [medium(place), usedStore(place)],
    cmdline: "cow_label=store cow_flags=noatime,commit=17",
    boots: usesStore("store", {
      facts: { "mounts ": /^<store> \S+ ext4 rw,\S*noatime\S*commit=17/m },
    }),
  },
  {
    name: "spacesize",
    title: "cow_spacesize is the size of a volatile session's memory layer",
    disks: (place) => [medium(place)],
    cmdline: "cow_spacesize=24M",
    writes: [],
    boots: forgets({ facts: { "mounts ": /^\S+ \S+ tmpfs \S*size=24576k/m } }),
  },
];

function mediumWithYaml(place: Place, yaml: string): Disk {
  const file = place.file("medium.img");
  writeMedium(file, rescueWithYaml({ "200-store.yaml": yaml }));
  return { name: "medium", file };
}

function partitionedStore(place: Place): Disk {
  const { file } = usedStore(place, {}, { name: "part" });
  writeDisk(place.file("store.img"), "gpt", [{ file, name: "my store", uuid: partUuid }]);
  return { name: "store", file: place.file("store.img") };
}
