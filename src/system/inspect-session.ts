// What the kernel shows of the running session: where its changes go, what is under them, and how much room they have.
// It works without root, where what may not be read is not known, and asks nothing that a dead disk could hold up for long.

import { type ChangesPlace, findChangesPlace, findRoot } from "../core/changes-place.ts";
import type { ClaimFacts } from "../core/check-claim.ts";
import type { RoomMeasure } from "../core/filling.ts";
import { reasonOf } from "./execute.ts";
import { readIfPresent } from "./files.ts";
import { measureRoom } from "./measure-room.ts";
import { errnoOf, type Mount, type System } from "./system.ts";

/** Is what was seen of the running session. */
export interface SeenSession extends ClaimFacts {
  /** The room of the place that takes the changes, and the type of its file system; undefined where it is not seen. */
  readonly room: (RoomMeasure & { readonly type: string }) | undefined;
  readonly uptimeMs: number;
}

/** Looks at the running session. */
export function inspectSession(system: System): SeenSession {
  const mounts = attempt(() => system.mounts()) ?? [];
  const loops = readLoops(system, mounts);
  const root = findRoot(mounts);
  const place = root && findChangesPlace(root, { mounts, loops });
  const hasUpper = place && attempt(() => system.linkStatus(place.upper) !== undefined);
  return {
    mounts,
    loops,
    gone: findGone(system, mounts, [...loops.values()]),
    hasUpper,
    readProblem: place && findReadProblem(system, place.upper),
    lastError: place && readLastError(system, place),
    room: place && hasUpper !== false ? measurePlace(system, place) : undefined,
    uptimeMs: system.uptimeMs(),
  };
}

function measurePlace(system: System, { mounts: [mount] }: ChangesPlace): SeenSession["room"] {
  const room = mount && measureRoom(system, mount.target);
  return room && { ...room, type: mount.type };
}

/** A disk that was pulled has no node any more, and says so here as a deleted file does. */
function readLoops(system: System, mounts: readonly Mount[]): Map<string, string> {
  const loops = new Map<string, string>();
  const pending = mounts.map(({ source }) => source);
  for (let device = pending.pop(); device !== undefined; device = pending.pop()) {
    if (!/^\/dev\/loop\d+$/.test(device) || loops.has(device)) continue;
    const loop = device;
    const file = attempt(() => system.loopFile(loop));
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
    (path) => path.startsWith("/dev/") && attempt(() => system.status(path) === undefined) === true,
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

/** ext4 tells of its errors in /sys (Documentation/ABI/testing/sysfs-fs-ext4), by the device's last name. */
function readLastError(system: System, { mounts }: ChangesPlace): string | undefined {
  const times = mounts
    .filter(({ type }) => type.startsWith("ext"))
    .map(({ source }) => {
      const file = `/sys/fs/ext4/${source.slice(source.lastIndexOf("/") + 1)}/last_error_time`;
      return Number((readIfPresent(system, file) ?? "0").trim());
    })
    .filter((seconds) => Number.isSafeInteger(seconds) && seconds > 0 && seconds < 2 ** 40);
  if (times.length === 0) return undefined;
  return new Date(Math.max(...times) * 1000).toISOString();
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
