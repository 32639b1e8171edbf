// A demonstration of the main job: one command makes the ISO image of a real live Linux persistent.
// It is booted in QEMU by its own boot loaders, changed, and booted again by the other firmware. Then
// a stick with our own initramfs and a store in a file, which is found without an option and grown
// while it is in use. Exits with status 0 only if every check held.

import { copyFileSync, mkdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { makeIso } from "../test/machines/bootable/iso-images.ts";
import { packageName, writeLiveMedium } from "../test/machines/disks/live-medium.ts";
import { writeStore } from "../test/machines/disks/stores.ts";
import { makeInitramfs } from "../test/machines/guest/initramfs.ts";
import { changes, lookAtChanges, makeChanges } from "../test/machines/guest/live-changes.ts";
import {
  type Deed,
  type DoneDeed,
  executeLiveBoot,
  type LiveBoot,
  type LiveGuest,
} from "../test/machines/guest/live-guest.ts";
import type { Disk } from "../test/machines/machine.ts";
import { buildDirectory } from "./lib/cache.ts";
import { runTool } from "./lib/tool.ts";
import { type LiveSystem, makeLiveSystem } from "./live-system.ts";

const directory = join(buildDirectory, "demo");
const mebibyte = 1024 * 1024;
const start = performance.now();

/** As a person does it who has an ISO image and two sticks. */
const bootsOfImage: readonly LiveBoot[] = [
  {
    title: `First boot, by a BIOS: the untouched base, then ${changes.length} changes`,
    firmware: "bios",
    session: "persistent",
    deeds: [...lookAtChanges("before"), ...makeChanges()],
  },
  {
    title: "Second boot, by UEFI: every change is there",
    firmware: "uefi",
    session: "persistent",
    deeds: lookAtChanges("after"),
  },
];

/** On a stick with our own initramfs and a store. */
const bootsOfStick: readonly LiveBoot[] = [
  {
    title:
      "Third boot, without an option: the store on the stick is found; the same changes, and it grows while it is in use",
    session: "persistent",
    deeds: [
      ...lookAtChanges("before"),
      ...makeChanges(),
      showRoom(/^[56]\d MiB$/m),
      {
        title: "grow",
        command: "backstore grow /run/archiso/bootmnt 128",
        says: /^The store .* now has 128\.0 MiB/m,
      },
      showRoom(/^1[12]\d MiB$/m),
    ],
  },
  {
    title: "Fourth boot: every change is there",
    session: "persistent",
    deeds: [...lookAtChanges("after"), showRoom(/^1[12]\d MiB$/m)],
  },
];

/** The number of the last boot: its logs are in a directory named after it. */
let bootsDone = 0;

process.exitCode = (await runDemo()) ? 0 : 1;

async function runDemo(): Promise<boolean> {
  const live = makeLiveSystem(() => say("Making the live system: this takes a minute, once"));
  say(`Live system: Debian with Linux ${live.version}, squashfs of ${sizeOf(live.base)}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const isKept = await runBoots(bootsOfImage, { live, directory, disks: installOnImage(live) });
  if (!isKept) return false;
  const isFound = await runBoots(bootsOfStick, { live, directory, disks: writeStick(live) });
  if (isFound) say("All checks passed.");
  return isFound;
}

/** Makes an image with the distribution's own initramfs persistent, and a stick for the store. */
function installOnImage(live: LiveSystem): Disk[] {
  const image = makeIso("live-build", {
    kernel: live,
    base: live.base,
    more: { [packageName]: { file: live.package } },
  });
  say(`live.iso: an ISO image of it, with isolinux and GRUB as Debian's have: ${sizeOf(image)}`);
  symlinkSync(image, join(directory, "live.iso"));
  runBackstore("install", "live.iso", "--to", "persistent.iso", "--label", "mychanges");
  const store = join(directory, "store.img");
  writeStore({ type: "ext4", label: "mychanges", path: store });
  say('The new image is on a stick; another stick has an empty ext4 file system "mychanges"');
  return [
    { name: "medium", file: join(directory, "persistent.iso") },
    { name: "store", file: store },
  ];
}

/** Writes a stick as SystemRescue makes it, with our own initramfs and a store in a file. */
function writeStick(live: LiveSystem): Disk[] {
  const initramfs = makeInitramfs(live);
  say(`A stick as SystemRescue makes it, with our own initramfs: ${sizeOf(initramfs)}`);
  // For booting it by hand afterwards.
  copyFileSync(live.vmlinuz, join(directory, "vmlinuz"));
  copyFileSync(initramfs, join(directory, "backstore.img"));
  runBackstore("create", "sysrcd.bs", "64", "--quiet");
  const store = join(directory, "sysrcd.bs");
  const medium = join(directory, "medium.img");
  writeLiveMedium({
    path: medium,
    live,
    initramfs,
    spareBytes: 100 * mebibyte,
    more: { "sysrcd.bs": { file: store } },
  });
  rmSync(store);
  return [{ name: "medium", file: medium, bus: "usb" }];
}

/** Runs the command as a person would, in the directory of the demo. */
function runBackstore(...words: readonly string[]): void {
  say(`$ backstore ${words.join(" ")}`);
  const program = join(process.cwd(), "dist/backstore");
  const said = runTool([program, ...words], { directory });
  for (const line of said.split("\n").filter((line) => line !== "")) say(`  ${line}`);
}

async function runBoots(boots: readonly LiveBoot[], guest: LiveGuest): Promise<boolean> {
  for (const boot of boots) {
    if (!(await runBoot(guest, boot, ++bootsDone))) return false;
  }
  return true;
}

async function runBoot(guest: LiveGuest, boot: LiveBoot, number: number): Promise<boolean> {
  say(boot.title);
  const follow = tellOnce();
  const { result, findings } = await executeLiveBoot({ ...guest, follow }, boot, number);
  if (findings.length > 0) {
    say(`FAILED: ${findings.join("\n")}`);
    return false;
  }
  say(`  ok     the session is ${boot.session}; the guest ${result.ending}`);
  return true;
}

/** Returns a function that says what a guest does and says, each once, as it happens. */
function tellOnce(): NonNullable<LiveGuest["follow"]> {
  let saidLines = 0;
  let saidDeeds = 0;
  return (deeds, console) => {
    const lines = readAnnouncement(console);
    for (const line of lines.slice(saidLines)) say(`  console: ${line}`);
    for (const done of deeds.slice(saidDeeds)) say(`  ${describeDone(done)}`);
    saidLines = lines.length;
    saidDeeds = deeds.length;
  };
}

/** Returns backstore's whole lines on the console, without the kernel's own. */
function readAnnouncement(console: string): string[] {
  return console
    .split("\n")
    .slice(0, -1)
    .filter((line) => /^backstore: (?!waiting)/.test(line));
}

function showRoom(says: RegExp): Deed {
  const command = "df -BM --output=size / | tail -n 1 | tr -dc 0-9; echo ' MiB'";
  return { title: "the size of /", command, says };
}

function describeDone({ deed, said, finding }: DoneDeed): string {
  const lines = said.trim().split("\n");
  const words = lines.find((line) => deed.says?.test(line)) ?? lines[0] ?? "";
  const told = words === "" ? deed.title : `${deed.title}: ${words.slice(0, 80)}`;
  return `${finding === undefined ? "ok    " : "FAILED"} ${told}`;
}

function say(text: string): void {
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  process.stdout.write(`[${seconds} s] ${text}\n`);
}

function sizeOf(file: string): string {
  return `${(statSync(file).size / mebibyte).toFixed(1)} MiB`;
}
