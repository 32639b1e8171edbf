// Files that have a store's name but are not stores, and stores with faults.

import { readFileSync, writeFileSync } from "node:fs";
import { formatResizeRecord } from "../../../src/core/stores/resize-record.ts";
import { markDirty, writeCutHost } from "../disks/hosts.ts";
import { makeAufsStore, makeOtherFileSystem, makeUsedStore } from "../disks/store-files.ts";
import { finds, host, usedHost, warnsAfterwards } from "../file-scenario.ts";
import type { Disk } from "../machine.ts";
import {
  type Boot,
  type Expected,
  forgets,
  medium,
  type Place,
  type Scenario,
} from "../scenario.ts";

const taken: Partial<Expected> = {
  problems: [
    /^Growing the store .* to 24\.0 MiB was interrupted .*: its size is the same as before$/,
  ],
  console: [/its size is the same as before/],
};

export const fileRefused: readonly Scenario[] = [
  {
    name: "file-aufs",
    title: "a store of the first generation is named as such and left as it is, byte for byte",
    disks: (place) => [
      medium(place),
      host(place, { tree: { "sysrcd.bs": { file: makeAufsStore() } } }),
    ],
    cmdline: "backstore=alldev",
    writes: [],
    boots: forgets({
      rejected: { "<store>": /first.generation.*aufs|aufs.*first.generation/ },
      problems: [/aufs/],
      console: [/aufs/],
    }),
  },
  {
    name: "file-no-store",
    title: "files that only have the name are told apart from a store, which is used",
    disks: (place) => [
      medium(place),
      usedHost(place),
      host(place, { tree: { "sysrcd.bs": "text\n" } }, { name: "text" }),
      host(place, { tree: { "sysrcd.bs": { file: makeOtherFileSystem() } } }, { name: "photos" }),
      host(place, { tree: { "sysrcd.bs/file": "in a directory\n" } }, { name: "directory" }),
    ],
    cmdline: "backstore=alldev",
    boots: [
      finds("persistent", {
        store: "store",
        facts: {
          "boot ":
            /^(?=[\s\S]*is too small)(?=[\s\S]*is a directory)(?=[\s\S]*is not a store and not empty)/,
        },
      }),
    ],
  },
  {
    name: "file-broken",
    title: "a store whose first megabyte is lost is not used, which is told",
    disks: (place) => [
      medium(place),
      host(place, { tree: { "sysrcd.bs": { file: zeros(place) } } }),
    ],
    cmdline: "backstore=alldev,wait=1",
    writes: [],
    boots: forgets({
      rejected: { "<store>": /sysrcd\.bs.*no file system was recognised/ },
      problems: [/<store>.*no file system was recognised/],
      console: [/VOLATILE/],
    }),
  },
  {
    name: "file-sparse",
    title: "a sparse store is used, and that it can lose everything when its host is full is told",
    disks: (place) => [medium(place), usedHost(place, { type: "ext4", sparse: true })],
    cmdline: "backstore=alldev",
    boots: [finds("persistent", { store: "store", problems: [/sparse/], console: [/sparse/] })],
  },
  {
    name: "file-growth-cut",
    title:
      "a store that is longer than its room, because the power went while it grew, is what it was before",
    disks: (place) => [medium(place), longerThanItsRoom(place)],
    cmdline: "backstore=alldev",
    boots: warnsAfterwards([withHost(taken), withHost({})]),
  },
  {
    name: "file-in-the-journal",
    title:
      "a store that was made on a stick a moment before it was pulled out is in its journal, which is told",
    disks: (place) => [medium(place), pulledOut(place)],
    writes: [],
    boots: forgets({
      rejected: { "<store>": /after its journal is replayed/ },
      console: [/was found \(<store>: .* after its journal is replayed: mount it once/],
    }),
  },
  {
    name: "file-dirty-host",
    title: "a stick that was pulled out is used with a warning",
    disks: (place) => [medium(place), dirty(place)],
    cmdline: "backstore=alldev",
    boots: [finds("persistent", { store: "store", problems: [/<store>/], console: [/<store>/] })],
  },
];

/** A boot on the store that prints what is left on its host, and how long its file is. */
function withHost(expected: Partial<Expected>): Boot {
  const boot = finds("persistent", {
    store: "store",
    facts: { "list host": /^sysrcd\.bs\n16777216\s*$/ },
    ...expected,
  });
  const tell =
    "cd /run/backstore/host; (ls; wc -c < sysrcd.bs) | say list host; cd /; sync /run/backstore/host";
  return { ...boot, actions: `${boot.actions}\n${tell}` };
}

/**
 * FAT keeps a file's length apart from the chain of its clusters, and may have written only the
 * former.
 */
function longerThanItsRoom(place: Place): Disk {
  const grown = { from: 16 * mebibyte, to: 24 * mebibyte };
  const record = { operation: "grow", stage: "preparing", scratch: "/dev/shm/x" } as const;
  const disk = usedHost(place, {
    tree: {
      "sysrcd.bs": { file: makeUsedStore() },
      "sysrcd.bs.backstore-intent": formatResizeRecord({ ...record, ...grown }),
    },
  });
  const image = readFileSync(disk.file);
  const entry = image.indexOf("SYSRCD  BS ");
  if (image.readUInt32LE(entry + 28) !== grown.from) throw new Error("the file's entry is missing");
  image.writeUInt32LE(grown.to, entry + 28);
  writeFileSync(disk.file, image);
  return disk;
}

const mebibyte = 2 ** 20;

function pulledOut(place: Place): Disk {
  const file = place.file("store.img");
  writeCutHost({ type: "ext4", tree: { "sysrcd.bs": { file: makeUsedStore() } }, path: file });
  return { bus: "usb", name: "store", file };
}

function dirty(place: Place) {
  const disk = usedHost(place);
  markDirty(disk.file);
  return disk;
}

function zeros(place: Place): string {
  const file = place.file("zeros");
  writeFileSync(file, Buffer.alloc(4 * 1024 * 1024));
  return file;
}
