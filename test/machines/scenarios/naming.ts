// Ways to say which store: on the command line, in the medium's YAML files, built into the initramfs, or not at all.

import { rescueWithYaml } from "../disks/layouts.ts";
import { writeDisk, writeMedium } from "../disks/media.ts";
import type { Disk } from "../machine.ts";
import { forgets, keeps, medium, type Place, type Scenario, store } from "../scenario.ts";

const uuid = "5f0c2a1e-93d4-4b7a-8c11-6f2d9e4b7a10";
const partUuid = "8a4be3d2-1c5f-4e0b-9d7a-2b6c8f1e0d93";

const ways: readonly (readonly [name: string, cmdline: string])[] = [
  ["label", "cow_label=store"],
  ["device", "cow_device=<store:1>"],
  ["tag-label", "cow_device=LABEL=store"],
  ["tag-uuid", `cow_device=UUID=${uuid}`],
  ["tag-partlabel", 'cow_device="PARTLABEL=my store"'],
  ["tag-partuuid", `cow_device=PARTUUID=${partUuid}`],
  ["path-label", "cow_device=/dev/disk/by-label/store"],
  ["path-uuid", `cow_device=/dev/disk/by-uuid/${uuid}`],
  ["path-partlabel", "cow_device=/dev/disk/by-partlabel/my\\x20store"],
  ["path-partuuid", `cow_device=/dev/disk/by-partuuid/${partUuid}`],
];

export const naming: readonly Scenario[] = [
  ...ways.map(
    ([name, cmdline]): Scenario => ({
      name,
      title: `${cmdline} keeps changes`,
      disks: (place) => [medium(place), partitionedStore(place)],
      cmdline,
      boots: keeps("store:1"),
    }),
  ),
  {
    name: "yaml",
    title: "cow_label in a YAML file keeps changes",
    disks: (place) => [mediumWithYaml(place, "global:\n    cow_label: store\n"), store(place)],
    boots: keeps("store"),
  },
  {
    name: "yaml-directory",
    title: "cow_directory in a YAML file is where changes are kept",
    disks: (place) => [
      mediumWithYaml(place, 'global:\n    cow_label: "store"\n    cow_directory: /kept/here\n'),
      store(place),
    ],
    boots: keeps("store", { directory: "kept/here" }),
  },
  {
    name: "yaml-number",
    title: "a label that looks like a number in a YAML file is the text that was written",
    disks: (place) => [
      mediumWithYaml(place, "global:\n    cow_label: 2024\n"),
      store(place, { label: "2024" }),
    ],
    boots: keeps("store"),
  },
  {
    name: "cmdline-over-yaml",
    title: "cow_label on the command line replaces that of a YAML file",
    disks: (place) => [
      mediumWithYaml(place, "global:\n    cow_label: other\n"),
      store(place, { label: "other" }, { name: "other" }),
      store(place),
    ],
    cmdline: "cow_label=store",
    boots: keeps("store"),
  },
  {
    name: "device-over-yaml",
    title: "cow_device on the command line replaces cow_label of a YAML file",
    disks: (place) => [
      mediumWithYaml(place, "global:\n    cow_label: other\n"),
      store(place, { label: "other" }, { name: "other" }),
      store(place),
    ],
    cmdline: "cow_device=<store>",
    boots: keeps("store"),
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
    boots: forgets({ problems: [/cow_label "store": backstore=off holds/] }),
  },
  {
    name: "default-label",
    title: "cow_label built into the initramfs keeps changes",
    disks: (place) => [medium(place), store(place)],
    defaults: "cow_label=store",
    boots: keeps("store"),
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
    disks: (place) => [medium(place), store(place)],
    cmdline: 'cow_label=store cow_directory="/my stores/one"',
    boots: keeps("store", { directory: "my stores/one" }),
  },
  {
    name: "flags",
    title: "cow_flags are the store's mount options",
    disks: (place) => [medium(place), store(place)],
    cmdline: "cow_label=store cow_flags=noatime,commit=17",
    boots: keeps("store", {
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
  const { file } = store(place, { uuid }, { name: "part" });
  writeDisk(place.file("store.img"), "gpt", [{ file, name: "my store", uuid: partUuid }]);
  return { name: "store", file: place.file("store.img") };
}
