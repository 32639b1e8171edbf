// A boot scenario: disks, kernel arguments, boots, and the expected result of each boot. The
// scenarios are in scenarios/, by theme; boot-*.test.ts run them.

import { join } from "node:path";
import { runTool } from "../../scripts/lib/tool.ts";
import type { Hand } from "./boot-request.ts";
import { type LayoutName, makeLayout } from "./disks/layouts.ts";
import { type StoreRequest, writeStore } from "./disks/stores.ts";
import type { FirmwareName } from "./firmware.ts";
import type { DebianInitramfs } from "./guest/debian-initramfs.ts";
import type { Bus, Disk, Keyboard } from "./machine.ts";

/** One scenario. */
export interface Scenario {
  /** The name of the scenario's directory under build/test/boot. */
  readonly name: string;
  /** What must happen, in plain words. */
  readonly title: string;
  /**
   * Makes the disks, in the order in which the guest numbers them; every one is writable for the
   * guest. Texts and patterns name a disk ("<store>") or its first partition ("<store:1>") where a
   * node is meant.
   */
  readonly disks: (place: Place) => readonly Disk[];
  /**
   * The disks that a session may write to; all others must be the same, byte for byte, after each
   * boot.
   */
  readonly writes?: readonly string[];
  /** Kernel arguments of every boot. */
  readonly cmdline?: string;
  /** Which kernel boots: Debian 13's, or by default that of this machine's release. */
  readonly kernel?: "Debian 13";
  /** Strings that the machine is given in the firmware's table, which only QEMU has. */
  readonly oemStrings?: readonly string[];
  /** Options that are built into the initramfs (`--default`). */
  readonly defaults?: string;
  /** Set if the initramfs contains no file system checkers. */
  readonly lacksCheckers?: true;
  /** Whose initramfs boots, with the add-on behind it; ours by default. */
  readonly initramfs?: DebianInitramfs | "mkinitcpio";
  readonly memoryMegabytes?: number;
  /** What only QEMU has, in words, if neither disks nor hands nor the kernel show it. */
  readonly needs?: string;
  /** Set if it runs in User Mode Linux and in QEMU, so that their behaviour is compared. */
  readonly both?: true;
  readonly boots: readonly Boot[];
  /** What is done with the disks after the last boot. */
  readonly after?: (place: Place) => Promise<void>;
}

/** A separate directory of the scenario. */
export interface Place {
  readonly directory: string;
  /** Returns the path of a file in it. */
  readonly file: (name: string) => string;
}

/** One boot of a scenario. */
export interface Boot {
  /** Kernel arguments of this boot only. */
  readonly cmdline?: string;
  /** What is done with the disks before, while no guest runs. */
  readonly before?: (place: Place) => Promise<void>;
  /**
   * Which firmware starts the boot loader of the first disk; without it the machine loads a kernel
   * and an initramfs itself.
   */
  readonly firmware?: FirmwareName;
  /** Disks that are on another bus in this boot. */
  readonly buses?: Readonly<Record<string, Bus>>;
  /** Whose initramfs boots, if it differs from that of the scenario's other boots. */
  readonly initramfs?: DebianInitramfs;
  /** What the guest does, as a shell script. */
  readonly actions?: string;
  /**
   * The disks that this boot may write to, if they differ from those of the scenario's other boots.
   */
  readonly writes?: readonly string[];
  /** What a user does meanwhile, in this order. */
  readonly hands?: readonly Hand[];
  /** The keyboard for the keys that hands press. */
  readonly keyboard?: Keyboard;
  readonly expect: Expected;
}

/** The expected result of a boot. */
export interface Expected {
  /** "theirs" is one in which the program has no part. */
  readonly session: "persistent" | "readonly" | "volatile" | "stopped" | "theirs";
  /**
   * The disk of the one accepted candidate, or its partition ("store:1"); by default none may be
   * accepted.
   */
  readonly store?: string;
  /** Where the upper directory is in the store, empty for its top; only for persistent sessions. */
  readonly directory?: string;
  /** The store's file on its host ("/sysrcd.bs"), for a file store. */
  readonly file?: string;
  /**
   * Disks ("<store>"), or labels if letters depend on chance, that must be among the rejected
   * candidates, with the reason.
   */
  readonly rejected?: Readonly<Record<string, RegExp>>;
  /**
   * One pattern for each problem ("FILE:LINE: MESSAGE", or the message alone), in their order; none
   * by default. That the boot before did not end its session is implied: it is required where it
   * must be reported, and an error elsewhere.
   */
  readonly problems?: readonly RegExp[];
  /** A problem that is reported or not by chance: by what had reached a disk when the power failed. */
  readonly byChance?: RegExp;
  /** The result of checking the store before it was used; not compared by default. */
  readonly check?: "clean" | "repaired" | "unchecked" | "damaged" | "none";
  /** Set if the place in the store is new although an earlier boot has used the store. */
  readonly isNew?: true;
  /** Patterns for the console's log. */
  readonly console?: readonly RegExp[];
  /**
   * The contents of files; undefined for one that must be missing. Named by `say_files` in the
   * actions.
   */
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** Other facts of the guest, as "KIND NAME". */
  readonly facts?: Readonly<Record<string, RegExp>>;
  /**
   * The contents of files in the store's upper directory, read from the disk when the guest is off.
   */
  readonly upper?: Readonly<Record<string, string>>;
  /** A file in the scenario's directory with the text that `say_tree` must print. */
  readonly tree?: string;
}

export const defaultDirectory = "persistent_RESCUE1100/x86_64";

/** Changes the base in each way: edit, replace, delete a file and a directory, make a directory. */
export const change = `
echo changed > /etc/motd
rm /usr/local/bin/tool; printf '#!/bin/sh\\necho the new tool\\n' > /usr/local/bin/tool; chmod 0755 /usr/local/bin/tool
rm /srv/gone.txt
rm -r /srv/gone
mkdir -m 0750 /srv/new; echo kept > /srv/new/file`;

/** Prints the state of the places that `change` changes. */
export const look = `
say_files /etc/motd /srv/gone.txt /srv/gone/one /srv/new/file
say_done tool /usr/local/bin/tool`;

const changed: Pick<Expected, "files" | "facts"> = {
  files: {
    "/etc/motd": "changed\n",
    "/srv/gone.txt": undefined,
    "/srv/gone/one": undefined,
    "/srv/new/file": "kept\n",
  },
  facts: { "done tool": /^the new tool\nstatus 0$/m },
};

const untouched: Pick<Expected, "files" | "facts"> = {
  files: {
    "/etc/motd": "as it came\n",
    "/srv/gone.txt": "to be deleted\n",
    "/srv/gone/one": "1\n",
    "/srv/new/file": undefined,
  },
  facts: { "done tool": /^the old tool\nstatus 0$/m },
};

/** Two boots: the changes of the first one are there in the second. */
export function keeps(store: string, more: Partial<Expected> = {}): readonly Boot[] {
  const session: Expected = { session: "persistent", store, directory: defaultDirectory, ...more };
  return [
    {
      actions: `${look}\n${change}`,
      expect: { ...session, ...untouched, facts: { ...untouched.facts, ...more.facts } },
    },
    {
      actions: look,
      expect: {
        ...session,
        ...changed,
        facts: { ...changed.facts, ...more.facts },
        upper: { "etc/motd": "changed\n", "srv/new/file": "kept\n" },
      },
    },
  ];
}

/** One boot whose changes are in memory only: a change works, and no disk is written to. */
export function forgets(more: Partial<Expected> = {}): readonly Boot[] {
  const expect: Expected = {
    session: "volatile",
    ...changed,
    ...more,
    facts: { ...changed.facts, ...more.facts },
  };
  return [{ actions: `${change}\n${look}`, expect }];
}

/**
 * A boot that backstore=required ends in the menu: the console says why, and offers to power off.
 */
export function stopsInstead(...console: readonly RegExp[]): Boot {
  return {
    cmdline: "backstore=required",
    expect: { session: "stopped", console: [...console, /p {2}power off the machine\n/] },
  };
}

/** Makes a medium with one layout as a disk of its own. */
export function medium(
  place: Place,
  layout: LayoutName = "systemrescue",
  disk: Partial<Disk> = {},
): Disk {
  return copied(place, "medium", makeLayout(layout), disk);
}

/** Returns a disk that is a copy of an image. */
export function copied(place: Place, name: string, image: string, disk: Partial<Disk> = {}): Disk {
  const file = place.file(`${name}.img`);
  runTool(["cp", "--sparse=always", image, file]);
  return { name, file, ...disk };
}

/** Makes a file system for a store as a disk of its own. */
export function store(
  place: Place,
  request: Partial<StoreRequest> = {},
  disk: Partial<Disk> = {},
): Disk {
  const name = disk.name ?? "store";
  const file = place.file(`${name}.img`);
  writeStore({ type: "ext4", label: "store", path: file, ...request });
  return { ...disk, name, file };
}

/** Returns the place that a scenario uses. */
export function placeAt(directory: string): Place {
  return { directory, file: (name) => join(directory, name) };
}
