// The steps that mount a store: a directory store's file system, or a file store's host and then
// the file system in the file. They include the medium, which may be on the same file system and is
// then not mounted twice. A persistent session also ensures that there is space, and reserves some
// of it for when the store is full.

import type { Device } from "../devices/device.ts";
import { showsSameVolume } from "../devices/volumes.ts";
import {
  driverOf,
  hostOptions,
  innerOptions,
  unchangedOptions,
  viewThrough,
} from "../file-systems/mounting.ts";
import {
  closedFlags,
  joinOptions,
  namesOnlyFlags,
  parseMountOptions,
} from "../kernel/mount-flags.ts";
import { takeBackGrowth } from "../resize/resize-ends.ts";
import type { Step, StepArguments } from "../steps/step.ts";
import { leastUsableBytes } from "../stores/ballast.ts";
import type { StoreFile } from "../stores/file-store.ts";
import { superblockOf, typeOf } from "../stores/seen-store.ts";
import { ballastFile, inodeReserve } from "../stores/store-names.ts";
import type { LiveMedium } from "../takeover/live-root.ts";
import { places } from "./places.ts";
import { adviseRoom } from "./remedies.ts";
import {
  driverFor,
  lendBase,
  mountBase,
  mountBeside,
  mountUnchanged,
  rootPlace,
  withMembers,
} from "./session-steps.ts";
import { type StoreUse, storePath } from "./store-use.ts";

/** Mounts the store for writing, and the base. */
export function mountStore(use: StoreUse): Step[] {
  const { facts, device, file } = use;
  const { flags, data } = parseMountOptions(facts.options.cow_flags.value ?? "");
  const type = driverFor(device);
  const source = { source: device.path, type, readonly: false };
  const bound = bindStore(use, false);
  if (bound.length > 0) return [...bound, ...mountBase(facts, undefined)];
  if (file === undefined)
    return withBase(use, places.store, {
      check: checkFirst(use, device.path),
      mount: [
        ...mountWritable(use, {
          ...source,
          target: places.store,
          flags: [...flags, ...closedFlags.filter((flag) => !flags.includes(flag))],
          data: withMembers(device, data),
        }),
        ...confirmStore(use),
      ],
    });
  const path = filePath(use, file);
  const fileSteps = withBase(use, places.host, {
    check: checkFirst(use, path),
    mount: [mountFile(use, { path, readonly: false }), ...confirmStore(use)],
  });
  if (facts.apart?.file !== undefined) return [...takeBackGrowth(file, path), ...fileSteps];
  const hostData = withMembers(device, hostOptions(device.superblock?.type ?? ""));
  return [
    ...mountWritable(use, {
      ...source,
      target: places.host,
      flags: ["noatime", ...namesOnlyFlags],
      ...(hostData === "" ? {} : { data: hostData }),
    }),
    ...(file.ignoredJournal
      ? [{ do: "confirm-file", root: places.host, seen: file } as const]
      : []),
    ...takeBackGrowth(file, path),
    ...fileSteps,
  ];
}

/**
 * Puts the steps that mount the base where they belong: behind those that mount the store, or, if
 * the store is checked, before that, because the base may have the checker. `at` is where the file
 * system of the device is mounted, which for a store in a directory happens after its check.
 */
function withBase(
  use: StoreUse,
  at: string,
  steps: { readonly check: readonly Step[]; readonly mount: readonly Step[] },
): Step[] {
  const { facts, device, file, check } = use;
  const { live, isCopied, medium } = facts;
  const base = mountBase(facts, { device, at });
  if (check === undefined || live !== undefined) return [...steps.check, ...steps.mount, ...base];
  const isBelow = file === undefined && !isCopied && showsSameVolume(device, medium.device);
  if (isBelow) return [...lendBase(facts, steps.check), ...steps.mount, ...base];
  return [...base, ...steps.check, ...steps.mount];
}

/** Whether the disk that a store's partition is on is mounted or mapped, which locks that. */
function isShut({ facts: { live }, device }: StoreUse): boolean {
  if (device.isClaimed) return true;
  return device.disk !== undefined && live?.medium?.source === device.disk;
}

/** Mounts a partition that isShut() so that nothing on it changes. */
function mountShut(device: Device, target: string): Step {
  const data = joinOptions(device.view ?? "", unchangedOptions(device.superblock));
  return {
    ...{ do: "mount-partition", device: device.path, target, type: driverFor(device) },
    readonly: true,
    ...(data === "" ? {} : { data }),
  };
}

/**
 * Mounts the store's or host's file system for writing. If another initramfs has mounted it
 * read-only as the medium, the file system has to become writable first, and its mount stays as it
 * is.
 */
function mountWritable(use: StoreUse, request: Omit<StepArguments["mount"], "guarded">): Step[] {
  if (isShut(use)) {
    const { source: device, ...rest } = request;
    return [{ do: "mount-partition", device, ...rest }];
  }
  const mount: Step = { do: "mount", ...request };
  const medium = findLiveMedium(use);
  if (medium === undefined || medium.isWritable) return [mount];
  const { target, flags } = medium;
  return [
    { do: "remount", target, readonly: false, flags },
    mount,
    { do: "protect-mount", target, flags },
  ];
}

/** Returns the mount of the medium by another initramfs, if the store is on its file system. */
function findLiveMedium({ facts: { live, medium }, device }: StoreUse): LiveMedium | undefined {
  if (live?.medium?.source !== medium.device.path) return undefined;
  return showsSameVolume(device, medium.device) ? live.medium : undefined;
}

/** What was inspected without a journal is inspected again before anything is written. */
function confirmStore({ file, seen }: StoreUse): Step[] {
  const ignoredJournal = seen.ignoredJournal || file?.ignoredJournal;
  return ignoredJournal ? [{ do: "confirm-store", root: places.store, seen }] : [];
}

/** A store that was not closed cleanly is checked while it is not in use. */
function checkFirst(use: StoreUse, path: string): Step[] {
  const { check, name, remedy } = use;
  const type = superblockOf(use)?.type;
  if (check === undefined || type === undefined) return [];
  const { check: scratch } = places;
  const { live, apart } = use.facts;
  const base =
    live?.root ?? (apart === undefined ? places.base : places.layer(apart.layers.length));
  const throughLoop = use.file === undefined && isShut(use) ? ({ throughLoop: true } as const) : {};
  return [
    { do: "check-store", path, type, ...check, store: name, remedy, scratch, base, ...throughLoop },
  ];
}

/** Returns the path of a store's file, on a host that the session mounts or that is mounted. */
function filePath({ facts }: StoreUse, { path }: StoreFile): string {
  return facts.apart?.file ?? `${places.host}${path}`;
}

/** Binds the directory of a store on a file system that others have mounted. */
function bindStore({ facts }: StoreUse, readonly: boolean): Step[] {
  const source = facts.apart?.directory;
  return source === undefined ? [] : [{ do: "bind", source, target: places.store, readonly }];
}

/** Mounts the store so that nothing on it changes, and the base. */
export function mountStoreUnchanged(use: StoreUse): Step[] {
  const { facts, device, file } = use;
  const own = bindStore(use, true);
  if (own.length > 0) return [...own, ...mountBase(facts, undefined)];
  const source = findLiveMedium(use)?.target;
  const bound = (target: string): Step | undefined =>
    source === undefined ? undefined : { do: "bind", source, target, readonly: true };
  if (file === undefined) {
    const seen = viewThrough(device, facts.options.cow_flags.value ?? "");
    return [
      bound(places.store) ??
        (isShut(use) ? mountShut(seen, places.store) : mountUnchanged(seen, places.store)),
      ...mountBase(facts, { device, at: places.store }),
    ];
  }
  const host =
    bound(places.host) ??
    (isShut(use)
      ? mountShut(device, places.host)
      : mountBeside(device, { devices: facts.devices, target: places.host }));
  return [
    ...(facts.apart?.file === undefined ? [host] : []),
    mountFile(use, { path: filePath(use, file), readonly: true }),
    ...mountBase(facts, { device, at: places.host }),
  ];
}

/**
 * Binds the store to the place that the first generation used; read-only, because changes under a
 * mounted overlay are not allowed.
 */
export function showStore(use: StoreUse): Step {
  return {
    do: "show-inside",
    source: storePath(use),
    root: rootPlace(use.facts),
    path: "/mnt/memory",
    optional: true,
  };
}

/** Lists what is mounted for the store. */
export function placesOf({ file, facts }: StoreUse): readonly ("host" | "store")[] {
  return file === undefined || facts.apart?.file !== undefined ? ["store"] : ["host", "store"];
}

function mountFile(
  { file }: StoreUse,
  { path, readonly }: { path: string; readonly: boolean },
): Step {
  const superblock = file?.superblock;
  const data = readonly ? unchangedOptions(superblock) : innerOptions(superblock?.type ?? "");
  return {
    do: "mount-file",
    file: path,
    target: places.store,
    type: driverOf(superblock?.type ?? "") ?? "auto",
    readonly,
    ...(data === "" ? {} : { data }),
  };
}

/** Ensures that there is space, by releasing the ballast if necessary. */
export function ensureRoom(use: StoreUse): Step {
  const type = typeOf(use);
  return {
    do: "ensure-room",
    path: places.store,
    type,
    ballast: `${storePath(use)}/${ballastFile}`,
    bytes: leastUsableBytes(type),
    advice: adviseRoom(use),
  };
}

/**
 * Creates the ballast of a store that has none, if the space belongs to the store alone: in a file,
 * or on a file system with nothing but stores.
 */
export function makeBallast(use: StoreUse): Step[] {
  const { file, seen } = use;
  if (file === undefined && !seen.isDedicated) return [];
  // A copied one may have no blocks allocated.
  const hasReserve = seen.room?.inodes === undefined || seen.names.includes(inodeReserve);
  if (seen.names.includes(ballastFile) && seen.room?.ballastBytes !== 0 && hasReserve) return [];
  const path = `${storePath(use)}/${ballastFile}`;
  return [{ do: "make-ballast", path, type: typeOf(use), optional: true }];
}
