// What the kernel shows of the running session: where its changes go, what is under them, and how much room they have.
// It works without root, where what may not be read is not known, and asks nothing that a dead disk could hold up for long.

import type { Mount } from "../../core/kernel/mount-table.ts";
import { type ChangesPlace, findChangesPlace, findRoot } from "../../core/status/changes-place.ts";
import type { ClaimFacts, FileSystemErrors } from "../../core/status/check-claim.ts";
import type { RoomMeasure } from "../../core/stores/room.ts";
import { directoryOf } from "../../core/text/path.ts";
import { ifPossible, reasonOf } from "../port/errors.ts";
import { readIfPresent } from "../port/files.ts";
import { errnoOf, type System } from "../port/system.ts";
import { measureRoom } from "../stores/measure-room.ts";

/** Is what was seen of the running session. */
interface SeenSession extends ClaimFacts {
  /** The room of the place that takes the changes, and the type of its file system; undefined where it is not seen. */
  readonly room: (RoomMeasure & { readonly type: string }) | undefined;
  readonly uptimeMs: number;
}

/** Looks at the running session. */
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
    errors: place ? readErrors(system, place) : [],
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

/** A disk that was pulled has no node any more, and says so here as a deleted file does. */
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

/** Lists the devices without a node, where nodes are made by the kernel. */
function findGone(system: System, mounts: readonly Mount[], files: readonly string[]): string[] {
  if (!mounts.some(({ target, type }) => target === "/dev" && type === "devtmpfs")) return [];
  const paths = [...mounts.map(({ source }) => source), ...files];
  return [...new Set(paths)].filter(
    (path) =>
      path.startsWith("/dev/") && ifPossible(() => system.status(path) === undefined) === true,
  );
}

/** A disk that was pulled, or a file system that gave up (xfs), refuses what is still listed as mounted. */
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

/** What says more of who asks, or of where it is asked, than of the disk. */
const mayBeOurs = new Set(["EACCES", "EPERM", "ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"]);

/** ext4 tells of its errors in /sys/fs/ext4 (Documentation/ABI/testing/sysfs-fs-ext4), and of its options in /proc. */
function readErrors(system: System, { mounts }: ChangesPlace): FileSystemErrors[] {
  return mounts
    .filter(({ type }) => type.startsWith("ext"))
    .flatMap(({ source }) => {
      const device = ifPossible(() => system.resolve(source)) ?? source;
      const name = device.slice(device.lastIndexOf("/") + 1);
      const read = (file: string) => readIfPresent(system, file) ?? "";
      const count = readNumber(read(`/sys/fs/ext4/${name}/errors_count`));
      if (count === 0) return [];
      const seconds = readNumber(read(`/sys/fs/ext4/${name}/last_error_time`));
      const goesOn = /^errors=continue$/m.test(read(`/proc/fs/ext4/${name}/options`));
      const last = seconds === 0 ? undefined : new Date(seconds * 1000).toISOString();
      return [{ source, count, last, stops: !goesOn }];
    });
}

/** What is no number, or no time that anybody could write, counts as none. */
function readNumber(text: string): number {
  const number = /^\s*(\d{1,11})\s*$/.exec(text)?.[1];
  return number === undefined ? 0 : Number(number);
}
