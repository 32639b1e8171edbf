// The first generation's manual, followed word by word on a real live system with systemd: the
// store is created, found, used and grown by the commands that it names.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type LiveSystem, makeLiveSystem } from "../../scripts/live-system.ts";
import { claimDirectory } from "./claim.ts";
import { writeLiveMedium } from "./disks/live-medium.ts";
import { writeDisk } from "./disks/media.ts";
import { writeStore } from "./disks/stores.ts";
import { makeInitramfs } from "./guest/initramfs.ts";
import { executeLiveBoot, type LiveBoot } from "./guest/live-guest.ts";
import { planProcedure } from "./guest/procedures.ts";
import { inTurn } from "./in-turn.ts";
import { chooseLane, type Lane } from "./lane.ts";
import type { Disk } from "./machine.ts";

const mebibyte = 1024 * 1024;

/** A row of boots of one live system on a stick. */
interface Procedure {
  readonly name: string;
  readonly title: string;
  /** Free space on the stick with the live system. */
  readonly spareBytes: number;
  /** Makes the other disks. */
  readonly disks?: (directory: string) => readonly Disk[];
  readonly boots: readonly LiveBoot[];
}

// As in the manual; /dev/disk/by-label is the safer way to write /dev/sdaX.
const mounted = {
  directory: "/mnt/backstore",
  open: [
    { title: "make a place to mount on", command: "mkdir -p /mnt/backstore" },
    {
      title: "mount the writable partition",
      command: "mount -o rw /dev/disk/by-label/KEEP /mnt/backstore",
    },
  ],
  close: [{ title: "unmount it", command: "cd /root ; umount /mnt/backstore" }],
} as const;

const procedures: readonly Procedure[] = [
  {
    name: "second-stick",
    title: "the manual's procedure on a stick of its own",
    spareBytes: 16 * mebibyte,
    disks: (directory) => [writeKeepStick(directory, "ext4")],
    boots: planProcedure({
      title: "a stick of its own",
      ...mounted,
      create: "cd /mnt/backstore; sysresccd-backstore create /mnt/backstore/ 256",
      grow: "sysresccd-backstore grow /mnt/backstore/ 512",
      type: "ext4",
      megabytes: [256, 512],
      growAside: { command: "sysresccd-backstore grow /mnt/backstore/ 640", megabytes: 640 },
    }),
  },
];

const missing = ["qemu-system-x86_64", "mmdebstrap"].filter(
  (name) => spawnSync("which", [name]).status !== 0,
);
if (process.getuid?.() !== 0) missing.push("root");
const reason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;

describe.skipIf(missing.length > 0)(`a live system with systemd${reason}`, () => {
  let live: LiveSystem;
  beforeAll(() => {
    live = makeLiveSystem();
  }, 900_000);

  for (const procedure of procedures) {
    test.concurrent(`${procedure.name}: ${procedure.title}`, { timeout: 1_800_000 }, async () => {
      const lane = chooseLane();
      const findings = await inTurn(() => runProcedure(procedure, live, lane), lane);
      expect(findings.join("\n")).toBe("");
    });
  }
});

async function runProcedure(procedure: Procedure, live: LiveSystem, lane: Lane): Promise<string[]> {
  const directory = join(claimDirectory(), procedure.name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const stick = join(directory, "stick.img");
  writeLiveMedium({
    path: stick,
    live,
    initramfs: makeInitramfs(live),
    spareBytes: procedure.spareBytes,
  });
  const others = procedure.disks?.(directory) ?? [];
  const disks = [{ name: "stick", file: stick }, ...others].map((disk) => asStick(disk, lane));
  for (const [index, boot] of procedure.boots.entries()) {
    const { findings } = await executeLiveBoot(
      { live, lane, disks, directory, processors: 1 },
      lane === "uml" ? lookEverywhere(boot) : boot,
      index + 1,
    );
    if (findings.length > 0) return [`in boot ${index + 1}, ${boot.title}:`, ...findings];
  }
  // The disks of a failed one are kept for inspection.
  for (const { file } of disks) rmSync(file);
  return [];
}

/** User Mode Linux has no sticks: it has disks that are built in. */
function asStick(disk: Disk, lane: Lane): Disk {
  return lane === "uml" ? disk : { ...disk, bus: "usb" };
}

/** What is found on a stick without any option must be asked for where it is built in. */
function lookEverywhere(boot: LiveBoot): LiveBoot {
  return { ...boot, cmdline: boot.cmdline ?? "backstore=alldev" };
}

function writeKeepStick(directory: string, type: "ext4" | "exfat"): Disk {
  const partition = join(directory, "keep.partition");
  const file = join(directory, "keep.img");
  writeStore({ type, label: "KEEP", path: partition, bytes: 800 * mebibyte });
  writeDisk(file, "dos", [{ file: partition }]);
  rmSync(partition);
  return { name: "keep", file };
}
