// The possible hosts of a file store and their contents: each file system of the host on some bus,
// as a whole disk or in a partition, and each file system of the store.

import { makeNewStore, makeUsedStore, type StoreType } from "../disks/store-files.ts";
import type { FileSystemType } from "../disks/stores.ts";
import {
  finds,
  host,
  keepsInFile,
  partitioned,
  usedHost,
  warnsAfterwards,
} from "../file-scenario.ts";
import { forgets, medium, type Scenario } from "../scenario.ts";

const kept = { "srv/new/more": "more\n" };

/** Each host on a bus of its own; all but sticks need alldev. */
const hosts = [
  { type: "ext2", bus: "usb", store: "store", cmdline: "" },
  { type: "ext3", bus: "sata", store: "store:1", cmdline: "backstore=alldev" },
  { type: "ext4", bus: "nvme", store: "store:1", cmdline: "backstore=alldev" },
  { type: "xfs", bus: "usb-fixed", store: "store", cmdline: "" },
  { type: "btrfs", bus: "usb", store: "store:1", cmdline: "" },
  { type: "exfat", bus: "usb", store: "store:1", cmdline: "" },
] as const;

const inners: readonly (readonly [inner: StoreType, type: FileSystemType])[] = [
  ["ext2", "ext4"],
  ["ext3", "vfat"],
  ["xfs", "ext4"],
  ["btrfs", "xfs"],
];

export const fileHosts: readonly Scenario[] = [
  ...hosts.map(
    ({ type, bus, store, cmdline }): Scenario => ({
      name: `file-host-${type}`,
      title: `a store in a file on ${type} (${bus}${store === "store" ? "" : ", in a partition"}) is used, and what is changed is on the disk`,
      disks: (place) => {
        const disk = usedHost(place, { type }, { bus });
        return [medium(place), store.endsWith("1") ? partitioned(place, disk) : disk];
      },
      cmdline,
      boots: [finds("persistent", { store, upper: kept })],
    }),
  ),
  {
    name: "file-host-f2fs",
    title: "a store in a file on f2fs keeps changes",
    disks: (place) => [medium(place), host(place, { type: "f2fs" })],
    cmdline: "backstore=alldev",
    // The kernel that runs the tests may lack f2fs, so the disk is not inspected from outside.
    boots: keepsInFile("store").map(({ expect: { upper: _, ...expect }, ...boot }) => ({
      ...boot,
      expect,
    })),
  },
  {
    name: "file-host-ntfs",
    title: "with Debian 13's kernel a store in a file on ntfs is used",
    kernel: "Debian 13",
    disks: (place) => [
      medium(place),
      partitioned(place, usedHost(place, { type: "ntfs" }, { bus: "usb" })),
    ],
    boots: [finds("persistent", { store: "store:1", upper: kept })],
  },
  {
    name: "file-host-ntfs-no-driver",
    title: "with a kernel that cannot mount ntfs, that is the reason against the disk",
    disks: (place) => [medium(place), usedHost(place, { type: "ntfs" }, { bus: "usb" })],
    writes: [],
    boots: forgets({ rejected: { "<store>": /no driver that can write to ntfs/ } }),
  },
  ...inners.map(
    ([inner, type]): Scenario => ({
      name: `file-inner-${inner}`,
      title: `a store that is ${inner} in a file on ${type} keeps changes`,
      disks: (place) => [
        medium(place),
        host(place, { type, tree: { "sysrcd.bs": { file: makeNewStore(inner) } } }),
      ],
      cmdline: "backstore=alldev",
      boots: type === "vfat" ? warnsAfterwards(keepsInFile("store")) : keepsInFile("store"),
    }),
  ),
  {
    name: "file-hibernated",
    title: "a hibernated Windows disk is never written to: its store is shown read-only",
    kernel: "Debian 13",
    disks: (place) => [
      medium(place),
      host(
        place,
        {
          type: "ntfs",
          tree: {
            "sysrcd.bs": { file: makeUsedStore() },
            "hiberfil.sys": `hibr${"\0".repeat(65532)}`,
          },
        },
        { bus: "sata" },
      ),
    ],
    cmdline: "backstore=alldev",
    writes: [],
    boots: [
      finds("readonly", {
        store: "store",
        problems: [/hibernated/],
        console: [/READ-ONLY SESSION/, /hibernated/],
      }),
    ],
  },
];
