// Files that have a store's name and are none, and stores that something is wrong with.

import { writeFileSync } from "node:fs";
import { finds, host, usedHost } from "../file-scenario.ts";
import { markDirty } from "../hosts.ts";
import { forgets, medium, type Place, type Scenario } from "../scenario.ts";
import { makeAufsStore, makeOtherFileSystem } from "../store-files.ts";

export const fileRefused: readonly Scenario[] = [
  {
    name: "file-aufs",
    title: "a store of the first generation is named as such and left as it is, byte for byte",
    disks: (place) => [
      medium(place),
      host(place, { tree: { "sysrcd.bs": { file: makeAufsStore() } } }),
    ],
    writes: [],
    boots: forgets({
      rejected: { "/dev/sda": /first.generation.*aufs|aufs.*first.generation/ },
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
    boots: [
      finds("persistent", {
        store: /^\/dev\/sd[abcd]$/,
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
    cmdline: "backstore=wait=1",
    writes: [],
    boots: forgets({
      rejected: { "/dev/sda": /sysrcd\.bs.*no file system was recognised/ },
      problems: [/\/dev\/sda.*no file system was recognised/],
      console: [/VOLATILE/],
    }),
  },
  {
    name: "file-sparse",
    title: "a sparse store is used, and that it can lose everything when its host is full is told",
    disks: (place) => [medium(place), usedHost(place, { type: "ext4", sparse: true })],
    boots: [finds("persistent", { store: "/dev/sda", problems: [/sparse/], console: [/sparse/] })],
  },
  {
    name: "file-dirty-host",
    title: "a stick that was pulled out is used with a warning",
    disks: (place) => [medium(place), dirty(place)],
    boots: [
      finds("persistent", { store: "/dev/sda", problems: [/\/dev\/sda/], console: [/\/dev\/sda/] }),
    ],
  },
];

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
