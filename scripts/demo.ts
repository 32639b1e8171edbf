// A demonstration of the main job: a real live Linux is booted five times in QEMU. Changes are kept
// in a directory store that an option names, and in a file store on the boot stick that is found
// without any and grown while it is in use. Without either, the base is unchanged. Exits with
// status 0 only if every check held.

import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { BootResult } from "../test/machines/boot-request.ts";
import { writeLiveMedium } from "../test/machines/disks/live-medium.ts";
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
import { buildDirectory } from "./lib/cache.ts";
import { makeLiveSystem } from "./live-system.ts";

const directory = join(buildDirectory, "demo");
const mebibyte = 1024 * 1024;
const start = performance.now();

const boots: readonly LiveBoot[] = [
  {
    title: `First boot, cow_label=mychanges: the untouched base, then ${changes.length} changes; a store is created on the stick`,
    cmdline: "cow_label=mychanges",
    session: "persistent",
    deeds: [
      ...lookAtChanges("before"),
      ...makeChanges(),
      {
        title: "create a store in a file on the boot stick",
        command: "backstore create /run/archiso/bootmnt 256",
        says: /^Created the store /m,
      },
    ],
  },
  {
    title: "Second boot, cow_label=mychanges: every change is there",
    cmdline: "cow_label=mychanges",
    session: "persistent",
    deeds: lookAtChanges("after"),
  },
  {
    title:
      "Third boot, without an option: the store on the stick is found; the untouched base, then the same changes",
    session: "persistent",
    deeds: [...lookAtChanges("before"), ...makeChanges()],
  },
  {
    title:
      "Fourth boot, without an option: every change is there; the store grows while it is in use",
    session: "persistent",
    deeds: [
      ...lookAtChanges("after"),
      showRoom(/^2\d\d MiB$/m),
      {
        title: "grow",
        command: "backstore grow /run/archiso/bootmnt 512",
        says: /^The store .* now has 512\.0 MiB/m,
      },
      showRoom(/^4\d\d MiB$/m),
    ],
  },
  {
    title: "Fifth boot, backstore=off: the untouched base",
    cmdline: "backstore=off",
    session: "volatile",
    deeds: lookAtChanges("before"),
  },
];

process.exitCode = (await runDemo()) ? 0 : 1;

async function runDemo(): Promise<boolean> {
  const live = makeLiveSystem(() => say("Making the live system: this takes a minute, once"));
  say(
    `Live system: Debian with Linux ${live.version}, squashfs of ${formatMebibytes(readFileSync(live.base).length)}`,
  );
  const initramfs = makeInitramfs(live);
  say(`Initramfs by "backstore initramfs": ${formatMebibytes(readFileSync(initramfs).length)}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  // For booting it by hand afterwards.
  copyFileSync(live.vmlinuz, join(directory, "vmlinuz"));
  copyFileSync(initramfs, join(directory, "backstore.img"));
  const medium = join(directory, "medium.img");
  const store = join(directory, "store.img");
  writeLiveMedium({
    path: medium,
    live,
    initramfs,
    spareBytes: 600 * mebibyte,
    more: { "sysrescue.d/100-defaults.yaml": "---\nglobal:\n    cow_directory: demo\n" },
  });
  writeStore({ type: "ext4", label: "mychanges", path: store });
  say(
    'Stick: one FAT partition as SystemRescue makes it; a disk: an empty ext4 file system labelled "mychanges"',
  );
  const guest: LiveGuest = {
    live,
    directory,
    disks: [
      { name: "medium", file: medium, bus: "usb" },
      { name: "store", file: store },
    ],
  };
  for (const [index, boot] of boots.entries()) {
    if (!(await runBoot(guest, boot, index + 1))) return false;
  }
  say("All checks passed.");
  return true;
}

async function runBoot(guest: LiveGuest, boot: LiveBoot, number: number): Promise<boolean> {
  say(boot.title);
  const { result, deeds, findings } = await executeLiveBoot(guest, boot, number);
  for (const line of readAnnouncement(result)) say(`  console: ${line}`);
  for (const done of deeds) say(`  ${describeDone(done)}`);
  if (findings.length > 0) {
    say(`FAILED: ${findings.join("\n")}`);
    return false;
  }
  say(`  ok     the session is ${boot.session}; the guest ${result.ending}`);
  return true;
}

function showRoom(says: RegExp): Deed {
  const command = "df -BM --output=size / | tail -n 1 | tr -dc 0-9; echo ' MiB'";
  return { title: "the size of /", command, says };
}

// Returns backstore's lines on the console, without the kernel's own.
function readAnnouncement({ console }: BootResult): string[] {
  return console
    .split("\n")
    .filter((line) => /^backstore: /.test(line))
    .slice(0, 5);
}

function describeDone({ deed, said, finding }: DoneDeed): string {
  const lines = said.trim().split("\n");
  const words = lines.find((line) => deed.says?.test(line)) ?? lines[0] ?? "";
  const told = words === "" ? deed.title : `${deed.title}: ${words.slice(0, 80)}`;
  return `${finding === undefined ? "ok    " : "FAILED"} ${told}`;
}

function say(text: string): void {
  process.stdout.write(
    `[${((performance.now() - start) / 1000).toFixed(1).padStart(6)} s] ${text}\n`,
  );
}

function formatMebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
