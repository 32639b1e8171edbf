// The building blocks of scenarios with file stores: disks with the store's file, and boots on
// them.

import { type HostRequest, writeHost } from "./disks/hosts.ts";
import { writeDisk } from "./disks/media.ts";
import { makeNewStore, makeUsedStore } from "./disks/store-files.ts";
import type { Disk } from "./machine.ts";
import { type Boot, type Expected, keeps, look, type Place } from "./scenario.ts";

/**
 * Makes a disk with a store's file on it, by default vfat and a new store. It is built in, so that
 * an option must request it, unless `disk` makes it a stick.
 */
export function host(
  place: Place,
  request: Partial<HostRequest> = {},
  disk: Partial<Disk> = {},
): Disk {
  const name = disk.name ?? "store";
  const file = place.file(`${name}.img`);
  const tree = { "sysrcd.bs": { file: makeNewStore() } };
  writeHost({ type: "vfat", tree, path: file, ...request });
  return { ...disk, name, file };
}

/** Makes the same with a store that a session has used. */
export function usedHost(
  place: Place,
  request: Partial<HostRequest> = {},
  disk: Partial<Disk> = {},
): Disk {
  return host(place, { tree: { "sysrcd.bs": { file: makeUsedStore() } }, ...request }, disk);
}

/** Makes a disk with one partition, which is a copy of another disk. */
export function partitioned(
  place: Place,
  disk: Disk,
  { table = "gpt", ...partition }: { table?: "gpt" | "dos"; name?: string; uuid?: string } = {},
): Disk {
  const file = place.file(`${disk.name}-disk.img`);
  writeDisk(file, table, [{ file: disk.file, ...partition }]);
  return { ...disk, file };
}

/** The same with a file store: its upper directory is at the top of the file system in it. */
export function keepsInFile(store: string, more: Partial<Expected> = {}): readonly Boot[] {
  return keeps(store, { file: "/sysrcd.bs", directory: "", ...more });
}

/**
 * Expects of boots on a FAT host that each after the first warns of it: the tiny guest powers off
 * without unmounting anything, which leaves FAT, which has no journal, dirty.
 */
export function warnsAfterwards(boots: readonly Boot[]): readonly Boot[] {
  return boots.map((boot, index) =>
    index === 0 ? boot : { ...boot, expect: { ...boot.expect, problems: [/dirty bit set/] } },
  );
}

/**
 * What a boot tells of a store that the host's own tools have put on a file system: those of btrfs
 * leave copying on write on, which create turns off.
 */
export function warnsOfHost(type: string): Partial<Expected> {
  const copied = [/copied on write by its host/];
  return type === "btrfs" ? { problems: copied, console: copied } : {};
}

/** One boot on a store of makeUsedStore(): its changes are there, and more can be written. */
export function finds(session: "persistent" | "readonly", more: Partial<Expected> = {}): Boot {
  return {
    actions: `${look}\necho more > /srv/new/more; say_files /srv/new/more`,
    expect: {
      session,
      file: "/sysrcd.bs",
      ...(session === "persistent" ? { directory: "" } : {}),
      files: { "/etc/motd": "changed\n", "/srv/new/file": "kept\n", "/srv/new/more": "more\n" },
      ...more,
    },
  };
}
