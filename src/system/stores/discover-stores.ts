// Finds every store on the machine's file systems, or in image files: file stores by their paths,
// directory stores by the names that boots give them. Inspection changes nothing (view.ts).

import { boundLooks, leftOut } from "../../core/devices/bound-looks.ts";
import type { Device } from "../../core/devices/device.ts";
import { isBase, listVolumes } from "../../core/devices/volumes.ts";
import { driverOf, holdsDirectoryStore } from "../../core/file-systems/mounting.ts";
import type { InstallRecord } from "../../core/install/install-record.ts";
import type { ExaminedStore } from "../../core/stores/seen-store.ts";
import { namesStoreDirectory } from "../../core/stores/store-names.ts";
import { describeClosed } from "../../core/superblocks/closed.ts";
import { bytesOf, type View } from "../looking/view.ts";
import { listBelowIfPresent } from "../port/files.ts";
import type { DiskPlace, System } from "../port/system.ts";
import { findMounts, findUser, learnUsage, showsTop, type Usage } from "../usage/usage.ts";
import { readDirectory } from "./inspect-directory.ts";
import { describeObstacle } from "./inspect-file.ts";
import { inspectStoreFile } from "./inspect-store-file.ts";
import { measureRoom } from "./measure-room.ts";
import { findInstallRecord } from "./read-install-record.ts";
import { seeViews } from "./see-views.ts";

/** The places to search. */
interface StoreSearch {
  readonly devices: readonly Device[];
  /** Where file stores may be on a host, with a leading slash. */
  readonly files: readonly string[];
  /** Where directory stores may be on a file system, without a leading slash; "" is its top. */
  readonly directories: readonly string[];
  /** The options with which a boot mounts a directory store's file system (cow_flags). */
  readonly flags?: string | undefined;
  /** A directory for mounts in a private namespace; undefined if nothing can be mounted. */
  readonly at: string | undefined;
}

/** A medium that something is installed on. */
export interface SeenMedium {
  readonly device: Device;
  readonly record: InstallRecord;
}

/** The stores that were found, and the devices that could not be inspected, with the reason. */
export interface SeenStores {
  readonly media: readonly SeenMedium[];
  readonly stores: readonly ExaminedStore[];
  readonly unseen: readonly { readonly device: Device; readonly reason: string }[];
}

/** Searches every device that may have a store. */
export function discoverStores(system: System, search: StoreSearch): SeenStores {
  const usage = learnUsage(system);
  const stores: ExaminedStore[] = [];
  const media: SeenMedium[] = [];
  const unseen: { device: Device; reason: string }[] = [];
  const volumes = listVolumes(search.devices);
  const bound = new Set(boundLooks(volumes.filter(isMountable)).leftOut);
  for (const device of volumes) {
    const reason = whyUnseen(device, search) ?? (bound.has(device) ? leftOut : undefined);
    if (reason !== undefined) unseen.push({ device, reason });
    if (search.at === undefined) media.push(...seeMounted(system, usage, device));
    if (reason !== undefined || search.at === undefined || !isMountable(device)) continue;
    const look = { search, usage, device, at: search.at };
    try {
      const volume = { device, usage, at: `${search.at}/host`, flags: search.flags };
      const seen = seeViews(system, volume, (shown, view, { hasFiles }) => {
        const files = hasFiles ? search.files : [];
        return seeStores(system, { ...look, device: shown, search: { ...search, files } }, view);
      });
      stores.push(...seen.stores);
      media.push(...(seen.plain?.media ?? []));
      unseen.push(...(seen.plain?.unseen ?? []));
    } catch (error) {
      unseen.push({ device, reason: describeObstacle(error, device) });
    }
  }
  return { stores, media, unseen };
}

/** Lists the paths by which a file store is reached now, through mounts of its host. */
export function findMountedPaths(
  system: System,
  { kind, device, path }: Pick<ExaminedStore, "kind" | "device" | "path">,
): string[] {
  if (kind !== "file") return [];
  return findMounts(system, learnUsage(system), bytesOf(device)).map(({ target }) =>
    target === "/" ? path : `${target}${path}`,
  );
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

/** Without root a medium is seen where it is mounted. */
function seeMounted(system: System, usage: Usage, device: Device): SeenMedium[] {
  const mount = findMounts(system, usage, bytesOf(device)).find(showsTop);
  return mount === undefined ? [] : seeMedium(system, device, mount.target);
}

function seeMedium(system: System, device: Device, root: string): SeenMedium[] {
  const record = findInstallRecord(system, root);
  return record === undefined ? [] : [{ device, record }];
}

function seeStores(system: System, look: Look, view: View): SeenStores {
  const { device, usage, at } = look;
  const media = seeMedium(system, device, view.root);
  const files = look.search.files.flatMap((path) =>
    inspectStoreFile(system, { device, usage, at: `${at}/store`, root: view.root, path }),
  );
  if (!holdsDirectoryStore(look.device.superblock?.type ?? ""))
    return { stores: files, media, unseen: [] };
  const { paths, areAll } = listDirectories(system, look.search, view.root);
  return {
    media,
    stores: [...files, ...paths.flatMap((path) => seeDirectory(system, { look, view, path }))],
    unseen: areAll ? [] : [{ device, reason: tooMany }],
  };
}

/** More directories than a file system has that boots keep changes in. */
const mostDirectories = 100;

const tooMany = `it has more than ${mostDirectories} directories with names of stores, and the others were left out`;

/**
 * The directories that boots have created, those that the options name, and the top if a store is
 * there.
 */
function listDirectories(
  system: System,
  { directories }: StoreSearch,
  root: string,
): { readonly paths: readonly string[]; readonly areAll: boolean } {
  const top = listBelowIfPresent(system, { root, path: "" });
  const isStoreItself =
    (top.includes("upperdir") && top.includes("workdir")) ||
    top.some((name) => name.startsWith(".wh..wh."));
  const paths = new Set([...(isStoreItself ? [""] : []), ...directories]);
  const names = top.filter(namesStoreDirectory);
  const areAll = names
    .slice(0, mostDirectories)
    .every((name) => addBelow(system, { root, path: name }, paths));
  return { paths: [...paths], areAll: areAll && names.length <= mostDirectories };
}

/** Adds the directories below one; returns whether there was room for all of them. */
function addBelow(system: System, { root, path }: DiskPlace, paths: Set<string>): boolean {
  const names = listBelowIfPresent(system, { root, path });
  for (const name of names.slice(0, mostDirectories)) {
    const below = `${path}/${name}`;
    if (system.linkStatus(`${root}/${below}`)?.kind !== "directory") continue;
    if (paths.size >= mostDirectories) return false;
    paths.add(below);
  }
  return names.length <= mostDirectories;
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
  const { totalBytes } = system.room(view.root);
  const room = measureRoom(system, {
    path: view.root,
    type: device.superblock?.type ?? "",
    directory: path === "" ? view.root : `${view.root}/${path}`,
  });
  return [
    {
      kind: "directory",
      device,
      path: `/${path}`,
      file: undefined,
      bytes: totalBytes,
      usedBytes: room?.usedBytes,
      directory: facts,
      use: findUser(system, { usage, bytes: bytesOf(device), directory: path }),
      hasPendingLog: view.hasPendingLog,
      unfinished: undefined,
      obstacle: undefined,
    },
  ];
}
