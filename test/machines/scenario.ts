// What a boot scenario is: disks, kernel arguments, boots, and what each boot must have come to. The scenarios stand
// in scenarios/, by theme; boot.test.ts runs them.

import { join } from "node:path";
import { runTool } from "../../scripts/lib/tool.ts";
import type { Hand } from "./boot-request.ts";
import { type LayoutName, makeLayout } from "./disks/layouts.ts";
import { type StoreRequest, writeStore } from "./disks/stores.ts";
import type { Disk, Keyboard } from "./machine.ts";

/** Is one scenario. */
export interface Scenario {
  /** Names the scenario's directory under build/test/boot. */
  readonly name: string;
  /** What must happen, in plain words. */
  readonly title: string;
  /**
   * Makes the disks, in the order in which the guest numbers them; every one is writable for the guest. Texts and patterns
   * name a disk ("<store>") or its first partition ("<store:1>") where a node is meant.
   */
  readonly disks: (place: Place) => readonly Disk[];
  /** Names the disks that a session may write to; all others must be the same, byte for byte, after each boot. */
  readonly writes?: readonly string[];
  /** Kernel arguments of every boot. */
  readonly cmdline?: string;
  /** Which kernel boots: Debian 13's if said, else that of this machine's release. */
  readonly kernel?: "Debian 13";
  /** Options that are built into the initramfs (`--default`). */
  readonly defaults?: string;
  /** Whether the initramfs carries no checkers of file systems. */
  readonly lacksCheckers?: true;
  readonly memoryMegabytes?: number;
  /** What only QEMU has, in words, where neither disks nor hands nor the kernel tell it. */
  readonly needs?: string;
  /** Whether it runs in User Mode Linux and in QEMU, so that the two are held to one behaviour. */
  readonly both?: true;
  readonly boots: readonly Boot[];
}

/** Is a directory of the scenario's own. */
export interface Place {
  readonly directory: string;
  /** Gives the path of a file in it. */
  readonly file: (name: string) => string;
}

/** Is one boot of a scenario. */
export interface Boot {
  /** Kernel arguments of this boot alone. */
  readonly cmdline?: string;
  /** What the guest does, as a shell script. */
  readonly actions?: string;
  /** The disks that this boot may write to, where they are others than in the scenario's other boots. */
  readonly writes?: readonly string[];
  /** What a person does meanwhile, in this order. */
  readonly hands?: readonly Hand[];
  /** Which keyboard has the keys that hands press. */
  readonly keyboard?: Keyboard;
  readonly expect: Expected;
}

/** Is what a boot must have come to. */
export interface Expected {
  readonly session: "persistent" | "readonly" | "volatile" | "stopped";
  /** The disk of the one accepted candidate, or its partition ("store:1"); none may be accepted when left out. */
  readonly store?: string;
  /** Where the upper directory lies in the store, empty for its top; only for persistent sessions. */
  readonly directory?: string;
  /** The store's file on its host ("/sysrcd.bs"), where the store is one. */
  readonly file?: string;
  /** Disks ("<store>"), or labels where letters are chance, that must be among the rejected candidates, with the reason. */
  readonly rejected?: Readonly<Record<string, RegExp>>;
  /**
   * One pattern for each problem ("FILE:LINE: MESSAGE", or the message alone), in their order; none when left out. That the
   * boot before did not end its session goes without saying: it is wanted where it must be told, and an error elsewhere.
   */
  readonly problems?: readonly RegExp[];
  /** What came of checking the store before it was used; not looked at when left out. */
  readonly check?: "clean" | "repaired" | "unchecked" | "damaged" | "none";
  /** Whether the place in the store is new although a boot before has used the store. */
  readonly isNew?: true;
  /** What the console must say. */
  readonly console?: readonly RegExp[];
  /** What files hold; undefined for one that must be missing. Named by `say_files` in the actions. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** Other facts of the guest, as "KIND NAME". */
  readonly facts?: Readonly<Record<string, RegExp>>;
  /** What files in the store's upper directory hold, read from the disk when the guest is off. */
  readonly upper?: Readonly<Record<string, string>>;
  /** A file in the scenario's directory whose text `say_tree` must give. */
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

/** Says what became of the places that `change` touches. */
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

/** Is two boots: what the first one changes is there in the second. */
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

/** Is one boot whose changes are in memory alone: a change works, and no disk is written to. */
export function forgets(more: Partial<Expected> = {}): readonly Boot[] {
  const expect: Expected = {
    session: "volatile",
    ...changed,
    ...more,
    facts: { ...changed.facts, ...more.facts },
  };
  return [{ actions: `${change}\n${look}`, expect }];
}

/** Is a boot that backstore=required ends in the menu: the console says why, and offers to power off. */
export function stopsInstead(...console: readonly RegExp[]): Boot {
  return {
    cmdline: "backstore=required",
    expect: { session: "stopped", console: [...console, /p {2}power the machine off\n/] },
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

/** Gives a disk that is a copy of an image. */
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

/** Gives the place that a scenario works in. */
export function placeAt(directory: string): Place {
  return { directory, file: (name) => join(directory, name) };
}
