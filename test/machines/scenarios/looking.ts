// Inspection never writes: boots beside the disks of a patient, dirty, hibernated, broken and of
// every kind. The harness compares each disk byte for byte afterwards; here is what is reported
// about them.

import { runTool } from "../../../scripts/lib/tool.ts";
import { loggedTypes, makeCutOff, makeWhole } from "../disks/cut-off.ts";
import { makeOtherDisk, otherDisks } from "../disks/other-disks.ts";
import { usedStore, usesStore } from "../disks/used-stores.ts";
import { finds, usedHost, warnsOfHost } from "../file-scenario.ts";
import type { Disk } from "../machine.ts";
import {
  type Boot,
  copied,
  forgets,
  medium,
  type Place,
  type Scenario,
  store,
} from "../scenario.ts";

/** Returns the disks of the patient, as many as User Mode Linux can have. */
function patient(place: Place): readonly Disk[] {
  return [
    medium(place),
    usedStore(place),
    ...otherDisks.map((name) => copied(place, name, makeOtherDisk(name))),
    ...hosts(place, many),
  ];
}

/** Returns the disks of a patient with sticks and with disks that fail or are slow. */
function faulty(place: Place): readonly Disk[] {
  return [
    medium(place),
    ...(["garbage", "hibernated-ntfs", "sleeping-linux"] as const).map((name) =>
      copied(place, name, makeOtherDisk(name)),
    ),
    store(place, { label: "unreadable" }, { name: "unreadable", fault: "unreadable" }),
    usedHost(place, { type: "ext4", label: "slow" }, { name: "slow", fault: "slow" }),
    worn(place),
    ...hosts(place, onSticks).map((disk) => ({ ...disk, bus: "usb" }) as const),
  ];
}

/** Hosts of stores that were interrupted while writing, and one that was not. */
const many = ["cut-ext4", "cut-xfs", "cut-btrfs", "whole-ext4"] as const;
const onSticks = ["cut-xfs", "whole-ext4"] as const;

function hosts(place: Place, names: readonly (typeof many)[number][]): Disk[] {
  return names.map((name) => {
    const type = loggedTypes.find((each) => name.endsWith(each))!;
    return copied(place, name, name.startsWith("cut") ? makeCutOff(type) : makeWhole(type));
  });
}

/** A host whose top directory cannot be read; the rest can. */
function worn(place: Place): Disk {
  const disk = usedHost(place, { type: "ext4", label: "worn" }, { name: "worn" });
  const block = Number(runTool(["debugfs", "-R", "bmap <2> 0", disk.file]));
  const bytes = /^Block size: +(\d+)$/m.exec(runTool(["dumpe2fs", "-h", disk.file]))?.[1];
  return { ...disk, fault: { sector: (block * Number(bytes)) / 512 } };
}

function forEach<T>(names: readonly string[], what: T): Readonly<Record<string, T>> {
  return Object.fromEntries(names.map((name) => [name, what]));
}

const containers = {
  "<luks>": /^it is crypto_LUKS,/,
  "<lvm>": /^it is LVM2_member,/,
  "<md-0.90>": /^it is linux_raid_member,/,
  "<md-1.2>": /^it is linux_raid_member,/,
  "<bcache>": /^it is bcache,/,
  "<sleeping-linux:2>": /^it is swsuspend,/,
} as const;

const nothing = {
  "<garbage>": /^no file system was recognised/,
  "<empty>": /^no file system was recognised/,
} as const;

/** Runs every command that inspects; the program is where the end of the session needs it. */
const commands = ["list", "explain", "status"]
  .map((name) => `say_done ${name} /run/initramfs/shutdown ${name}`)
  .join("\n");

const isOneOfMany = /^it has the store "\/sysrcd\.bs", but so do(?:es)? .*chooses this one$/;
const isBuiltIn = /^it is not removable, and only backstore=alldev searches it$/;
const noDriver = /^this kernel has no driver that can write to ntfs/;
const noneOfMany =
  /^Cannot keep changes: .* (?:both|all) have a store "\/sysrcd\.bs", so none was used/;

/**
 * Each disk is inspected, and none is used because there are many; `model` is what `explain` shows
 * of one of them.
 */
function lookEverywhere(rejected: Readonly<Record<string, RegExp>>, model = ""): Boot {
  const explained = `<cut-xfs> +${model}[\\d.]+ MiB +xfs +"cut-xfs" +it has the store`;
  const [boot] = forgets({
    problems: [noneOfMany],
    rejected,
    facts: {
      "done list": /^ {2}- \/sysrcd\.bs +<cut-xfs> +"cut-xfs"[\s\S]*\nstatus 0$/m,
      "done explain": new RegExp(`^ {2}- ${explained}[\\s\\S]*\\nstatus 0$`, "m"),
      "done status": /^volatile: [\s\S]*\nstatus 9$/m,
    },
  });
  return { ...boot!, cmdline: "backstore=alldev", actions: `${boot!.actions}\n${commands}` };
}

export const looking: readonly Scenario[] = [
  {
    name: "looking",
    title: "many disks that are not meant: each is named, and none is written to",
    disks: patient,
    writes: [],
    boots: [
      lookEverywhere({
        ...containers,
        ...nothing,
        ...forEach([...many, "asleep"], isOneOfMany),
        "<store>": /^it has no "\/sysrcd\.bs"$/,
        windows: noDriver,
      }),
      ...usesStore("store", {
        rejected: { ...forEach([...many, "asleep", "windows"], /^its label is "/), ...nothing },
      }).map((boot) => ({ ...boot, cmdline: "cow_label=store", writes: ["store"] })),
    ],
  },
  {
    name: "looking-faults",
    title:
      "sticks, and disks that are slow or cannot be read: each is named, and none is written to",
    disks: faulty,
    writes: [],
    boots: [
      ...forgets({
        problems: [noneOfMany],
        rejected: {
          ...forEach(onSticks, isOneOfMany),
          ...forEach(["<garbage>", "windows", "asleep", "slow", "worn"], isBuiltIn),
        },
      }),
      lookEverywhere(
        {
          ...forEach([...onSticks, "asleep", "slow"], isOneOfMany),
          "<unreadable>": /^it cannot be read: I\/O error$/,
          worn: /I\/O error/,
          windows: noDriver,
        },
        "QEMU HARDDISK, ",
      ),
    ],
  },
  {
    name: "stable-looking",
    title: "with Debian 13's kernel, none of many disks is written to when all are looked into",
    kernel: "Debian 13",
    disks: (place) => [
      medium(place),
      copied(place, "hibernated-ntfs", makeOtherDisk("hibernated-ntfs")),
      ...hosts(place, many),
    ],
    writes: [],
    boots: [lookEverywhere(forEach([...many, "windows"], isOneOfMany))],
  },
  {
    name: "looking-asked",
    title: "the menu looks into every disk for stores of both kinds, and none is written to",
    disks: patient,
    writes: [],
    cmdline: "backstore=ask",
    boots: forgets({
      console: [
        ...many.map((label) => new RegExp(`, labelled "${label}"`)),
        / disk, [\d.]+ MiB, ext4, labelled "cut-ext4", serial number cut-ext4\n/,
        /volatile session: .*the choice at the console/,
      ],
      rejected: forEach([...many, "asleep"], /^it was not chosen at the console$/),
    }).map((boot) => ({ ...boot, hands: [{ when: /\(Enter alone: \w\)\.\n> $/, types: "v\r" }] })),
  },
  {
    name: "looking-asleep",
    title: "nothing is written to a disk with a Linux that sleeps in its swap: its store is shown",
    disks: (place) => [medium(place), copied(place, "asleep", makeOtherDisk("sleeping-linux"))],
    writes: [],
    boots: [
      {
        ...finds("readonly", {
          store: "asleep:1",
          problems: [/hibernated/],
          console: [/READ-ONLY SESSION/, /hibernated/],
        }),
        cmdline: "backstore=LABEL=asleep",
      },
      ...forgets({ problems: [/hibernated/], console: [/VOLATILE/] }).map((boot) => ({
        ...boot,
        cmdline: "cow_label=asleep",
      })),
    ],
  },
  {
    name: "looking-readonly",
    title:
      "a host that was cut off in mid-write is shown with backstore=readonly, and not written to",
    disks: (place) => [
      medium(place),
      ...loggedTypes.map((type) => copied(place, `cut-${type}`, makeCutOff(type))),
    ],
    writes: [],
    boots: loggedTypes.map((type) => ({
      ...finds("readonly", {
        store: `cut-${type}`,
        console: [/READ-ONLY SESSION/, /backstore=readonly/],
      }),
      cmdline: `backstore=LABEL=cut-${type},readonly`,
    })),
  },
  {
    name: "looking-chosen",
    title:
      "a host that was cut off in mid-write is used when it is chosen, and no other is touched",
    disks: (place) => [
      medium(place),
      ...loggedTypes.map((type) => copied(place, `cut-${type}`, makeCutOff(type))),
    ],
    boots: loggedTypes.map((type) => ({
      ...finds("persistent", { store: `cut-${type}`, ...warnsOfHost(type) }),
      cmdline: `backstore=LABEL=cut-${type}`,
      writes: [`cut-${type}`],
    })),
  },
];
