// Where the medium and the store may be: layouts of distributions, discs, sticks, hybrid images,
// other buses.

import { type LayoutName, makeLayout } from "../disks/layouts.ts";
import { type HybridStart, writeDisk, writeHybrid } from "../disks/media.ts";
import { usedStore, usesStore } from "../disks/used-stores.ts";
import { copied, forgets, keeps, medium, type Place, type Scenario, store } from "../scenario.ts";

const layouts: readonly (readonly [layout: LayoutName, directory: string])[] = [
  ["arch", "persistent_ARCH_202501/x86_64"],
  ["debian", "persistent_d-live 12.9.0 gn amd64/x86_64"],
  ["fedora", "persistent_Fedora-WS-Live-41/x86_64"],
  ["fedora-nested", "persistent_Fedora-WS-Live-40/x86_64"],
  ["fedora-erofs", "persistent_Fedora-WS-Live-42/x86_64"],
  ["fedora-nested-erofs", "persistent_Fedora-WS-Live-43/x86_64"],
  ["ubuntu", "persistent_Ubuntu 22.04.5 LTS amd64/x86_64"],
  ["first-generation", "persistent_SYSRESC/x86_64"],
];

export const places: readonly Scenario[] = [
  ...layouts.map(
    ([layout, directory]): Scenario => ({
      name: `layout-${layout}`,
      title: `the layout of ${layout} is found, and its store`,
      disks: (place) => [medium(place, layout), usedStore(place, { directory })],
      cmdline: "cow_label=store",
      boots: usesStore("store", { directory }),
    }),
  ),
  {
    name: "layout-ubuntu-layered",
    title: "Ubuntu's layered images are refused with a sentence",
    disks: (place) => [medium(place, "ubuntu-layered"), store(place)],
    cmdline: "cow_label=store backstore=wait=2",
    writes: [],
    boots: [
      {
        expect: {
          session: "stopped",
          console: [/consists of layers .*casper\/minimal\.squashfs.*not supported/],
        },
      },
    ],
  },
  {
    name: "archisolabel",
    title: "archisolabel chooses among two media",
    disks: (place) => [
      medium(place, "debian"),
      copied(place, "rescue", makeLayout("systemrescue")),
      usedStore(place),
    ],
    cmdline: "archisolabel=RESCUE1100 archisobasedir=sysresccd cow_label=store",
    boots: usesStore("store"),
  },
  {
    name: "medium-twice",
    title: "a second medium with the same label is named, and one of the two is taken",
    disks: (place) => [
      medium(place),
      copied(place, "twin", makeLayout("systemrescue")),
      usedStore(place),
    ],
    cmdline: "archisolabel=RESCUE1100 cow_label=store",
    boots: usesStore("store", {
      problems: [/More than one .*: using (?:<medium>|<twin>), ignoring (?:<medium>|<twin>)/],
    }),
  },
  {
    name: "archisodevice",
    title: "archisodevice chooses the medium by its path",
    disks: (place) => [
      medium(place, "debian"),
      copied(place, "rescue", makeLayout("systemrescue")),
      usedStore(place),
    ],
    cmdline: "archisodevice=<rescue> archisobasedir=sysresccd cow_label=store",
    boots: usesStore("store"),
  },
  {
    name: "on-the-medium",
    title: "the store may lie on the medium's own file system",
    disks: (place) => [medium(place, "systemrescue-ext4")],
    cmdline: "cow_label=RESCUE1100",
    writes: ["medium"],
    boots: keeps("medium"),
  },
  {
    name: "beside-the-medium",
    title: "medium and store may be two partitions of one USB stick",
    disks: (place) => [stick(place)],
    cmdline: "cow_label=store",
    writes: ["stick"],
    boots: usesStore("stick:2"),
  },
  ...([0, 64] as const).map(
    (start): Scenario => ({
      name: `hybrid-${start}`,
      title: `a hybrid image whose partition 1 begins at sector ${start} leaves a third partition for the store`,
      disks: (place) => [hybrid(place, start)],
      cmdline: "cow_label=store",
      writes: ["stick"],
      // Scripts look for the disk behind the medium by the device that is mounted, so that should be
      // the partition if that shows the image; otherwise a loop device leaves partitions usable.
      boots: usesStore("stick:3", {
        facts: {
          "mounts ": new RegExp(
            `^${start === 0 ? "<stick:1>" : "/dev/loop\\d"} /run/initramfs/backstore/medium iso9660 ro`,
            "m",
          ),
        },
      }),
    }),
  ),
  {
    name: "disc-scsi",
    title: "a disc in a SCSI drive is a medium",
    disks: (place) => [medium(place, "systemrescue-iso", { bus: "scsi-disc" }), usedStore(place)],
    cmdline: "cow_label=store",
    boots: usesStore("store"),
  },
  {
    name: "disc-sata",
    title: "a disc in a SATA drive is a medium",
    disks: (place) => [medium(place, "systemrescue-iso", { bus: "ide-disc" }), usedStore(place)],
    cmdline: "archisolabel=RESCUE1100 cow_label=store",
    boots: usesStore("store"),
  },
  {
    name: "usb-fixed",
    title: "a store on a USB disk that says it is not removable",
    disks: (place) => [
      medium(place, "systemrescue", { bus: "usb" }),
      usedStore(place, {}, { bus: "usb-fixed" }),
    ],
    cmdline: "cow_label=store",
    boots: usesStore("store"),
  },
  {
    name: "sata",
    title: "a store on a SATA disk",
    disks: (place) => [medium(place), usedStore(place, {}, { bus: "sata" })],
    cmdline: "cow_label=store",
    boots: usesStore("store"),
  },
  {
    name: "nvme",
    title: "a store on an NVMe disk",
    disks: (place) => [medium(place), usedStore(place, {}, { bus: "nvme" })],
    cmdline: "cow_label=store",
    boots: usesStore("store"),
  },
  {
    name: "small-memory",
    title: "a machine with 128 MB of memory finds its store",
    both: true,
    disks: (place) => [medium(place), usedStore(place)],
    cmdline: "cow_label=store",
    memoryMegabytes: 128,
    boots: usesStore("store"),
  },
  {
    name: "init",
    title: "init= is honoured and what follows -- is its arguments",
    disks: (place) => [medium(place)],
    cmdline: "init=/sbin/other-init -- one cow_label=store",
    writes: [],
    boots: forgets({ facts: { "init ": /^\/sbin\/other-init one cow_label=store$/m } }),
  },
];

function stick(place: Place) {
  const file = place.file("stick.img");
  const partitions = [
    { file: makeLayout("systemrescue") },
    { file: usedStore(place, {}, { name: "part" }).file },
  ];
  writeDisk(file, "dos", partitions);
  return { name: "stick", file, bus: "usb" } as const;
}

function hybrid(place: Place, start: HybridStart) {
  const file = place.file("stick.img");
  writeHybrid(file, makeLayout("systemrescue-iso"), {
    file: usedStore(place, {}, { name: "part" }).file,
    start,
  });
  return { name: "stick", file };
}
