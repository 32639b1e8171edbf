// What the kernel shows of the running session: where its changes go, the layers below, and their
// free space. It works without root, where unreadable facts are unknown, and asks nothing that a
// dead disk could delay for long.

import { type BlockRange, countLostWrites } from "../../core/kernel/lost-writes.ts";
import type { Mount } from "../../core/kernel/mount-table.ts";
import { type ChangesPlace, findChangesPlace, findRoot } from "../../core/status/changes-place.ts";
import type {
  ClaimFacts,
  FileSystemErrors,
  LostWrites,
  SuspectedLoss,
} from "../../core/status/check-claim.ts";
import { findRoomLack, type RoomLack } from "../../core/stores/file-store.ts";
import type { RoomMeasure } from "../../core/stores/room.ts";
import { directoryOf } from "../../core/text/path.ts";
import { ifPossible, reasonOf } from "../port/errors.ts";
import { listIfPresent, readIfPresent } from "../port/files.ts";
import { errnoOf, type System } from "../port/system.ts";
import { measureRoom } from "../stores/measure-room.ts";
import { readOwned } from "../stores/read-store-file.ts";
import { findUnreadable } from "./sample-changes.ts";

/** The facts about the running session. */
interface SeenSession extends ClaimFacts {
  /**
   * The space of the place where the changes go, and the type of its file system; undefined if it
   * is not visible.
   */
  readonly room: (RoomMeasure & { readonly type: string }) | undefined;
  readonly uptimeMs: number;
}

/** Inspects the running session. */
export function inspectSession(system: System): SeenSession {
  const mounts = ifPossible(() => system.mounts()) ?? [];
  const loops = readLoops(system, mounts);
  const root = findRoot(mounts);
  const place = root && findChangesPlace(root, { mounts, loops });
  const hasUpper = place && ifPossible(() => system.linkStatus(place.upper) !== undefined);
  return {
    mounts,
    loops,
    gone: findGone(system, mounts, [...loops.values()]),
    hasUpper,
    readProblem: place && findReadProblem(system, place.upper),
    unreadable: place && findUnreadable(system, { upper: place.upper, mounts }),
    errors: place ? readErrors(system, place) : [],
    ...(place ? findLosses(system, place, [...loops.values()]) : { lostWrites: [], suspected: [] }),
    roomLack: findFileLack(system, loops, place),
    room: place && hasUpper !== false ? measurePlace(system, place) : undefined,
    uptimeMs: system.uptimeMs(),
  };
}

function measurePlace(system: System, { upper, mounts }: ChangesPlace): SeenSession["room"] {
  const [mount] = mounts;
  if (mount === undefined) return undefined;
  const { target: path, type } = mount;
  const measure = (at: string) =>
    measureRoom(system, { path: at, type, directory: directoryOf(upper) });
  // Only root may enter the place of the mounts; the overlay tells the room of what is below it.
  const room = measure(path) ?? measure("/");
  return room && { ...room, type };
}

/** A disk that was unplugged has no node any more, and is reported here as a deleted file is. */
function readLoops(system: System, mounts: readonly Mount[]): Map<string, string> {
  const loops = new Map<string, string>();
  const pending = mounts.map(({ source }) => source);
  for (let device = pending.pop(); device !== undefined; device = pending.pop()) {
    if (!/^\/dev\/loop\d+$/.test(device) || loops.has(device)) continue;
    const loop = device;
    const file = ifPossible(() => system.loopFile(loop));
    if (file === undefined) continue;
    const path = file.startsWith("/dev/") ? file.replace(/ \(deleted\)$/, "") : file;
    loops.set(loop, path);
    pending.push(path);
  }
  return loops;
}

/** Lists the devices without a node, if the kernel creates the nodes. */
function findGone(system: System, mounts: readonly Mount[], files: readonly string[]): string[] {
  if (!mounts.some(({ target, type }) => target === "/dev" && type === "devtmpfs")) return [];
  const paths = [...mounts.map(({ source }) => source), ...files];
  return [...new Set(paths)].filter(
    (path) =>
      path.startsWith("/dev/") && ifPossible(() => system.status(path) === undefined) === true,
  );
}

/**
 * A disk that was unplugged, or a file system that was shut down (xfs), refuses access to what is
 * still listed as mounted.
 */
function findReadProblem(system: System, upper: string): string | undefined {
  try {
    system.list(upper);
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return mayBeOurs.has(errno) ? undefined : reasonOf(error);
  }
}

/** Errors that depend on who asks, or where, rather than on the disk. */
const mayBeOurs = new Set(["EACCES", "EPERM", "ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

/**
 * ext4 reports its errors in /sys/fs/ext4 (Documentation/ABI/testing/sysfs-fs-ext4), and its
 * options in /proc.
 */
function readErrors(system: System, { mounts }: ChangesPlace): FileSystemErrors[] {
  return mounts
    .filter(({ type }) => type.startsWith("ext"))
    .flatMap(({ source }) => {
      const name = nameOf(system, source);
      const read = (file: string) => readIfPresent(system, file) ?? "";
      const count = readNumber(read(`/sys/fs/ext4/${name}/errors_count`));
      if (count === 0) return [];
      const seconds = readNumber(read(`/sys/fs/ext4/${name}/last_error_time`));
      const goesOn = /^errors=continue$/m.test(read(`/proc/fs/ext4/${name}/options`));
      const last = seconds === 0 ? undefined : new Date(seconds * 1000).toISOString();
      return [{ source, count, last, stops: !goesOn }];
    });
}

/** Returns the kernel's name for a device ("loop0"). */
function nameOf(system: System, path: string): string {
  const node = ifPossible(() => system.resolve(path)) ?? path;
  return node.slice(node.lastIndexOf("/") + 1);
}

/** Anything but a number, or a time that could be formatted, counts as none. */
function readNumber(text: string): number {
  const number = /^\s*(\d{1,11})\s*$/.exec(text)?.[1];
  return number === undefined ? 0 : Number(number);
}

/** The log of the kernel that runs is the log of this session; only root may be able to read it. */
function findLosses(
  system: System,
  place: ChangesPlace,
  files: readonly string[],
): Pick<ClaimFacts, "lostWrites" | "suspected"> {
  const log = ifPossible(() => system.kernelLog());
  return log === undefined
    ? { lostWrites: [], suspected: place.mounts.flatMap((mount) => suspectLoss(system, mount)) }
    : { lostWrites: findLostWrites(system, { place, files, log }), suspected: [] };
}

/**
 * Reads what everybody may: ext4 counts each page that it could not write among its warnings
 * (ext4_end_bio), btrfs the writes that its devices refused.
 */
function suspectLoss(system: System, { source, type }: Mount): SuspectedLoss[] {
  const name = nameOf(system, source);
  const read = (file: string) => readIfPresent(system, file) ?? "";
  if (type.startsWith("ext")) {
    const count = readNumber(read(`/sys/fs/ext4/${name}/warning_count`));
    return count === 0 ? [] : [{ source, counted: "warnings", count }];
  }
  if (type !== "btrfs") return [];
  const own = listIfPresent(system, "/sys/fs/btrfs")
    .map((one) => `/sys/fs/btrfs/${one}`)
    .find((one) => listIfPresent(system, `${one}/devices`).includes(name));
  const count = listIfPresent(system, `${own}/devinfo`)
    .flatMap((one) => read(`${own}/devinfo/${one}/error_stats`).split("\n"))
    .map((line) => readNumber(/^(?:write|flush)_errs (.*)$/.exec(line)?.[1] ?? ""))
    .reduce((sum, each) => sum + each, 0);
  return count === 0 ? [] : [{ source, counted: "failed writes", count }];
}

function findLostWrites(
  system: System,
  {
    place: { mounts, device },
    files,
    log,
  }: { readonly place: ChangesPlace; readonly files: readonly string[]; readonly log: string },
): LostWrites[] {
  const behind = files.filter((path) => path.startsWith("/dev/"));
  const sources = [...mounts.map(({ source }) => source), ...behind, ...(device ? [device] : [])];
  return [...new Set(sources)]
    .filter((path) => path.startsWith("/dev/"))
    .map((path) => ({ device: path, count: countLostWrites(log, readRange(system, path)) }))
    .filter(({ count }) => count > 0);
}

/** A partition has its place on the disk in sysfs (Documentation/ABI/stable/sysfs-block). */
function readRange(system: System, path: string): BlockRange {
  const name = nameOf(system, path);
  const place = ifPossible(() => system.resolve(`/sys/class/block/${name}`));
  const read = (file: string) => readNumber(readIfPresent(system, `${place}/${file}`) ?? "");
  if (place === undefined || readIfPresent(system, `${place}/partition`) === undefined)
    return { name, part: undefined };
  const [disk = ""] = place.split("/").slice(-2);
  return { name, part: { disk, start: read("start"), count: read("size") } };
}

/** The store's file is the one behind the uppermost loop device. */
function findFileLack(
  system: System,
  loops: ReadonlyMap<string, string>,
  place: ChangesPlace | undefined,
): RoomLack | undefined {
  const path = loops.get(place?.mounts[0]?.source ?? "");
  if (path === undefined || path.startsWith("/dev/")) return undefined;
  return ifPossible(() => {
    const status = system.status(path);
    return status?.kind === "file"
      ? findRoomLack({ bytes: status.bytes, ...readOwned(system, path, status) })
      : undefined;
  });
}
