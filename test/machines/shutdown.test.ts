// How sessions end on a real live system with systemd, in each of the ways that systemctl knows:
// the file system of a store is clean when the machine is off, nothing complains on the way, and
// the next boot has nothing to replay. The same holds behind the initramfs of a distribution, which
// has made mounts of its own.

import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { runTool } from "../../scripts/lib/tool.ts";
import { type LiveSystem, makeLiveSystem } from "../../scripts/live-system.ts";
import { phaseNames } from "../../src/core/overview/boot-bars.ts";
import { parseBoots } from "../../src/core/stores/past-boots.ts";
import { claimDirectory } from "./claim.ts";
import { writeHost } from "./disks/hosts.ts";
import { liveLabel, writeLiveMedium } from "./disks/live-medium.ts";
import { type Tree, writeHybrid, writeMedium } from "./disks/media.ts";
import { makeNewStore } from "./disks/store-files.ts";
import { runIsolated, writeStore } from "./disks/stores.ts";
import type { DebianInitramfs } from "./guest/debian-initramfs.ts";
import { makeInitramfs } from "./guest/initramfs.ts";
import { afterKexec, type Deed, executeLiveBoot, type LiveBoot } from "./guest/live-guest.ts";
import { isFoundAtLogin } from "./guest/login-shells.ts";
import { inTurn } from "./in-turn.ts";
import { chooseLane, type Lane } from "./lane.ts";
import { digestFile } from "./run-scenario.ts";
import { dracut, label, liveBoot } from "./scenarios/addon-debian.ts";

interface Ending {
  readonly name: string;
  readonly title: string;
  /** Makes the disk with the store; the medium is one if it has a store's file. */
  readonly write?: (path: string) => void;
  /** Set if the add-on is behind the initramfs of a distribution. */
  readonly behind?: Behind;
  readonly cmdline?: string;
  /** What is done in the first boot besides making a change. */
  readonly deeds?: readonly Deed[];
  /**
   * How the first boot ends; by default it powers off. After "kexec" the second follows in the same
   * machine.
   */
  readonly first?: "halt" | "kexec";
  /** Set if another boot shows that there is nothing to replay, and restarts; after "kexec" always. */
  readonly isBootedAgain?: true;
  /** The lines on the console at the end of the first boot, in this order. */
  readonly says?: readonly RegExp[];
  /** Returns what is not clean on the disk; `scratch` is a path for extracted files. */
  readonly inspect: (disk: string, scratch: string) => string[];
  /** Returns the text of the store's record, from the disk or from what `inspect` has extracted. */
  readonly record: (disk: string, scratch: string) => string;
}

/** A distribution's initramfs, and the medium that it boots from. */
interface Behind {
  readonly initramfs: DebianInitramfs | "mkinitcpio";
  /** Where it finds its base. */
  readonly image: string;
  /** What else is on the medium. */
  readonly more?: () => Tree;
  /** Makes the third partition of a medium that an ISO image is on. */
  readonly third?: (path: string) => void;
}

const change: Deed = {
  title: "change something",
  command: "echo kept > /root/kept; cp /bin/bash /root/; sync",
};
/** Only a difference proves that the end of the session changes it. */
const isOpen: Deed = {
  title: "the store is in use",
  command: "dumpe2fs -h /dev/disk/by-label/changes 2>&1",
  says: /^Filesystem features:.*needs_recovery/m,
};
/** Loads the kernel for "systemctl kexec", by the system call itself (kexec_file_load(2)). */
const loadNext: Deed = {
  title: "the next kernel is loaded",
  command: `perl -e 'open K, "<", shift; open I, "<", shift; $line = shift;
    syscall(320, fileno(K), fileno(I), length($line) + 1, "$line\\0", 0) == 0 or die "kexec_file_load: $!\\n"' \
    /run/backstore/medium/sysresccd/boot/x86_64/vmlinuz \
    /run/backstore/medium/sysresccd/boot/x86_64/sysresccd.img "$(cat /proc/cmdline) ${afterKexec}"
    cat /sys/kernel/kexec_loaded`,
  says: /^1$/m,
};
/** The program can be called behind another initramfs as well. */
const isCalled: Deed = {
  title: "the boot has left its command, which means the session's store",
  command: "cd /run/backstore/bin && ./backstore status; ./backstore check -q; echo $?",
  says: /^persistent: .*\n0\n/s,
};
/** The disk is mounted, its partition is not: one loop device shows that, and another the store. */
const isByLoops: Deed = {
  title: "loop devices lead to the store's host and to the store",
  command:
    "grep -c ' /run/initramfs/backstore/\\(host\\|store\\) .* - ext4 /dev/loop' /proc/self/mountinfo",
  says: /^2$/m,
};
/** systemd leaves a process with such a name to the program that comes after it. */
const keepRunning: Deed = {
  title: "a program that systemd spares writes to the store until the end",
  command:
    "systemd-run --quiet --unit=keeper -p DefaultDependencies=no -p KillMode=none " +
    "bash -c 'exec 3> /root/held; echo held >&3; exec -a @keeper sleep 100000'; sleep 1; cat /root/held",
  says: /^held$/m,
};

/** systemd tries while the base is on it, without the add-on as well. */
const liveMedium = /Failed unmounting .* - \/run\/live\/medium\.$/m;

const endings: readonly Ending[] = [
  {
    name: "end-directory",
    title: "a directory store is clean after power-off and after a restart",
    write: (path) => writeStore({ type: "ext4", label: "changes", path }),
    cmdline: "cow_label=changes",
    deeds: [isOpen],
    isBootedAgain: true,
    inspect: inspectExt,
    record: (disk) => readExt(disk, `/persistent_${liveLabel}/x86_64/backstore.json`),
  },
  {
    name: "end-halt",
    title: "a directory store is clean when the system has halted",
    write: (path) => writeStore({ type: "ext4", label: "changes", path }),
    cmdline: "cow_label=changes",
    deeds: [isOpen],
    first: "halt",
    inspect: inspectExt,
    record: (disk) => readExt(disk, `/persistent_${liveLabel}/x86_64/backstore.json`),
  },
  {
    name: "end-kexec",
    title: "a store in a file is clean for the kernel that kexec starts",
    write: (path) =>
      writeHost({ type: "ext4", path, tree: { "sysrcd.bs": { file: makeNewStore() } } }),
    deeds: [loadNext],
    first: "kexec",
    inspect: inspectExtInExt,
    record: (_, scratch) => readExt(scratch, "/backstore.json"),
  },
  {
    name: "end-file",
    title: "a store in a file on a stick is clean, and so is the stick",
    write: (path) =>
      writeHost({ type: "vfat", path, tree: { "sysrcd.bs": { file: makeNewStore() } } }),
    isBootedAgain: true,
    inspect: inspectExtInFat,
    record: (_, scratch) => readExt(scratch, "/backstore.json"),
  },
  {
    name: "end-busy",
    title: "a store is clean although a program writes to it until the end",
    write: (path) =>
      writeHost({ type: "ext4", path, tree: { "sysrcd.bs": { file: makeNewStore() } } }),
    deeds: [keepRunning],
    says: [
      /backstore: Cannot unmount "\/oldroot(\/dev)?": resource busy$/m,
      /backstore: the program "sleep" \(process \d+\) still uses the system: terminating it$/m,
    ],
    inspect: inspectExtInExt,
    record: (_, scratch) => readExt(scratch, "/backstore.json"),
  },
  {
    name: "end-live-boot",
    title: "a directory store is clean behind Debian's live-boot",
    behind: { initramfs: { generator: "live-boot", release: "bookworm" }, image: liveBoot.image },
    write: (path) => writeStore({ type: "ext4", label: "changes", path }),
    cmdline: `${liveBoot.cmdline} cow_label=changes`,
    deeds: [isOpen],
    says: [liveMedium],
    inspect: inspectExt,
    record: (disk) => readExt(disk, `/persistent_${label}/x86_64/backstore.json`),
  },
  {
    name: "end-live-boot-file",
    title: "a store in a file on the medium itself is clean behind Debian's live-boot",
    behind: {
      initramfs: { generator: "live-boot", release: "bookworm" },
      image: liveBoot.image,
      more: () => ({ "sysrcd.bs": { file: makeNewStore() } }),
    },
    cmdline: `${liveBoot.cmdline} backstore=/sysrcd.bs`,
    deeds: [isCalled, isFoundAtLogin],
    says: [liveMedium],
    inspect: inspectExtInFat,
    record: (_, scratch) => readExt(scratch, "/backstore.json"),
  },
  {
    name: "end-whole-disk",
    title:
      "a store in a file is clean, and so is its partition, behind an initramfs that has mounted the whole disk",
    behind: {
      initramfs: "mkinitcpio",
      image: "sysresccd/x86_64/airootfs.sfs",
      third: (path) =>
        writeHost({ type: "ext4", path, tree: { "sysrcd.bs": { file: makeNewStore() } } }),
    },
    cmdline: `rdinit=/backstore-init archisolabel=${label} archisobasedir=sysresccd backstore=alldev`,
    deeds: [isByLoops],
    says: [/Failed unmounting .* - \/run\/archiso\/bootmnt\.$/m],
    inspect: (disk, scratch) => {
      const part = `${disk}.part`;
      copyThird(disk, part);
      return inspectExtInExt(part, scratch);
    },
    record: (_, scratch) => readExt(scratch, "/backstore.json"),
  },
  {
    name: "end-dracut",
    title: "a directory store is clean behind dracut with systemd",
    behind: { initramfs: { generator: "dracut-systemd", release: "trixie" }, image: dracut.image },
    write: (path) => writeStore({ type: "ext4", label: "changes", path }),
    cmdline: `${dracut.cmdline} cow_label=changes`,
    deeds: [isOpen, isCalled, isFoundAtLogin],
    inspect: inspectExt,
    record: (disk) => readExt(disk, `/persistent_${label}/x86_64/backstore.json`),
  },
];

const missing = ["qemu-system-x86_64", "mmdebstrap"].filter(
  (name) => spawnSync("which", [name]).status !== 0,
);
if (process.getuid?.() !== 0) missing.push("root");
const reason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;

describe.skipIf(missing.length > 0)(`the end of a session with systemd${reason}`, () => {
  let live: LiveSystem;
  beforeAll(() => {
    live = makeLiveSystem();
  }, 900_000);

  for (const ending of endings)
    test.concurrent(`${ending.name}: ${ending.title}`, { timeout: 1_800_000 }, async () => {
      // User Mode Linux has no kexec.
      const lane = ending.first === "kexec" ? "qemu" : chooseLane();
      expect((await inTurn(() => runEnding(ending, live, lane), lane)).join("\n")).toBe("");
    });
});

async function runEnding(ending: Ending, live: LiveSystem, lane: Lane): Promise<string[]> {
  const directory = join(claimDirectory(), ending.name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const stick = join(directory, "stick.img");
  const disk = ending.write === undefined ? stick : join(directory, "store.img");
  const { behind } = ending;
  if (behind === undefined) writeLiveMedium({ path: stick, live, initramfs: makeInitramfs(live) });
  else writeBehind(stick, behind, live);
  const inner = join(directory, "inner.img");
  ending.write?.(disk);
  // Debian's initramfs for guests has no drivers of buses.
  const bus = lane === "uml" || behind !== undefined ? {} : ({ bus: "usb" } as const);
  const files = { stick, ...(disk === stick ? {} : { store: disk }) };
  const disks = Object.entries(files).map(([name, file]) => ({ name, file, ...bus }));
  const initramfs = behind?.initramfs;
  const guest = { live, lane, initramfs, directory, disks, processors: 1 };
  const digest = digestFile(stick);
  for (const [index, boot] of planBoots(ending, lane).entries()) {
    const { result, findings } = await executeLiveBoot(guest, boot, index + 1);
    const says = index === 0 ? (ending.says ?? []) : [];
    const sessions = boot.afterwards === undefined ? index + 1 : 2;
    const found = [
      ...findings,
      ...inspectConsole(result.console, says),
      ...ending.inspect(disk, inner),
      ...inspectSession(ending.record(disk, inner), sessions),
      ...(disk === stick || digestFile(stick) === digest ? [] : ["the medium was written to"]),
    ];
    if (found.length > 0) return [`in boot ${index + 1}:`, ...found, result.console.slice(-2000)];
  }
  for (const { file } of disks) rmSync(file);
  return [];
}

function writeBehind(path: string, { image, more, third }: Behind, live: LiveSystem): void {
  const tree = { [image]: { file: live.base }, ...more?.() };
  if (third === undefined) {
    writeMedium(path, { kind: "vfat", label, tree });
    return;
  }
  const [iso, part] = [`${path}.iso`, `${path}.part`];
  writeMedium(iso, { kind: "iso9660", label, tree });
  third(part);
  writeHybrid(path, iso, { file: part, start: 64 });
  for (const file of [iso, part]) rmSync(file);
}

/** Copies the third partition of a disk with a DOS table, the last one on it. */
function copyThird(disk: string, to: string): void {
  const sector = Buffer.alloc(512);
  const file = openSync(disk, "r");
  readSync(file, sector, 0, sector.length, 0);
  closeSync(file);
  const start = sector.readUInt32LE(446 + 2 * 16 + 8);
  runTool(["dd", `if=${disk}`, `of=${to}`, "bs=512", `skip=${start}`, "status=none"]);
}

/** One boot or two; the changes of the first one are there in the second. */
function planBoots(ending: Ending, lane: Lane): LiveBoot[] {
  const { cmdline: asked, deeds = [], first, isBootedAgain } = ending;
  // A built-in disk is not searched without an option, unlike a stick.
  const cmdline = asked ?? (lane === "uml" ? "backstore=alldev" : "");
  const boot = {
    title: `change something, and end by ${first ?? "poweroff"}`,
    cmdline,
    session: "persistent",
    deeds: [change, ...deeds],
    ending: first ?? "poweroff",
  } as const;
  if (first === "kexec") return [{ ...boot, afterwards: lookBack }];
  if (!isBootedAgain) return [boot];
  return [
    boot,
    { title: "replay nothing, and restart", cmdline, session: "persistent", deeds: lookBack },
  ];
}

const lookBack: readonly Deed[] = [
  {
    title: "the boot says nothing of the session before",
    command: "grep -E 'did not end|Cannot' /run/backstore/boot.json",
    status: 1,
  },
  { title: "what was changed is there", command: "cat /root/kept; cmp /bin/bash /root/bash" },
  {
    title: "the report has both sessions, the changes and the disks",
    command: "/run/backstore/bin/backstore report --text",
    says: /^\[(?:ok|!)\] persistent: [\s\S]*\+ added: [\s\S]* persistent, this session\n[\s\S]* persistent\n[\s\S]*store; /m,
  },
  {
    title: "the kernel replays nothing",
    command: "dmesg | grep -v raid6: | grep -Ei 'recover|replay|orphan|not properly unmounted'",
    status: 1,
  },
];

/** Messages of systemd, the kernel and this program if something was not unmounted. */
const complaints =
  /^.*(?:Failed unmounting|Failed to (?:unmount|remount|finalize)|Could not detach|Unable to finalize|backstore: Cannot|\bbusy\b|still in use|this is a bug).*$/gm;

function inspectConsole(console: string, says: readonly RegExp[]): string[] {
  const wanted = [
    ...says,
    /backstore: the store is unmounted$/m,
    /reboot: (?:Power down|Restarting|System halted)/,
  ];
  const silent = wanted.filter((pattern) => !pattern.test(console));
  const expected = (line: string) => says.some((pattern) => pattern.test(line));
  return [
    ...silent.map((pattern) => `the console does not say ${pattern}`),
    ...[...console.matchAll(complaints)]
      .map(([line]) => line)
      .filter((line) => !expected(line))
      .map((line) => `the console says: ${line}`),
  ];
}

/** The session must have been marked as ended, when it had ended, and its boot recorded. */
function inspectSession(record: string, count: number): string[] {
  const { session, boots } = JSON.parse(record);
  const { state, started, ended } = session;
  const { boots: recorded = [] } = parseBoots(boots);
  const boot = recorded.at(-1);
  const isWell = state === "clean" && session.count === count && started < ended;
  const isRecorded =
    recorded.length === count &&
    boot?.started === started &&
    boot?.ended === ended &&
    phaseNames.every((name) => boot?.phases[name] !== undefined) &&
    boot?.usedBytes !== undefined &&
    boot.endUsedBytes !== undefined;
  return isWell && isRecorded ? [] : [`the record of session ${count} says: ${record}`];
}

function readExt(image: string, path: string): string {
  return runTool(["debugfs", "-R", `cat ${path}`, image]);
}

function inspectExt(image: string): string[] {
  const text = runTool(["dumpe2fs", "-h", image]);
  const state = /^Filesystem state: +(.*)$/m.exec(text)?.[1];
  const features = /^Filesystem features: +(.*)$/m.exec(text)?.[1] ?? "";
  // Fails if anything is wrong.
  runTool(["e2fsck", "-fn", image]);
  return [
    ...(state === "clean" ? [] : [`the state of ${image} is ${state}`]),
    ...(features.includes("needs_recovery") ? [`${image} needs recovery`] : []),
  ];
}

/** Inspects a store in a file, and the host around it. */
function inspectExtInExt(disk: string, scratch: string): string[] {
  const host = inspectExt(disk);
  if (host.length > 0) return host;
  runTool(["debugfs", "-R", `dump /sysrcd.bs ${scratch}`, disk]);
  return inspectExt(scratch);
}

/** Inspects a store in a file, and the FAT around it. */
function inspectExtInFat(disk: string, scratch: string): string[] {
  const script = "test/machines/disks/host-files.sh";
  runIsolated(script, "get", disk, "0", "vfat", "/sysrcd.bs", scratch);
  return [...inspectFat(disk), ...inspectExt(scratch)];
}

/**
 * The kernel marks FAT while it is mounted for writing: bit 0 of a byte in the boot sector
 * (fatgen103, BS_Reserved1).
 */
function inspectFat(image: string): string[] {
  const sector = readFileSync(image).subarray(0, 512);
  const isFat32 = sector.toString("latin1", 0x52, 0x57) === "FAT32";
  const state = sector[isFat32 ? 0x41 : 0x25] ?? 1;
  return (state & 1) === 0 ? [] : [`the FAT of ${image} is marked as in use`];
}
