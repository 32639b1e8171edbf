// Every store that can be seen on the machine's file systems, or in image files: file stores by their paths, directory
// stores by the names that boots give them. Looking changes nothing (view.ts).
import { type Device, unknownDevice } from "../core/device.ts";
import { Failure } from "../core/failure.ts";
import { driverOf, holdsDirectoryStore } from "../core/file-systems.ts";
import { namesStoreDirectory, type Obstacle, type SeenStore } from "../core/seen-store.ts";
import { namesBeside } from "../core/store-file.ts";
import { parseIntent } from "../core/store-intent.ts";
import { recordFile } from "../core/store-record.ts";
import { identify } from "../core/superblocks/identify.ts";
import { isBase, listVolumes } from "../core/volumes.ts";
import { reasonOf } from "./execute.ts";
import { listIfPresent } from "./files.ts";
import { readDirectory } from "./inspect-store.ts";
import { findUser, learnUsage, type Usage } from "./store-users.ts";
import { errnoOf, type System } from "./system.ts";
import { bytesOf, touchFile, type View, withView } from "./view.ts";

/** Says where to look. */
export interface StoreSearch {
  readonly devices: readonly Device[];
  /** Where file stores may lie on a host, and directory stores on a file system, without a leading slash. */
  readonly files: readonly string[];
  readonly directories: readonly string[];
  /** A directory for mounts that nobody else sees; undefined where nothing can be mounted. */
  readonly at: string | undefined;
}

/** Is what was seen, and what could not be looked into with the reason. */
export interface SeenStores {
  readonly stores: readonly SeenStore[];
  readonly unseen: readonly { readonly device: Device; readonly reason: string }[];
}

/** Looks for stores on every device that may hold one. */
export function discoverStores(system: System, search: StoreSearch): SeenStores {
  const usage = learnUsage(system);
  const stores: SeenStore[] = [];
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
      unseen.push({ device, reason: describeProblem(error, device) });
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

/** Why nobody knows whether a store is there; undefined where it can be looked into, or where none can be. */
function whyUnseen(device: Device, { at }: StoreSearch): string | undefined {
  if (device.problem !== undefined) return device.optical ? undefined : device.problem;
  if (device.superblock?.type === "crypto_LUKS") return "it is encrypted, and locked";
  return at === undefined && isMountable(device)
    ? "it cannot be looked into without root"
    : undefined;
}

function seeStores(system: System, look: Look, view: View): SeenStore[] {
  const files = look.search.files.flatMap((path) => seeFile(system, { look, view, path }));
  if (!holdsDirectoryStore(look.device.superblock?.type ?? "")) return files;
  const directories = listDirectories(system, look.search, view.root);
  return [...files, ...directories.flatMap((path) => seeDirectory(system, { look, view, path }))];
}

/** The directories that boots have made, those that the options name, and the top where a store lies at it. */
function listDirectories(system: System, { directories }: StoreSearch, root: string): string[] {
  const top = listIfPresent(system, root);
  const isStoreItself =
    (top.includes("upperdir") && top.includes("workdir")) ||
    top.some((name) => name.startsWith(".wh..wh."));
  const made = top
    .filter(namesStoreDirectory)
    .flatMap((name) => listIfPresent(system, `${root}/${name}`).map((below) => `${name}/${below}`))
    .filter((path) => system.linkStatus(`${root}/${path}`)?.kind === "directory");
  return [...new Set([...(isStoreItself ? [""] : []), ...made, ...directories])];
}

interface Place {
  readonly look: Look;
  readonly view: View;
  readonly path: string;
}

function seeDirectory(system: System, { look, view, path }: Place): SeenStore[] {
  const { device, usage } = look;
  touchFile(system, view, path === "" ? recordFile : `${path}/${recordFile}`);
  const facts = readDirectory(system, { root: view.root, directory: path });
  if (!facts.exists && facts.obstacle === undefined) return [];
  const { totalBytes, freeBytes } = system.room(view.root);
  return [
    {
      kind: "directory",
      device,
      path,
      bytes: totalBytes,
      usedBytes: totalBytes - freeBytes,
      allocatedBytes: undefined,
      inner: undefined,
      directory: facts,
      use: findUser(system, { usage, bytes: bytesOf(device), directory: path }),
      hasPendingLog: view.hasPendingLog,
      unfinished: undefined,
      obstacle: undefined,
    },
  ];
}

function seeFile(system: System, place: Place): SeenStore[] {
  const { look, view, path } = place;
  const file = `${view.root}/${path}`;
  const unfinished = findUnfinished(system, file);
  const status = system.linkStatus(file);
  if (status === undefined && unfinished === undefined) return [];
  const seen: SeenStore = {
    kind: "file",
    device: look.device,
    path,
    bytes: status?.bytes ?? 0,
    usedBytes: undefined,
    allocatedBytes: status?.allocatedBytes,
    inner: undefined,
    directory: undefined,
    use: undefined,
    hasPendingLog: undefined,
    unfinished,
    obstacle: undefined,
  };
  if (status === undefined)
    return [{ ...seen, obstacle: no("making it was begun and not finished") }];
  if (status.kind !== "file")
    return [{ ...seen, obstacle: no(`it is a ${status.kind}, and no file`) }];
  return [{ ...seen, ...seeInside(system, place) }];
}

function seeInside(system: System, { look, view, path }: Place): Partial<SeenStore> {
  const file = `${view.root}/${path}`;
  const { usage, at } = look;
  touchFile(system, view, path);
  const bytes = system.deviceBytes(file);
  const inner = identify((offset, length) => system.readBytes(file, offset, length), bytes);
  const use = findUser(system, { usage, bytes: { path: file, offset: 0 }, directory: "" });
  if (inner === undefined) return { use, obstacle: no("no file system was recognised in it") };
  if (!isMountable({ ...look.device, superblock: inner }))
    return { inner, use, obstacle: no(`it holds ${inner.type}`) };
  const device = { ...unknownDevice(file, bytes), superblock: inner };
  try {
    return withView(system, { device, usage, at: `${at}/store` }, (inside) => {
      const { root, hasPendingLog } = inside;
      const { totalBytes, freeBytes } = system.room(root);
      touchFile(system, inside, recordFile);
      const directory = readDirectory(system, { root, directory: "" });
      return { inner, use, directory, hasPendingLog, usedBytes: totalBytes - freeBytes };
    });
  } catch (error) {
    return { inner, use, obstacle: { kind: "unknown", reason: describeProblem(error, device) } };
  }
}

function no(reason: string): Obstacle {
  return { kind: "none", reason };
}

/** What lies beside a store while it is made or resized, and is left behind when that was cut off. */
function findUnfinished(system: System, file: string): SeenStore["unfinished"] {
  const { temporary, intent } = namesBeside(file);
  if (system.linkStatus(intent) !== undefined) return readOperation(system, { file, intent });
  return system.linkStatus(temporary) === undefined ? undefined : "create";
}

/** A record that this version does not understand still tells that a resize was begun. */
function readOperation(
  system: System,
  { file, intent }: { file: string; intent: string },
): "grow" | "shrink" | "resize" {
  const status = system.linkStatus(intent);
  if (status?.kind !== "file" || status.bytes > mostIntentBytes) return "resize";
  try {
    return parseIntent(system.readText(intent), file).operation;
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof Failure)) throw error;
    return "resize";
  }
}

const mostIntentBytes = 64 * 1024;

function describeProblem(error: unknown, { superblock }: Device): string {
  if (errnoOf(error) === undefined) throw error;
  // What mount(2) says where a driver is missing, "no such device", would send people looking for a cable.
  if (errnoOf(error) === "ENODEV") return `the kernel cannot mount ${superblock?.type}`;
  return `it cannot be looked into: ${reasonOf(error)}`;
}
