// Collects the facts for checking a store, without changing a byte: the file system is mounted as
// by discover-stores.ts, and its checker is run if it is not in use.

import type { CheckerVerdict, CheckFacts } from "../../core/check/check-facts.ts";
import { type Device, unknownDevice } from "../../core/devices/device.ts";
import { describeMissingMembers } from "../../core/devices/members.ts";
import { findSleeper } from "../../core/devices/volumes.ts";
import type { OverlayTraces } from "../../core/stores/overlay-settings.ts";
import {
  mostResizeRecordBytes,
  parseResizeRecord,
  type ResizeRecord,
} from "../../core/stores/resize-record.ts";
import { isRoomSeen } from "../../core/stores/room.ts";
import { type ExaminedStore, superblockOf } from "../../core/stores/seen-store.ts";
import { namesBeside } from "../../core/stores/store-names.ts";
import { findShortage } from "../../core/superblocks/shortage.ts";
import { Failure } from "../../core/text/failure.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatEscaped, formatPath } from "../../core/text/quoted.ts";
import { walkChanges } from "../changes/walk-changes.ts";
import { runChecker } from "../checkers/run-checker.ts";
import { bytesOf, withView } from "../looking/view.ts";
import { ifPossible } from "../port/errors.ts";
import { errnoOf, type System } from "../port/system.ts";
import { inspectDirectory } from "../stores/inspect-directory.ts";
import { inspectRunning } from "../stores/inspect-machine.ts";
import { measureRoom } from "../stores/measure-room.ts";
import { nameOfSession, readByName } from "../stores/session-name.ts";
import { findLocker } from "../usage/find-holder.ts";
import { findMounts, learnUsage, showsTop, type Usage } from "../usage/usage.ts";

/** A store to check. */
export interface CheckSubject {
  readonly seen: ExaminedStore;
  /** The file of a file store by the given path; undefined if it was found on a device. */
  readonly file: string | undefined;
  /**
   * Whether its host cannot be mounted a second time (memory, a network): it is inspected in place.
   */
  readonly isDirect: boolean;
}

/** The means for inspection. */
export interface CheckLook {
  /** A directory for mounts in a private namespace; undefined without the right to mount. */
  readonly at: string | undefined;
  readonly devices: readonly Device[];
  /** What fails if there is no store; "check" if undefined. */
  readonly action?: string;
  /** The options with which a boot mounts a directory store's file system (cow_flags). */
  readonly flags?: string | undefined;
}

/** Inspects a store that was found. */
export function inspectCheck(system: System, subject: CheckSubject, look: CheckLook): CheckFacts {
  const { seen } = subject;
  const usage = learnUsage(system);
  const path = findPath(system, subject, usage);
  const looking = { subject, usage, at: look.at };
  const isBeingChanged = seen.kind === "file" && path !== undefined && isLocked(system, path);
  return {
    store: nameStore(subject),
    name: subject.file ?? `${seen.path} on ${seen.device.path}`,
    path,
    seen,
    ...withBytes(system, looking, (bytes) => ({
      checker: isBeingChanged ? inUse : askChecker(system, seen, bytes),
      ...lookBeside(system, seen, { bytes, path: path ?? seen.path }),
      ...lookInside(system, looking, bytes),
    })),
    isLocked: isBeingChanged,
    ...(isBeingChanged && {
      locker: findLocker(system, path) ?? findLocker(system, directoryOf(path)),
    }),
    sleeper: findSleeper(seen.device, look.devices)?.path,
    now: inspectRunning(system),
  };
}

/** Names a store in sentences. */
function nameStore({ seen, file }: CheckSubject): string {
  if (file !== undefined) return formatPath(file);
  const on = `${formatPath(seen.path)} on ${formatEscaped(seen.device.path)}`;
  return seen.subvolume === undefined ? on : `${on}, subvolume ${formatPath(seen.subvolume)}`;
}

/**
 * Returns the path by which it can be repaired: that of a device, or of a file on a mounted host.
 */
function findPath(system: System, { seen, file }: CheckSubject, usage: Usage): string | undefined {
  if (file !== undefined) return file;
  if (seen.kind === "directory") return seen.device.path;
  const mount = findMounts(system, usage, bytesOf(seen.device)).find(showsTop);
  if (mount === undefined) return undefined;
  return nameOfSession(system, `${mount.target === "/" ? "" : mount.target}${seen.path}`);
}

interface Looking {
  readonly subject: CheckSubject;
  readonly usage: Usage;
  readonly at: string | undefined;
}

/**
 * Passes the path of the store's file system, as a device or file, to `use`; undefined if it is not
 * accessible.
 */
function withBytes<T>(
  system: System,
  { subject, usage, at }: Looking,
  use: (path: string | undefined) => T,
): T {
  const { seen, file, isDirect } = subject;
  const { device, kind, path } = seen;
  if (isDirect) return use(file);
  if (kind === "directory") return withDevice(system, device, use);
  if (at === undefined) return use(file);
  return orWithout(use, (shown) =>
    withView(system, { device, usage, at: `${at}/host` }, ({ root }) => shown(`${root}${path}`)),
  );
}

/** Returns undefined for what cannot be inspected. */
function orWithout<T>(
  use: (path: string | undefined) => T,
  show: (use: (path: string) => T) => T,
): T {
  let isShown = false;
  try {
    return show((path) => {
      isShown = true;
      return use(path);
    });
  } catch (error) {
    if (isShown || errnoOf(error) === undefined) throw error;
    return use(undefined);
  }
}

/** A partition in an image file has a device only while a loop device exposes it. */
function withDevice<T>(
  system: System,
  { path, disk, offset, bytes }: Device,
  use: (path: string | undefined) => T,
): T {
  if (offset === undefined || disk === undefined) return use(path);
  return orWithout(use, (shown) =>
    system.withLoop({ file: disk, readonly: true, offset, bytes }, shown),
  );
}

const inUse: CheckerVerdict = { kind: "not-asked", reason: "in-use" };

function askChecker(
  system: System,
  seen: ExaminedStore,
  bytes: string | undefined,
): CheckerVerdict {
  const superblock = superblockOf(seen);
  if (seen.use !== undefined) return inUse;
  if (findShortage(seen.file ?? seen.device) !== undefined)
    return { kind: "not-asked", reason: "cut-off" };
  const absent = seen.directory === undefined ? describeMissingMembers(seen.device) : undefined;
  if (absent !== undefined) return { kind: "not-asked", reason: { absent } };
  const because = "it cannot be read without root";
  if (bytes === undefined) return { kind: "not-asked", reason: { because } };
  return runChecker(system, { path: bytes, superblock, hasPendingLog: seen.hasPendingLog });
}

/** `bytes` is the path for reading, `path` the one that the user knows. */
function lookBeside(
  system: System,
  { kind, unfinished }: ExaminedStore,
  { bytes, path }: { bytes: string | undefined; path: string },
): Pick<CheckFacts, "intent" | "remains"> {
  if (kind !== "file" || bytes === undefined) return { intent: undefined, remains: [] };
  // What the record names is removed with it.
  if (unfinished !== undefined && unfinished !== "create")
    return { intent: readRecord(system, namesBeside(bytes).intent), remains: [] };
  const now = remainsOf(bytes);
  const left = remainsOf(path).filter((_, index) => {
    const at = now[index];
    return at !== undefined && system.linkStatus(at)?.kind === "file";
  });
  return { intent: undefined, remains: left };
}

/** Lists the paths that interrupted commands may have left without a record. */
export function remainsOf(store: string): readonly string[] {
  const { temporary, intent, changes } = namesBeside(store);
  return [temporary, changes, `${intent}.new`];
}

/** A record that cannot be read, or is not understood, is ignored here. */
function readRecord(system: System, path: string): ResizeRecord | undefined {
  try {
    return parseResizeRecord(readByName(system, path, mostResizeRecordBytes), path);
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof Failure)) throw error;
    return undefined;
  }
}

function lookInside(
  system: System,
  looking: Looking,
  bytes: string | undefined,
): Pick<CheckFacts, "changes" | "room"> {
  const { seen } = looking.subject;
  const none = { changes: undefined, room: undefined };
  if (seen.directory === undefined) return none;
  const hasChanges = seen.directory.names.includes("upperdir");
  const look = ({ top, root, type }: Inside) => ({
    changes: hasChanges ? walkChanges(system, `${top}/upperdir`) : undefined,
    room: measureRoom(system, {
      path: root,
      // The free space is the next best known value.
      type: seen.use !== undefined || isRoomSeen(type) ? type : "",
      directory: top,
    }),
  });
  return ifPossible(() => openInside(system, looking, { bytes, look })) ?? none;
}

/** Finds the attributes in a store that is not mounted by which a boot chooses its settings. */
export function findTraces(
  system: System,
  subject: CheckSubject,
  at: string | undefined,
): OverlayTraces | undefined {
  const looking = { subject, usage: learnUsage(system), at };
  const look = ({ top }: Inside) => inspectDirectory(system, { root: top, directory: "" }).traces;
  return withBytes(system, looking, (bytes) => openInside(system, looking, { bytes, look }));
}

/** The file system that a store is in, and its directory there. */
interface Inside {
  readonly root: string;
  readonly top: string;
  readonly type: string;
}

function openInside<T>(
  system: System,
  { subject: { seen }, usage, at }: Looking,
  { bytes, look }: { bytes: string | undefined; look: (inside: Inside) => T },
): T | undefined {
  if (at === undefined || bytes === undefined) return undefined;
  const isFile = seen.kind === "file";
  const device = isFile
    ? { ...unknownDevice(bytes, seen.bytes), superblock: seen.file?.superblock }
    : seen.device;
  return withView(system, { device, usage, at: `${at}/store` }, ({ root }) => {
    const top = isFile || seen.path === "/" ? root : `${root}${seen.path}`;
    return look({ root, top, type: device.superblock?.type ?? "" });
  });
}

/** Creating a store locks its directory, resizing it locks its file. */
function isLocked(system: System, path: string): boolean {
  return [path, path.slice(0, path.lastIndexOf("/")) || "/"].some((one) => {
    try {
      system.withLock(one, () => {});
      return false;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return errnoOf(error) === "EAGAIN";
    }
  });
}
