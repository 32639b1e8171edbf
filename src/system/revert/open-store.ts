// A store that is not in use, opened so that its changes can be changed: its directory where that
// is mounted, or the file or device that has it, mounted for as long as it is worked on.

import { driverOf, holdsDirectoryStore, innerOptions } from "../../core/file-systems/mounting.ts";
import { closedFlags } from "../../core/kernel/mount-flags.ts";
import { layersOf } from "../../core/kernel/mount-table.ts";
import { defaultStoreName } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { findUpper, listIfDirectory, upperIn } from "../changes/open-changes.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import { makeDirectories } from "../port/files.ts";
import { mountTelling } from "../port/kernel-word.ts";
import { requireWritableMount } from "../port/require-writable.ts";
import type { System } from "../port/system.ts";
import { unmountSoon } from "../port/unmount-soon.ts";
import { findCutShort } from "../resize/recover-resize.ts";
import { withWritableHost } from "../steps/with-writable-host.ts";
import { withHeldStore } from "../stores/held-store.ts";
import { locateStore } from "../stores/locate-store.ts";
import { findWritableHost } from "../stores/writable-host.ts";
import { withLocks } from "../usage/locked.ts";
import { nameHolder } from "../usage/name-holder.ts";

/** A store to open. */
export interface WritableStore {
  /** A directory store, the file of a store or the directory it is in, or a device. */
  readonly given: string;
  /** "revert changes in". */
  readonly action: string;
  /** A directory to mount below. */
  readonly at: string;
  /** Whether what is discarded in the file of a store is given back to its host. */
  readonly givesBack?: boolean;
}

/**
 * Passes the directory of a store to `use`, without a link in its path; undefined for a store that
 * is new. Throws a Failure if something uses the store.
 */
export function withWritableStore<T>(
  system: System,
  store: WritableStore,
  use: (directory: string | undefined) => T,
): T {
  const { given, action } = store;
  const cannot = `Cannot ${action} ${formatPath(given)}`;
  const names = listIfDirectory(system, given, cannot);
  if (names?.includes("upperdir")) return withDirectory(system, { ...store, cannot }, use);
  if (names !== undefined && !names.includes(defaultStoreName)) return use(undefined);
  if (system.status(given)?.kind === "block") return withDevice(system, { ...store, cannot }, use);
  return withFile(system, { ...store, cannot }, use);
}

interface Opening extends WritableStore {
  readonly cannot: string;
}

function withDirectory<T>(
  system: System,
  { given, action, cannot }: Opening,
  use: (directory: string) => T,
): T {
  const directory = system.resolve(given);
  return withLocks(system, { paths: [directory], action, subject: given }, () => {
    const overlay = findOverlayOn(system, upperIn(system, directory, cannot));
    if (overlay !== undefined)
      throw new Failure(
        "in-use",
        `${cannot}: it is in use by the overlay on ${formatPath(overlay)}`,
        overlay === "/" ? "leave out --store" : `unmount it first: umount ${formatPath(overlay)}`,
      );
    requireWritableMount(system, { cannot, path: directory });
    return use(directory);
  });
}

/** Finds where an overlay is mounted that has a directory among its layers, by whatever path. */
export function findOverlayOn(system: System, path: string): string | undefined {
  const own = system.linkStatus(path);
  const isSame = (layer: string) => {
    // It is told as it was given, and from where is not known.
    if (!layer.startsWith("/")) return path.endsWith(`/${layer}`);
    const status = ifPossible(() => system.status(layer));
    return layer === path || (status?.inode === own?.inode && status?.device === own?.device);
  };
  return system.mounts().find((mount) => mount.type === "overlay" && layersOf(mount).some(isSame))
    ?.target;
}

function withFile<T>(
  system: System,
  { given, action, at, cannot, givesBack = false }: Opening,
  use: (directory: string | undefined) => T,
): T {
  const place = locateStore(system, given, action);
  return withHeldStore(system, place.store, (held) => {
    const writable = findWritableHost(held, place, action);
    const locks = [directoryOf(place.store), place.store];
    return withLocks(held, { paths: locks, action, subject: place.store }, () => {
      requireUnused(held, place.store, cannot);
      if (findCutShort(held, place.store) !== undefined)
        throw new Failure(
          "unsafe",
          `${cannot}: its resize was interrupted`,
          "complete or undo that first: backstore check --repair STORE",
        );
      return withWritableHost(held, writable, () =>
        held.withLoop({ file: writable.store, readonly: false, givesBack }, (device) =>
          withMounted(system, { source: device, named: given, at, cannot }, use),
        ),
      );
    });
  });
}

function withDevice<T>(
  system: System,
  { given, action, at, cannot }: Opening,
  use: (directory: string | undefined) => T,
): T {
  const device = system.resolve(given);
  return withLocks(system, { paths: [device], action, subject: given }, () => {
    requireUnused(system, device, cannot);
    return withMounted(system, { source: device, named: given, at, cannot }, use);
  });
}

function requireUnused(system: System, path: string, cannot: string): void {
  const holder = nameHolder(system, path);
  if (holder === undefined) return;
  throw new Failure("in-use", `${cannot}: ${holder.reason}`, holder.hint);
}

interface Mounting {
  readonly source: string;
  readonly named: string;
  readonly at: string;
  readonly cannot: string;
}

function withMounted<T>(
  system: System,
  { source, named, at, cannot }: Mounting,
  use: (directory: string | undefined) => T,
): T {
  const superblock = orFail(cannot, () =>
    readSuperblock(system, source, system.deviceBytes(source)),
  );
  const type = superblock?.type ?? "";
  if (!holdsDirectoryStore(type)) throw new Failure("not-found", `${cannot}: it contains no store`);
  const target = `${at}/store`;
  makeDirectories(system, target, 0o700);
  orFail(`${cannot}: ${formatPath(named)} cannot be mounted`, () =>
    mountTelling(system, {
      source,
      target,
      type: driverOf(type) ?? type,
      flags: closedFlags,
      data: innerOptions(type),
    }),
  );
  try {
    const upper = findUpper(system, system.resolve(target), cannot);
    return use(upper && directoryOf(upper));
  } finally {
    unmountSoon(system, target);
  }
}
