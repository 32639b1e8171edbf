// Inspects the directories that may be the store, through a read-only loop device, so that the file
// system is unchanged afterwards.

import type { Device } from "../../core/devices/device.ts";
import { isDedicated } from "../../core/stores/ballast.ts";
import { isRoomSeen } from "../../core/stores/room.ts";
import {
  type DirectoryFacts,
  isOwnName,
  isRecordCurrent,
} from "../../core/stores/store-directory.ts";
import { namesStoreDirectory } from "../../core/stores/store-names.ts";
import { mostRecordBytes, recordFile } from "../../core/stores/store-record.ts";
import { walkUpper } from "../changes/walk-changes.ts";
import { type LookInto, lookInto } from "../looking/look.ts";
import { ifPossible } from "../port/errors.ts";
import { listBelow, listBelowIfPresent, readBelow } from "../port/files.ts";
import { type DiskPlace, errnoOf, type System } from "../port/system.ts";
import { identifyForeignPlace } from "./identify-foreign-place.ts";
import { inspectOverlayMount } from "./inspect-overlay-mount.ts";
import { inspectRoom } from "./measure-room.ts";

/** A device to inspect, the place to mount it, and the possible directories, best first. */
interface StoreLook {
  readonly device: Device;
  readonly at: string;
  readonly directories: readonly string[];
  /** Makes the kernel able to mount a type, if it does not do so by itself. */
  readonly prepare: (type: string) => void;
  /** Mounts a device; through a read-only loop device if undefined. */
  readonly into?: LookInto;
}

/**
 * Inspects the first of the directories that exists, or the first if none does; an errno passes
 * through.
 */
export function inspectStore(
  system: System,
  { device, at, directories, prepare, into = lookInto }: StoreLook,
): DirectoryFacts {
  const { superblock } = device;
  prepare(superblock?.type ?? "");
  const look = { into, target: { device, at: `${at}/store` }, directory: directories[0] ?? "" };
  return lookAtDirectory(system, look, (root, ignoredJournal) => {
    const existing = directories.find(
      (directory) => system.linkStatus(`${root}/${directory}`) !== undefined,
    );
    const directory = existing ?? directories[0] ?? "";
    const seen = markIgnoredJournal(inspectDirectory(system, { root, directory }), ignoredJournal);
    const facts = addRoom(system, seen, { root, type: superblock?.type });
    if (facts.names.includes("upperdir")) return facts;
    const others = listOthers(system, root, facts.directory);
    return others.length === 0 ? facts : { ...facts, others };
  });
}

/**
 * Inspects a directory. If a journal was ignored, unreadable parts count as missing: a plan
 * inspects again once the journal is replayed, and if the file system is really damaged, the check
 * before that finds it.
 */
export function lookAtDirectory(
  system: System,
  {
    into,
    target,
    directory,
    hostIgnoredJournal = false,
  }: {
    readonly into: LookInto;
    readonly target: { readonly device: Device; readonly at: string };
    readonly directory: string;
    /** Whether it is in a file whose host was itself mounted without a journal. */
    readonly hostIgnoredJournal?: boolean;
  },
  look: (root: string, ignoredJournal: boolean) => DirectoryFacts,
): DirectoryFacts {
  let waits = hostIgnoredJournal || target.device.superblock?.unclean.includes("journal") === true;
  try {
    return into(system, target, (root, ignoredJournal) => {
      waits ||= ignoredJournal;
      return look(root, ignoredJournal);
    });
  } catch (error) {
    const errno = errnoOf(error);
    if (!waits || (errno !== "EBADMSG" && errno !== "EUCLEAN")) throw error;
    const nothing = { exists: false, names: [], record: undefined, traces: undefined };
    return { directory, obstacle: undefined, ...nothing, ignoredJournal: true };
  }
}

/** Marks what was inspected without the journal of its file system. */
export function markIgnoredJournal(facts: DirectoryFacts, ignoredJournal: boolean): DirectoryFacts {
  return ignoredJournal ? { ...facts, ignoredJournal } : facts;
}

/**
 * Adds the free space, if it is known: a pending journal may have used or freed some. `type` is
 * that of the file system that is mounted at `root`.
 */
export function addRoom(
  system: System,
  facts: DirectoryFacts,
  { root, type = "" }: { root: string; type: string | undefined },
): DirectoryFacts {
  const { directory, ignoredJournal, obstacle } = facts;
  if (obstacle !== undefined) return facts;
  const list = (name: string) => listOthersIn(system, { root, path: name });
  return {
    ...facts,
    ...(ignoredJournal || !isRoomSeen(type)
      ? {}
      : { room: inspectRoom(system, { root, directory, type }) }),
    ...(isDedicated(directory, list) ? { isDedicated: true } : {}),
  };
}

/** Lists a directory; one with more names than are read holds something that is not a store's. */
function listOthersIn(system: System, place: DiskPlace): string[] {
  try {
    return listBelow(system, place);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return errnoOf(error) === "EFBIG" ? [""] : [];
  }
}

/**
 * Lists the directories of other media beside one that is named as boots name it, for the same
 * architecture.
 */
function listOthers(system: System, root: string, directory: string): string[] {
  const [name = "", machine = "", ...below] = directory.split("/");
  if (!namesStoreDirectory(name) || machine === "" || below.length > 0) return [];
  return listBelowIfPresent(system, { root, path: "" })
    .filter((other) => namesStoreDirectory(other) && other !== name)
    .slice(0, maxOthers)
    .map((other) => `${other}/${machine}`)
    .filter((other) => holdsChanges(system, root, other));
}

function holdsChanges(system: System, root: string, directory: string): boolean {
  // Damage beside a store does not keep it from being used.
  const facts = ifPossible(() => readDirectory(system, { root, directory }));
  return facts?.obstacle === undefined && facts?.names.includes("upperdir") === true;
}

const maxOthers = 20;

/**
 * Inspects a directory of a file system that is mounted at `root`, and walks through its changes
 * unless its record says what they are written with.
 */
export function inspectDirectory(
  system: System,
  { root, directory }: { root: string; directory: string },
): DirectoryFacts {
  const facts = readDirectory(system, { root, directory });
  if (!facts.names.includes("upperdir") || isRecordCurrent(facts)) return facts;
  const path = directory === "" ? root : `${root}/${directory}`;
  return { ...facts, traces: walkUpper(system, `${path}/upperdir`) };
}

/** Reads the contents of a directory; its changes are not walked through. */
export function readDirectory(
  system: System,
  { root, directory }: { root: string; directory: string },
): DirectoryFacts {
  const path = directory === "" ? root : `${root}/${directory}`;
  const obstacle = findObstacle(system, { root, directory });
  const none = { directory, exists: false, names: [], record: undefined, traces: undefined };
  if (obstacle !== undefined) return { ...none, obstacle };
  if (system.linkStatus(path) === undefined) return { ...none, obstacle: undefined };
  // An unreadable one must not look as if it were empty.
  const names = listBelow(system, { root, path: directory });
  const record = names.includes(recordFile)
    ? readRecord(system, { root, path: `${directory}/${recordFile}` })
    : undefined;
  const overlayMount = names.includes("workdir")
    ? inspectOverlayMount(system, `${path}/workdir`)
    : undefined;
  const isOurs = names.includes("upperdir") || names.every(isOwnName);
  const foreign = isOurs
    ? undefined
    : identifyForeignPlace(system, { root: path, name: directory });
  return {
    ...{ directory, exists: true, obstacle: undefined, names, record, traces: undefined },
    ...(overlayMount === undefined ? {} : { overlayMount }),
    ...(foreign === undefined ? {} : { foreign: foreign.system }),
  };
}

/**
 * A symbolic link in the path, or in place of the store's own directories, would lead writes out of
 * the store.
 */
function findObstacle(
  system: System,
  { root, directory }: { root: string; directory: string },
): string | undefined {
  const parts = directory.split("/").filter((part) => part !== "");
  const ancestors = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  const own = ["upperdir", "workdir"].map((name) => [...parts, name].join("/"));
  return [...ancestors, ...own].find((path) => {
    const status = system.linkStatus(`${root}/${path}`);
    return status !== undefined && status.kind !== "directory";
  });
}

/**
 * A record that exists but cannot be read is a finding: it must not look like a store without one.
 */
function readRecord(system: System, place: DiskPlace): string {
  return ifPossible(() => readBelow(system, place, mostRecordBytes)) ?? "";
}
