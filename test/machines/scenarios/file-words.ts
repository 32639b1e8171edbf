// The words of backstore= that request a file store, alone and together, on sticks and on built-in
// disks.

import { makeUsedStore } from "../disks/store-files.ts";
import {
  finds,
  host,
  keepsInFile,
  partitioned,
  usedHost,
  warnsAfterwards,
} from "../file-scenario.ts";
import { forgets, medium, type Place, type Scenario, store } from "../scenario.ts";

/** A device that is searched without any option. */
const stick = { bus: "usb" } as const;

const partUuid = "8a4be3d2-1c5f-4e0b-9d7a-2b6c8f1e0d93";

/** On a built-in disk: vfat in a partition with every kind of name, with a store in two places. */
const devices: readonly (readonly [words: string, file: string])[] = [
  ["backstore=UUID=1A2B-3C4D", "/sysrcd.bs"],
  ["backstore=LABEL=HOST", "/sysrcd.bs"],
  [`backstore=PARTUUID=${partUuid}`, "/sysrcd.bs"],
  ['"backstore=PARTLABEL=my host"', "/sysrcd.bs"],
  ["backstore=<store:1>", "/sysrcd.bs"],
  ["backstore=UUID=1A2B-3C4D,/stores/my.bs", "/stores/my.bs"],
];

export const fileWords: readonly Scenario[] = [
  {
    name: "file-nothing-asked",
    title: "without any option the store on a stick is found, used, and shown at /mnt/memory",
    disks: (place) => [medium(place), host(place, {}, stick)],
    boots: warnsAfterwards(
      keepsInFile("store", { facts: { "mounts ": /^\S+ \/mnt\/memory ext4 ro/m } }),
    ),
  },
  {
    name: "file-none",
    title: "without any option and without a store nothing is missed",
    disks: (place) => [medium(place), host(place, { tree: { "notes.txt": "no store\n" } }, stick)],
    writes: [],
    boots: forgets({ rejected: { "<store>": /sysrcd\.bs/ } }),
  },
  {
    name: "file-alldev",
    title: "a store on a disk that is built in is not taken without alldev, and with it",
    disks: (place) => [medium(place), usedHost(place, { type: "ext4" })],
    boots: [
      ...forgets({ rejected: { "<store>": /not removable.*alldev/ } }).map((boot) => ({
        ...boot,
        writes: [],
      })),
      { ...finds("persistent", { store: "store" }), cmdline: "backstore=alldev" },
    ],
  },
  {
    name: "file-path",
    title: "a path is looked for instead of /sysrcd.bs, on sticks alone",
    disks: (place) => [
      medium(place),
      host(
        place,
        {
          tree: { "my stores/one.bs": { file: makeUsedStore() }, "sysrcd.bs": "not looked at\n" },
        },
        stick,
      ),
      host(
        place,
        { type: "ext4", tree: { "two.bs": { file: makeUsedStore() } } },
        { name: "built-in" },
      ),
    ],
    cmdline: '"backstore=/my stores/one.bs"',
    boots: [finds("persistent", { store: "store", file: "/my stores/one.bs" })],
  },
  {
    name: "file-path-alldev",
    title: "with alldev a path is looked for on disks that are built in",
    disks: (place) => [
      medium(place),
      host(place, { type: "ext4", tree: { "two.bs": { file: makeUsedStore() } } }),
    ],
    cmdline: "backstore=alldev,/two.bs",
    boots: [finds("persistent", { store: "store", file: "/two.bs" })],
  },
  {
    name: "file-devices",
    title: "a device in backstore= is the only one looked on, also where it is built in",
    disks: (place) => [medium(place), named(place)],
    boots: warnsAfterwards(
      devices.map(([cmdline, file]) => ({
        ...finds("persistent", { store: "store:1", file }),
        cmdline,
      })),
    ),
  },
  {
    name: "file-readonly",
    title:
      "backstore=readonly shows the store's changes, keeps no new ones, and changes no byte of the disk",
    disks: (place) => [medium(place), usedHost(place)],
    cmdline: "backstore=alldev,readonly",
    writes: [],
    boots: [finds("readonly", { store: "store", console: [/READ-ONLY SESSION/] })],
  },
  {
    name: "file-required",
    title: "backstore=required runs on a store and stops without one",
    disks: (place) => [medium(place), usedHost(place)],
    boots: [
      { ...finds("persistent", { store: "store" }), cmdline: "backstore=alldev,required" },
      {
        cmdline: "backstore=alldev,required,/nowhere.bs,wait=1",
        writes: [],
        expect: {
          session: "stopped",
          console: [/\/nowhere\.bs/, /p {2}power off the machine\n/],
        },
      },
    ],
  },
  {
    name: "file-late",
    title: "a stick that is plugged in five seconds later is waited for when an option names it",
    disks: (place) => [
      medium(place),
      usedHost(place, { label: "LATE" }, { ...stick, absent: true }),
    ],
    cmdline: "backstore=LABEL=LATE",
    boots: [
      {
        ...finds("persistent", { store: "store", console: [/waiting for .*LATE/] }),
        hands: [{ when: /waiting for .*: 2[0-5] s/, plugs: "store" }],
      },
    ],
  },
  {
    name: "file-late-wait",
    title: "a store that is asked for and does not come is waited for, and named",
    disks: (place) => [medium(place), host(place, { tree: { "notes.txt": "no store\n" } })],
    cmdline: "backstore=alldev,wait=2",
    writes: [],
    boots: forgets({
      problems: [/sysrcd\.bs/],
      console: [/waiting for .*sysrcd\.bs/, /VOLATILE/],
    }),
  },
  {
    name: "file-and-directory",
    title: "both kinds of store asked for at once: the directory store is taken, which is told",
    disks: (place) => [medium(place), store(place), usedHost(place, {}, { name: "other" })],
    cmdline: "cow_label=store backstore=alldev",
    boots: [
      {
        expect: {
          session: "persistent",
          store: "store",
          directory: "persistent_RESCUE1100/x86_64",
          problems: [/backstore.*cow_label/],
        },
      },
    ],
  },
];

function named(place: Place) {
  const file = { file: makeUsedStore() };
  const tree = { "sysrcd.bs": file, "stores/my.bs": file };
  const disk = host(place, { label: "HOST", uuid: "1A2B3C4D", tree });
  return partitioned(place, disk, { name: "my host", uuid: partUuid });
}
