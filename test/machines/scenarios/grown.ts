// Stores that are made and grown by the commands of a running session: on the stick that was
// booted, of what a session has in memory, on exfat, and with the power failing in the middle of it. systemd.test.ts follows the
// first generation's manual word by word on a real live system.

import { makeKillAt } from "../../tools/make-kill-at.ts";
import { type Tree, writeMedium } from "../disks/media.ts";
import { makeNewStore } from "../disks/store-files.ts";
import { writeStore } from "../disks/stores.ts";
import { partitioned } from "../file-scenario.ts";
import { toolTree } from "../guest/tool-base.ts";
import type { Disk } from "../machine.ts";
import type { Boot, Expected, Place, Scenario } from "../scenario.ts";

const mebibyte = 1024 * 1024;

/** A store that is made in one boot, used in the next, and grown while it is in use in the third. */
interface Growth {
  /** The disk or partition that the store is on. */
  readonly store: string;
  /** The argument of the boot that makes it. */
  readonly first: string;
  /** Set if what the first boot has changed is kept in the store. */
  readonly adopts?: true;
  /** The directory that the commands are given. */
  readonly directory: string;
  /** Shell commands before the command that makes or grows the store, and after it. */
  readonly open: string;
  readonly close: string;
  readonly type: "ext4" | "btrfs";
  /** The sizes of the store in MiB. */
  readonly megabytes: readonly [number, number];
  /** How many MiB are written when it has grown. */
  readonly more: number;
  /** What boots on a host that was not unmounted report. */
  readonly dirty: readonly RegExp[];
}

const onBootStick: Growth = {
  store: "medium",
  first: "backstore=off",
  adopts: true,
  directory: "/run/archiso/bootmnt",
  open: "",
  // It was writable meanwhile.
  close: `say_done close sh -c "grep ' vfat ' /proc/mounts; ! grep '/medium vfat rw' /proc/mounts && ! touch /run/archiso/bootmnt/x"`,
  type: "ext4",
  megabytes: [64, 128],
  // More than the store could hold before.
  more: 72,
  dirty: [/dirty bit set/],
};

const onExfat: Growth = {
  store: "store:1",
  // Where no store is wanted, nothing loads the modules of USB.
  first: "",
  directory: "/mnt/keep",
  // As a desktop mounts it for its user.
  open: "load-modules; mkdir -p /mnt/keep; mount -t exfat -o uid=1000,gid=1000 <store:1> /mnt/keep",
  close: "say_done close umount /mnt/keep",
  type: "btrfs",
  // The kernel resizes no btrfs to less than 256 MiB.
  megabytes: [128, 256],
  more: 16,
  dirty: [/dirty bit set/],
};

/** The store that is grown by so many MiB each time, and the calls before which that is killed. */
const interrupted = {
  megabytes: 32,
  step: 16,
  // The record is written, space is allocated, the loop device grows, the file system grows, it has
  // grown.
  calls: ["rename:1", "fallocate:3", "ioctl:1", "ioctl:2", "syncfs:1"],
};

const well = /^status 0$/m;

/** A request that a host does not know looks like a dying stick on the console. */
const isQuiet = `say_done quiet sh -c "dmesg | grep -c Linux && ! dmesg | grep ' error, dev '"`;

/** Forty files of random bytes, and the digests of all that was changed. */
const writeOld = `
mkdir /srv/old
for number in $(seq 40); do head -c $((number * 5001)) /dev/urandom > /srv/old/$number; done
echo changed > /etc/motd; rm -r /srv/gone
find /etc/motd /srv/old -type f -exec sha256sum {} + > /srv/sums
say_done wrote sh -c "wc -l < /srv/sums | grep 41"`;
const oldIsWhole = `say_done old sh -c "[ ! -e /srv/gone ] && sha256sum -c /srv/sums | grep -c ': OK' | grep 41"`;

/** A slow machine writes to disk what on a fast one is still in memory when the power fails. */
const writeEarly =
  "for each in /proc/sys/vm/dirty_expire_centisecs /proc/sys/vm/dirty_writeback_centisecs; do echo 1 > $each; done";

export const grown: readonly Scenario[] = [
  {
    name: "grown-boot-stick",
    title:
      "a session in memory is kept in a store on the stick that was booted, which the next boot uses and grows in use",
    disks: (place) => [toolMedium(place, 160)],
    cmdline: "backstore=alldev",
    writes: ["medium"],
    boots: planGrowth(onBootStick),
  },
  {
    name: "grown-exfat",
    title:
      "a store with btrfs in it is made on a stick with exfat, used without an option, and grown",
    disks: (place) => {
      const file = place.file("keep.img");
      writeStore({ type: "exfat", label: "KEEP", path: file, bytes: 320 * mebibyte });
      const stick = partitioned(place, { name: "store", file }, { table: "dos" });
      return [toolMedium(place), { ...stick, bus: "usb" }];
    },
    boots: planGrowth(onExfat),
  },
  {
    name: "grown-power-cuts",
    title: "a store whose growing in use ends by power cuts loses nothing, and grows the next time",
    disks: (place) => [
      toolMedium(place, 160, {
        "sysrcd.bs": { file: makeNewStore("ext4", interrupted.megabytes) },
        "kill-at": { file: makeKillAt() },
      }),
    ],
    cmdline: "backstore=alldev",
    writes: ["medium"],
    boots: planPowerCuts(),
  },
];

function planGrowth(growth: Growth): Boot[] {
  const { store, first, adopts = false, directory, open, close, type, dirty } = growth;
  const [created, larger] = growth.megabytes;
  const formatMore = `yes 'written when it has grown' | head -c ${growth.more * mebibyte}`;
  const session: Expected = { session: "persistent", store, file: "/sysrcd.bs", directory: "" };
  return [
    {
      ...(first === "" ? {} : { cmdline: first }),
      actions: [
        open,
        ...(adopts ? [writeOld] : []),
        `say_done create backstore ${adopts ? "adopt" : "create"} --type ${type} ${directory} ${created}`,
        isWhole(directory, created),
        close,
      ].join("\n"),
      expect: {
        session: "volatile",
        facts: {
          ...(adopts ? { "done wrote": well } : {}),
          "done create": well,
          "done whole": well,
          "done close": well,
        },
      },
    },
    {
      actions: [hasRoom("room", created), adopts ? oldIsWhole : writeOld, isQuiet].join("\n"),
      expect: {
        ...session,
        facts: {
          "done room": well,
          [adopts ? "done old" : "done wrote"]: well,
          "done quiet": well,
        },
      },
    },
    {
      actions: [
        oldIsWhole,
        open,
        `say_done grow backstore grow ${directory} ${larger}`,
        hasRoom("room", larger),
        isWhole(directory, larger),
        `${formatMore} > /srv/more; sync`,
        isQuiet,
        close,
      ].join("\n"),
      expect: {
        ...session,
        problems: dirty,
        facts: {
          "done old": well,
          "done grow": well,
          "done room": well,
          "done whole": well,
          "done quiet": well,
          "done close": well,
        },
      },
    },
    {
      actions: [
        oldIsWhole,
        hasRoom("room", larger),
        `say_done more sh -c "${formatMore} | cmp - /srv/more"`,
      ].join("\n"),
      expect: {
        ...session,
        problems: dirty,
        facts: { "done old": well, "done room": well, "done more": well },
      },
    },
  ];
}

function planPowerCuts(): Boot[] {
  const { megabytes, step, calls } = interrupted;
  const session: Expected = {
    session: "persistent",
    store: "medium",
    file: "/sysrcd.bs",
    directory: "",
    byChance: /^Growing the store .* was interrupted/,
  };
  const sizeAt = (cuts: number) => megabytes + step * cuts;
  const grow = (cuts: number) => `backstore grow /run/archiso/bootmnt ${sizeAt(cuts)}`;
  const cuts = calls.map(
    (call, index): Boot => ({
      actions: `${index === 0 ? `${writeOld}; sync` : oldIsWhole}
${writeEarly}
say_done grow sh -c '/run/archiso/bootmnt/kill-at /run/report ${call} ${grow(index + 1)}; echo ended $?; tail -n 1 /run/report'
close_port
echo b > /proc/sysrq-trigger`,
      expect: {
        ...session,
        problems: index === 0 ? [] : [/dirty bit set/],
        facts: { [index === 0 ? "done wrote" : "done old"]: well, "done grow": /^ended 137$/m },
      },
    }),
  );
  return [
    ...cuts,
    {
      actions: [
        oldIsWhole,
        `say_done grow ${grow(calls.length + 1)}`,
        hasRoom("room", sizeAt(calls.length + 1)),
        "say_done remains sh -c 'ls -A /run/archiso/bootmnt | grep -v -e kill-at -e sysresccd'",
      ].join("\n"),
      expect: {
        ...session,
        problems: [/dirty bit set/],
        facts: {
          "done old": well,
          "done grow": well,
          "done room": well,
          "done remains": /^sysrcd\.bs\nstatus 0\n$/,
        },
      },
    },
  ];
}

// A sparse file would lose changes when the stick is full; hosts count in blocks of 512 bytes,
// rounded up.
function isWhole(directory: string, megabytes: number): string {
  const bytes = megabytes * mebibyte;
  return `say_done whole sh -c 'set -- $(stat -c "%s %b" ${directory}/sysrcd.bs); echo $*; [ $1 = ${bytes} ] && [ $2 -ge ${bytes / 512} ]'`;
}

function hasRoom(name: string, megabytes: number): string {
  const least = Math.floor(0.6 * megabytes);
  return `say_done ${name} sh -c 'set -- $(df -m / | tail -n 1); echo $2; [ $2 -ge ${least} ] && [ $2 -le ${megabytes} ]'`;
}

/** The medium with the commands' tools, with so much free space in MiB, and other files. */
function toolMedium(place: Place, spare = 16, more: Tree = {}): Disk {
  const file = place.file("medium.img");
  const tree = { ...toolTree(), ...more };
  writeMedium(file, { kind: "vfat", label: "RESCUE1100", tree, spareBytes: spare * mebibyte });
  return { name: "medium", file };
}
