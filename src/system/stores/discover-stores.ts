// Finds every store on the machine's file systems, or in image files: file stores by their paths,
// directory stores by the names that boots give them. Inspection changes nothing (view.ts).

import type { Device } from "../../core/devices/device.ts";
import { isBase, listVolumes } from "../../core/devices/volumes.ts";
import { describeClosed, driverOf, holdsDirectoryStore } from "../../core/file-systems/mounting.ts";
import type { ExaminedStore } from "../../core/stores/seen-store.ts";
import { namesStoreDirectory } from "../../core/stores/store-names.ts";
import { bytesOf, type View, withView } from "../looking/view.ts";
import { listBelowIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";
import { findUser, learnUsage, type Usage } from "../usage/usage.ts";
import { readDirectory } from "./inspect-directory.ts";
import { describeObstacle } from "./inspect-file.ts";
import { inspectStoreFile } from "./inspect-store-file.ts";

/** The places to search. */
interface StoreSearch {
  readonly devices: readonly Device[];
  /** Where file stores may be on a host, with a leading slash. */
  readonly files: readonly string[];
  /** Where directory stores may be on a file system, without a leading slash; "" is its top. */
  readonly directories: readonly string[];
  /** A directory for mounts in a private namespace; undefined if nothing can be mounted. */
  readonly at: string | undefined;
}

/** The stores that were found, and the devices that could not be inspected, with the reason. */
export interface SeenStores {
  readonly stores: readonly ExaminedStore[];
  readonly unseen: readonly { readonly device: Device; readonly reason: string }[];
}

/** Searches every device that may have a store. */
export function discoverStores(system: System, search: StoreSearch): SeenStores {
  const usage = learnUsage(system);
  const stores: ExaminedStore[] = [];
  const unseen: { device: Device; reason: string }[] = [];
  for (const device of listVolumes(search.devices)) {
    const reason = whyUnseen(device, search);
    if (reason !== undefined) unseen.push({ device, reason });
    if (reason !== undefined || search.at === undefined || !isMountable(device)) continue;
    const look = { search, usage, device, at: search.at };
    try {
      stores.push(
        ...withView(system, { device, usage, at: `${search.at}/host` }, (view) =>
          seeStores(system, look, view),
        ),
      );
    } catch (error) {
      unseen.push({ device, reason: describeObstacle(error, device.superblock?.type ?? "") });
    }
  }
  return { stores, unseen };
}

interface Look {
  readonly search: StoreSearch;
  readonly usage: Usage;
  readonly device: Device;
  readonly at: string;
}

function isMountable({ superblock }: Device): boolean {
  return (
    superblock !== undefined && !isBase(superblock.type) && driverOf(superblock.type) !== undefined
  );
}

/**
 * Returns why it is unknown whether a store is there; undefined if the device can be inspected, or
 * cannot have one.
 */
function whyUnseen(device: Device, { at }: StoreSearch): string | undefined {
  if (device.problem !== undefined) return device.optical ? undefined : device.problem;
  const closed = device.superblock && describeClosed(device.superblock);
  if (closed !== undefined) return closed;
  return at === undefined && isMountable(device)
    ? "it cannot be inspected without root"
    : undefined;
}

function seeStores(system: System, look: Look, view: View): ExaminedStore[] {
  const { device, usage, at } = look;
  const files = look.search.files.flatMap((path) =>
    inspectStoreFile(system, { device, usage, at: `${at}/store`, root: view.root, path }),
  );
  if (!holdsDirectoryStore(look.device.superblock?.type ?? "")) return files;
  const directories = listDirectories(system, look.search, view.root);
  return [...files, ...directories.flatMap((path) => seeDirectory(system, { look, view, path }))];
}

/**
 * The directories that boots have created, those that the options name, and the top if a store is
 * there.
 */
function listDirectories(system: System, { directories }: StoreSearch, root: string): string[] {
  const top = listBelowIfPresent(system, { root, path: "" });
  const isStoreItself =
    (top.includes("upperdir") && top.includes("workdir")) ||
    top.some((name) => name.startsWith(".wh..wh."));
  const made = top
    .filter(namesStoreDirectory)
    .flatMap((name) =>
      listBelowIfPresent(system, { root, path: name }).map((below) => `${name}/${below}`),
    )
    .filter((path) => system.linkStatus(`${root}/${path}`)?.kind === "directory");
  return [...new Set([...(isStoreItself ? [""] : []), ...made, ...directories])];
}

interface Place {
  readonly look: Look;
  readonly view: View;
  readonly path: string;
}

function seeDirectory(system: System, { look, view, path }: Place): ExaminedStore[] {
  const { device, usage } = look;
  const facts = readDirectory(system, { root: view.root, directory: path });
  if (!facts.exists && facts.obstacle === undefined) return [];
  const { totalBytes, freeBytes } = system.room(view.root);
  return [
    {
      kind: "directory",
      device,
      path: `/${path}`,
      file: undefined,
      bytes: totalBytes,
      usedBytes: totalBytes - freeBytes,
      directory: facts,
      use: findUser(system, { usage, bytes: bytesOf(device), directory: path }),
      hasPendingLog: view.hasPendingLog,
      unfinished: undefined,
      obstacle: undefined,
    },
  ];
}
