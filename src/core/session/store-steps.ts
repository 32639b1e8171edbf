// The steps by which a store comes to its place: a directory store's file system is mounted, a file store's host first
// and then what is in the file. Beside them the medium, which may be the same file system and is then not mounted twice.
// A persistent session also makes sure that there is room, and keeps some of it back for the day when there is none.

import { driverOf, hostOptions, unchangedOptions } from "../file-systems/mounting.ts";
import { closedFlags, namesOnlyFlags, parseMountOptions } from "../kernel/mount-flags.ts";
import { takeBackGrowth } from "../resize/resize-ends.ts";
import type { Step } from "../steps/step.ts";
import { leastUsableBytes } from "../stores/ballast.ts";
import { superblockOf, typeOf } from "../stores/seen-store.ts";
import { ballastFile } from "../stores/store-names.ts";
import { places } from "./places.ts";
import { adviseRoom } from "./remedies.ts";
import { driverFor, mountBase, mountBeside, mountUnchanged } from "./session-steps.ts";
import { type StoreUse, storePath } from "./store-use.ts";

/** Mounts the store for writing, and the base. */
export function mountStore(use: StoreUse): Step[] {
  const { facts, device, file } = use;
  const { flags, data } = parseMountOptions(facts.options.cow_flags.value ?? "");
  const type = driverFor(device);
  const source = { do: "mount", source: device.path, type, readonly: false } as const;
  if (file === undefined) {
    return [
      ...checkFirst(use, device.path),
      {
        ...source,
        target: places.store,
        flags: [...flags, ...closedFlags.filter((flag) => !flags.includes(flag))],
        data,
      },
      ...confirmStore(use),
      ...mountBase(facts, { device, at: places.store }),
    ];
  }
  const hostData = hostOptions(device.superblock?.type ?? "");
  return [
    {
      ...source,
      target: places.host,
      flags: ["noatime", ...namesOnlyFlags],
      ...(hostData === "" ? {} : { data: hostData }),
    },
    ...(file.ignoredJournal
      ? [{ do: "confirm-file", root: places.host, seen: file } as const]
      : []),
    ...takeBackGrowth(file, `${places.host}${file.path}`),
    ...checkFirst(use, `${places.host}${file.path}`),
    mountFile(use, { path: file.path, readonly: false }),
    ...confirmStore(use),
    ...mountBase(facts, { device, at: places.host }),
  ];
}

/** What was seen without a journal is looked at again before anything is written. */
function confirmStore({ file, seen }: StoreUse): Step[] {
  const ignoredJournal = seen.ignoredJournal || file?.ignoredJournal;
  return ignoredJournal ? [{ do: "confirm-store", root: places.store, seen }] : [];
}

/** What was not closed cleanly is checked while nobody uses it. */
function checkFirst(use: StoreUse, path: string): Step[] {
  const { check, name, remedy } = use;
  const type = superblockOf(use)?.type;
  if (check === undefined || type === undefined) return [];
  const { check: scratch } = places;
  return [{ do: "check-store", path, type, ...check, store: name, remedy, scratch }];
}

/** Mounts the store so that nothing of it changes, and the base. */
export function mountStoreUnchanged(use: StoreUse): Step[] {
  const { facts, device, file } = use;
  if (file === undefined)
    return [
      mountUnchanged(device, places.store),
      ...mountBase(facts, { device, at: places.store }),
    ];
  return [
    mountBeside(device, { devices: facts.devices, target: places.host }),
    mountFile(use, { path: file.path, readonly: true }),
    ...mountBase(facts, { device, at: places.host }),
  ];
}

/** Shows the store where the first generation did; read-only, because nobody may change it under the overlay. */
export function showStore(use: StoreUse): Step {
  return {
    do: "show-inside",
    source: storePath(use),
    root: places.root,
    path: "/mnt/memory",
    optional: true,
  };
}

/** Names what is mounted for the store. */
export function placesOf({ file }: StoreUse): readonly ("host" | "store")[] {
  return file === undefined ? ["store"] : ["host", "store"];
}

function mountFile(
  { file }: StoreUse,
  { path, readonly }: { path: string; readonly: boolean },
): Step {
  const superblock = file?.superblock;
  const data = readonly ? unchangedOptions(superblock) : "";
  return {
    do: "mount-file",
    file: `${places.host}${path}`,
    target: places.store,
    type: driverOf(superblock?.type ?? "") ?? "auto",
    readonly,
    ...(data === "" ? {} : { data }),
  };
}

/** Makes sure that there is room, with what the ballast gives. */
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

/** Makes the ballast of a store where none is seen, if the room is the store's own: in a file, or with stores alone. */
export function makeBallast(use: StoreUse): Step[] {
  const { file, seen } = use;
  if (file === undefined && !seen.isDedicated) return [];
  // A copied one may hold no room.
  if (seen.names.includes(ballastFile) && seen.room?.ballastBytes !== 0) return [];
  const path = `${storePath(use)}/${ballastFile}`;
  return [{ do: "make-ballast", path, type: typeOf(use), optional: true }];
}
