// Full stores: with the space that they reserve for that case, and without. The tiny guest is
// switched off, so that each boot but the first has a journal to replay before it is known how much
// is free.

import { runTool } from "../../../scripts/lib/tool.ts";
import { makeNewStore } from "../disks/store-files.ts";
import type { FileSystemType } from "../disks/stores.ts";
import { host } from "../file-scenario.ts";
import type { Disk } from "../machine.ts";
import {
  type Boot,
  defaultDirectory,
  type Expected,
  medium,
  type Place,
  type Scenario,
  stopsInstead,
  store,
} from "../scenario.ts";

/** The place of the program for the end of the session; the tiny system has no other copy. */
const program = "/run/initramfs/shutdown";
const status = `say_done status ${program} status`;

/**
 * Writes until the store is full, in large pieces and then in small ones, for which no program is
 * started.
 */
const fill = `
cat /dev/zero > /srv/fill
sync
number=0
for size in 4095 1; do
  small=$(printf "%\${size}s" x)
  while [ $number -lt 2000 ] && echo "$small" > /srv/small.$number; do number=$((number + 1)); done
done
sync; df -k / > /dev/console`;

/** Prints the size and owner of a ballast. */
const lookAt = (directory: string) =>
  `say_done ballast stat -c "%a %s" ${`/run/backstore/store/${directory}/backstore.ballast`.replace("//", "/")}`;

/** What cannot be done without space: deletes a file of the base, and writes something. */
const clean = `
say_done delete rm -r /srv/gone /srv/gone.txt /srv/fill
sync
say_done write sh -c "head -c 3000000 /dev/zero > /srv/more && sync && ls /srv"`;

/** Puts a file back, for which the next boot takes the copy out of the store. */
const revert = `say_done revert ${program} revert /srv/gone.txt --yes`;

/** Prints what the store has of a directory. */
const lookInto = (directory: string) =>
  `say_done upper ls -A ${`/run/backstore/store/${directory}/upperdir/srv`.replace("//", "/")}`;

const cleaned: Expected["facts"] = {
  "done delete": /^status 0$/m,
  "done write": /^more\n[\s\S]*^status 0$/m,
};

function word(ballast: "kept" | "made" | "released" | null): RegExp {
  return new RegExp(`"ballast": ${ballast === null ? "null" : `"${ballast}"`}`);
}

/**
 * A store that gets full in its first session, is cleaned in the second, and has a ballast again in
 * the third, which takes out what the second has copied to put it back.
 */
function fillsUp(usual: Omit<Expected, "session">, ballastMegabytes: number): readonly Boot[] {
  const session: Expected = { session: "persistent", ...usual };
  const look = lookAt(usual.directory ?? "");
  const size = new RegExp(`^600 ${ballastMegabytes * 1024 * 1024}\nstatus 0$`, "m");
  return [
    {
      actions: `${look}\n${fill}\nsay_done overfull sh -c "echo more > /srv/one-more"\n${status}`,
      expect: {
        ...session,
        facts: {
          boot: word("made"),
          "done ballast": size,
          "done overfull": /No space left on device[\s\S]*^status 1$/m,
          "done status": /^persistent: [\s\S]*The store is (9[5-9]|100) % full: [\s\S]*^status 0$/m,
        },
      },
    },
    {
      actions: `${look}\nsay_files /run/motd.d/backstore\n${clean}\n${revert}\n${status}`,
      expect: {
        ...session,
        problems: [
          /^The store was full: its ballast( of [\d.]+ MiB)? was released, and [\d.]+ [KM]iB is free now; delete large files \(du /,
        ],
        console: [/The store was full: its ballast/],
        facts: {
          boot: word("released"),
          "done ballast": /No such file[\s\S]*^status 1$/m,
          "file /run/motd.d/backstore": /^backstore: persistent: [\s\S]*The store was full: /,
          "done status": /^persistent: [\s\S]*The store was full: [\s\S]*^status 0$/m,
          ...cleaned,
          "done revert": /^deleted [\s\S]*The next boot takes the copies out[\s\S]*^status 0$/m,
        },
      },
    },
    {
      actions: `${look}\n${lookInto(usual.directory ?? "")}\nsay_files /srv/gone.txt`,
      expect: {
        ...session,
        files: { "/srv/gone.txt": "to be deleted\n" },
        facts: {
          boot: word("made"),
          "done ballast": size,
          "done upper": /^(?![\s\S]*gone\.txt)[\s\S]*^more$[\s\S]*^status 0$/m,
        },
      },
    },
  ];
}

/** Makes a disk with a store's directory beside other data. */
function besideData(place: Place, type: FileSystemType, bytes: number) {
  return store(place, { type, bytes, contents: "test/machines/scenarios" });
}

export const fullStores: readonly Scenario[] = [
  {
    name: "full-file",
    title:
      "a full file store is persistent by its ballast, and says so; what is deleted gives room",
    disks: (place) => [
      medium(place),
      host(place, { type: "ext4", tree: { "sysrcd.bs": { file: makeNewStore("ext4", 64) } } }),
    ],
    cmdline: "backstore=alldev",
    boots: fillsUp({ store: "store", file: "/sysrcd.bs", directory: "" }, 4),
  },
  {
    name: "full-small",
    title: "a full file store that is too small for the usual ballast is persistent by a small one",
    disks: (place) => [
      medium(place),
      host(place, { type: "ext4", tree: { "sysrcd.bs": { file: makeNewStore("ext4", 24) } } }),
    ],
    cmdline: "backstore=alldev",
    boots: fillsUp({ store: "store", file: "/sysrcd.bs", directory: "" }, 1),
  },
  {
    name: "full-xfs",
    title: "a full xfs is persistent by its ballast, though its log hides how full it is",
    disks: (place) => [medium(place), store(place, { type: "xfs" })],
    cmdline: "cow_label=store",
    boots: fillsUp({ store: "store", directory: defaultDirectory }, 4),
  },
  {
    name: "full-btrfs",
    title: "a full btrfs is persistent by its ballast",
    disks: (place) => [medium(place), store(place, { type: "btrfs", bytes: 192 * 1024 * 1024 })],
    cmdline: "cow_label=store",
    boots: fillsUp({ store: "store", directory: defaultDirectory }, 4),
  },
  {
    name: "full-data",
    title:
      "a store among somebody's data has no ballast: when it is full it is only read, and required stops",
    disks: (place) => [medium(place), besideData(place, "ext4", 64 * 1024 * 1024)],
    cmdline: "cow_label=store",
    boots: [
      {
        actions: `${lookAt(defaultDirectory)}\necho kept > /srv/kept\n${fill}`,
        expect: {
          session: "persistent",
          store: "store",
          directory: defaultDirectory,
          facts: { boot: word(null), "done ballast": /No such file[\s\S]*^status 1$/m },
        },
      },
      {
        actions: `say_files /srv/kept /run/motd.d/backstore\necho lost > /srv/lost`,
        expect: {
          session: "readonly",
          store: "store",
          files: { "/srv/kept": "kept\n" },
          problems: [/^Cannot keep changes: .*could not be opened for writing/],
          console: [/READ-ONLY SESSION/, /the store is full \([\d.]+ \w+ free/],
          facts: {
            "file /run/motd.d/backstore":
              /READ-ONLY: [\s\S]*the store is full \([\s\S]*boot with backstore=off, mount <store>/,
          },
        },
      },
      stopsInstead(/the store is full \(/),
    ],
  },
  {
    name: "full-inodes",
    title:
      "a store without an inode left is told as that, and persistent by those that it kept back",
    disks: (place) => [medium(place), makeSmallTable(place)],
    cmdline: "cow_label=store",
    boots: [
      {
        actions: `number=0; while echo > /srv/small.$number; do number=$((number + 1)); done 2>/dev/null
${status}`,
        expect: {
          session: "persistent",
          store: "store",
          directory: defaultDirectory,
          facts: {
            "done status":
              /^persistent: [\s\S]*The store is 100 % full: inodes for 0 of \d+ files left[\s\S]*^status 0$/m,
          },
        },
      },
      {
        actions: `say_done delete sh -c "rm /srv/small.[0-3]* && rm -r /srv/gone.txt"
say_done write sh -c "echo more > /srv/more && cat /srv/more"
${status}`,
        expect: {
          session: "persistent",
          store: "store",
          directory: defaultDirectory,
          problems: [/^The store had no inode left: those that were kept back are free now; /],
          console: [/The store had no inode left/],
          facts: {
            "done delete": /^status 0$/m,
            "done write": /^more\nstatus 0$/m,
          },
        },
      },
    ],
  },
  {
    name: "ballast-kept",
    title:
      "a ballast is made when a store is first used, and kept; from 85 and 95 percent on it is told",
    disks: (place) => [medium(place), store(place, { bytes: 128 * 1024 * 1024 })],
    cmdline: "cow_label=store",
    boots: [
      {
        actions: `${lookAt(defaultDirectory)}
head -c 96256k /dev/zero > /srv/fill; sync
${status}`,
        expect: {
          session: "persistent",
          store: "store",
          directory: defaultDirectory,
          facts: {
            boot: word("made"),
            "done ballast": /^600 4194304\nstatus 0$/m,
            "done status": /^persistent: [\s\S]*The store is 8[5-9] % full: [\s\S]*^status 0$/m,
          },
        },
      },
      {
        actions: `${lookAt(defaultDirectory)}
say_files /run/motd.d/backstore /run/issue.d/backstore.issue
head -c 9300k /dev/zero > /srv/more; sync
${status}`,
        expect: {
          session: "persistent",
          store: "store",
          directory: defaultDirectory,
          facts: {
            boot: word("kept"),
            "done ballast": /^600 4194304\nstatus 0$/m,
            "file /run/motd.d/backstore": /The store is 8[5-9] % full: /,
            "file /run/issue.d/backstore.issue": /The store is 8[5-9] % full: /,
            "done status": /^persistent: [\s\S]*The store is 9[5-9] % full: [\s\S]*^status 0$/m,
          },
        },
      },
      {
        actions: "say_files /run/motd.d/backstore",
        expect: {
          session: "persistent",
          store: "store",
          directory: defaultDirectory,
          facts: { "file /run/motd.d/backstore": /The store is 9[5-9] % full: / },
        },
      },
    ],
  },
];

/** Makes a store that has much room, and few inodes. */
function makeSmallTable(place: Place): Disk {
  const disk = store(place, { bytes: 96 * 1024 * 1024 });
  runTool(["mkfs.ext4", "-q", "-F", "-N", "64", "-L", "store", disk.file]);
  return disk;
}
