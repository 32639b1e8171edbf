// Which stores to check: the one that the user names by a file, a directory or a device, or every
// store that is found (discover-stores.ts).

import { type Device, unknownDevice } from "../../core/devices/device.ts";
import { joinMembers, lacksMembers } from "../../core/devices/members.ts";
import { findStoreType } from "../../core/file-systems/store-types.ts";
import { type ExaminedStore, identifySeen } from "../../core/stores/seen-store.ts";
import { defaultStoreName, isNamedAsStore, namesBeside } from "../../core/stores/store-names.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { discoverImage } from "../devices/discover-image.ts";
import { bytesOf } from "../looking/view.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import { listIfPresent } from "../port/files.ts";
import { mountOf } from "../port/mount-of.ts";
import type { System } from "../port/system.ts";
import { choosePlace, withTemporaryDirectory } from "../port/temporary.ts";
import { discoverStores, type SeenStores } from "../stores/discover-stores.ts";
import { inspectStoreFile } from "../stores/inspect-store-file.ts";
import { locateStore, pathInside, type StorePlace } from "../stores/locate-store.ts";
import { findUser, learnUsage } from "../usage/usage.ts";
import type { CheckLook, CheckSubject } from "./inspect-check.ts";

/** The stores to check, and the devices that could not be inspected. */
interface CheckSubjects {
  readonly subjects: readonly CheckSubject[];
  readonly unseen: SeenStores["unseen"];
}

/** Finds the stores that a path leads to; throws Failure "not-found" if there are none. */
export function findNamed(system: System, given: string, look: CheckLook): CheckSubjects {
  const { action = "check" } = look;
  const cannot = `Cannot ${action} ${formatPath(given)}`;
  const kind = given === "" ? undefined : system.status(given)?.kind;
  if (kind === "block")
    return findOnDevice(
      system,
      orFail(cannot, () => system.resolve(given)),
      look,
    );
  const isDirectory = kind === "directory";
  const directory = isDirectory ? orFail(cannot, () => system.resolve(given)) : undefined;
  if (directory !== undefined && !holdsStoreFile(system, directory)) {
    const names = orFail(cannot, () => system.list(directory));
    // "create --directory" makes an empty one.
    const isNew = names.length === 0 && isOnDisk(system, directory, look);
    if (isNew || names.some((name) => name === "upperdir" || name.startsWith(".wh..wh.")))
      return findDirectory(system, { directory, cannot }, look);
    throw notFound(`${cannot}: it contains no store`);
  }
  const place = locateStore(system, given, action);
  if (place.status === undefined && !hasRemains(system, place.store))
    throw notFound(`${cannot}: no such file`);
  const subjects = seePlace(system, place, look);
  if (kind === "file" && !subjects.some(isSurelyStore)) {
    const inside = findInImage(system, given, look);
    if (inside !== undefined) return inside;
  }
  if (!subjects.some(mayBeStore)) throw notFound(`${cannot}: it is not a store`);
  return { subjects, unseen: [] };
}

/** A file that is named as a store may be one that was overwritten. */
function isMeantAsStore({ seen }: CheckSubject): boolean {
  return isNamedAsStore(seen.path) || seen.unfinished !== undefined;
}

/** Another file system may be the image of a disk without partitions. */
function isSurelyStore(subject: CheckSubject): boolean {
  return isMeantAsStore(subject) || ["used", "aufs"].includes(identifySeen(subject.seen).kind);
}

/** Finds the stores on a disk or file system whose image a file is; undefined if it is none. */
function findInImage(system: System, file: string, look: CheckLook): CheckSubjects | undefined {
  const devices = discoverImage(system, file);
  const found = findOnNamed(system, { ...look, devices });
  if (devices.length > 1 && found.subjects.length + found.unseen.length > 0) return found;
  return found.subjects.some(({ seen }) => seen.obstacle === undefined) ? found : undefined;
}

function isOnDisk(system: System, directory: string, { devices }: CheckLook): boolean {
  const mount = mountOf(system, directory);
  return mount !== undefined && deviceOf(system, mount.source, devices) !== undefined;
}

function mayBeStore(subject: CheckSubject): boolean {
  const { file } = subject.seen;
  return isMeantAsStore(subject) || file === undefined || file.superblock !== undefined;
}

/** Finds every store on the devices, in the usual places. */
export function findAll(system: System, look: CheckLook): CheckSubjects {
  const search = { files: [`/${defaultStoreName}`], directories: [], ...look };
  const { stores, unseen } = discoverStores(system, search);
  return { subjects: stores.map(onDevice), unseen };
}

/** Finds every store on named devices; those that could not be inspected are findings. */
export function findOnNamed(system: System, look: CheckLook): CheckSubjects {
  const { subjects, unseen } = findAll(system, look);
  const usage = learnUsage(system);
  const isChecked = ({ device }: SeenStores["unseen"][number]) =>
    look.at !== undefined && findStoreType(device.superblock?.type ?? "") !== undefined;
  const broken = unseen.filter(isChecked).map(({ device, reason }): CheckSubject => {
    const seen: ExaminedStore = {
      kind: "directory",
      device,
      path: "/",
      file: undefined,
      bytes: device.bytes,
      usedBytes: undefined,
      directory: undefined,
      use: findUser(system, { usage, bytes: bytesOf(device), directory: "" }),
      hasPendingLog: undefined,
      unfinished: undefined,
      obstacle: { kind: "unknown", reason },
    };
    return onDevice(seen);
  });
  return {
    subjects: [...subjects, ...broken],
    unseen: unseen.filter((one) => !isChecked(one)),
  };
}

function onDevice(seen: ExaminedStore): CheckSubject {
  return { seen, file: undefined, isDirect: false };
}

function findOnDevice(system: System, path: string, look: CheckLook): CheckSubjects {
  // The machine's own list knows which disk a partition belongs to.
  const own = look.devices.filter((device) => device.path === path || device.disk === path);
  const devices = own.length > 0 ? own : joinLoops(system, discoverImage(system, path));
  return findOnNamed(system, { ...look, devices });
}

/** The other devices of a btrfs may be loop devices too, which the machine's list leaves out. */
function joinLoops(system: System, devices: readonly Device[]): readonly Device[] {
  if (!devices.some(lacksMembers)) return devices;
  const own = new Set(devices.map(({ path }) => path));
  const loops = listIfPresent(system, "/sys/block")
    .filter((name) => /^loop\d+$/.test(name))
    .map((name) => `/dev/${name}`)
    .filter((path) => !own.has(path) && ifPossible(() => system.loopStatus(path)) !== undefined)
    .flatMap((path) => ifPossible(() => discoverImage(system, path)) ?? []);
  return joinMembers([...devices, ...loops]).slice(0, devices.length);
}

function holdsStoreFile(system: System, directory: string): boolean {
  const store = joinPath(directory, defaultStoreName);
  return system.linkStatus(store) !== undefined || hasRemains(system, store);
}

function hasRemains(system: System, store: string): boolean {
  const { temporary, intent } = namesBeside(store);
  return [temporary, intent].some((path) => system.linkStatus(path) !== undefined);
}

/** A host on a device is mounted a second time, so that not even its access times change. */
function seePlace(system: System, place: StorePlace, look: CheckLook): CheckSubject[] {
  const { store, host } = place;
  const device = deviceOf(system, host.mount.source, look.devices);
  if (look.at !== undefined && device !== undefined) {
    const { path } = host;
    const search = { devices: [seenWhole(device)], files: [path], directories: [], at: look.at };
    const seen = discoverStores(system, search).stores.find(
      (one) => one.kind === "file" && one.path === path,
    );
    if (seen) return [{ seen, file: store, isDirect: false }];
  }
  const name = store.slice(store.lastIndexOf("/") + 1);
  const see = (at: string) =>
    inspectStoreFile(system, {
      device: device ?? unknownDevice(host.mount.source, 0),
      root: directoryOf(store) === "/" ? "" : directoryOf(store),
      path: `/${name}`,
      usage: learnUsage(system),
      at: `${at}/store`,
    });
  const found =
    look.at === undefined
      ? withTemporaryDirectory(system, `${choosePlace(system)}/backstore-work-`, see)
      : see(look.at);
  return found.map((seen) => ({
    seen: { ...seen, path: host.path },
    file: store,
    isDirect: true,
  }));
}

function findDirectory(
  system: System,
  { directory, cannot }: { directory: string; cannot: string },
  look: CheckLook,
): CheckSubjects {
  const mount = mountOf(system, directory);
  const device = mount && deviceOf(system, mount.source, look.devices);
  if (mount === undefined || device === undefined)
    throw new Failure("unsafe", `${cannot}: its file system is not on a disk`);
  const path = pathInside(mount, directory).slice(1);
  const devices = [seenWhole(device)];
  const search = { devices, files: [], directories: [path], at: look.at };
  const { stores, unseen } = discoverStores(system, search);
  const subjects = stores.filter((one) => one.path === `/${path}`).map(onDevice);
  const [reason] = unseen;
  if (subjects.length === 0)
    throw new Failure("tool", `${cannot}: ${reason?.reason ?? "it cannot be inspected"}`);
  return { subjects, unseen: [] };
}

/** Paths on a mounted file system are known from its top, in whichever subvolume they are. */
function seenWhole(device: Device): Device {
  return device.superblock?.type === "btrfs" ? { ...device, view: "subvolid=5" } : device;
}

function deviceOf(system: System, source: string, devices: readonly Device[]): Device | undefined {
  if (!source.startsWith("/") || system.status(source)?.kind !== "block") return undefined;
  const path = system.resolve(source);
  return devices.find((device) => device.path === path) ?? discoverImage(system, path)[0];
}

function notFound(message: string): Failure {
  return new Failure("not-found", message, "list the stores: backstore list");
}
