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
  warnsOfHost,
} from "../file-scenario.ts";
import type { Bus } from "../machine.ts";
import { forgets, medium, type Scenario } from "../scenario.ts";

const kept = { "srv/new/more": "more\n" };

/** Each host, built in, or on a stick or a USB disk, which need no option. */
const hosts = [
  { type: "ext2", store: "store" },
  { type: "ext3", store: "store:1" },
  { type: "ext4", store: "store:1" },
  { type: "btrfs", store: "store:1" },
  { type: "xfs", bus: "usb-fixed", store: "store" },
  { type: "exfat", bus: "usb", store: "store:1" },
] as const satisfies readonly { type: string; store: string; bus?: Bus }[];

const inners: readonly (readonly [inner: StoreType, type: FileSystemType])[] = [
  ["ext2", "ext4"],
  ["ext3", "vfat"],
  ["xfs", "ext4"],
  ["btrfs", "xfs"],
];

export const fileHosts: readonly Scenario[] = [
  ...hosts.map(({ type, store, ...disk }): Scenario => {
    const bus = "bus" in disk ? disk.bus : undefined;
    const at = `${bus ?? "built in"}${store === "store" ? "" : ", in a partition"}`;
    return {
      name: `file-host-${type}`,
      title: `a store in a file on ${type} (${at}) is used, and what is changed is on the disk`,
      disks: (place) => {
        const host = usedHost(place, { type }, disk);
        return [medium(place), store.endsWith("1") ? partitioned(place, host) : host];
      },
      ...(bus === undefined ? { cmdline: "backstore=alldev" } : {}),
      boots: [finds("persistent", { store, upper: kept, ...warnsOfHost(type) })],
    };
  }),
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
