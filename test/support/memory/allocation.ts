// The port's functions for disk space, in memory: files that are created, allocated, truncated and
// written in place, on file systems that fill up and differ in what they support.
import type { System } from "../../../src/system/port/system.ts";
import type { BlockDevice } from "./devices.ts";
import { allocated, reserved, resized } from "./edited.ts";
import { makeEntry } from "./entry.ts";
import { fail } from "./errors.ts";
import { isReadonly, type Namespace, writable } from "./namespace.ts";
import { fittingBytes, freeBytesOf, type Writable, writeFitting } from "./room.ts";
import type { FileSystem } from "./tree.ts";

/** The functions of the port that this file implements. */
export type AllocationFunctions = Pick<
  System,
  | "createFile"
  | "writeBytes"
  | "allocate"
  | "reserve"
  | "truncate"
  | "disableCopyOnWrite"
  | "ownership"
  | "unshare"
  | "room"
>;

const umask = 0o022;
/** These drivers have no fallocate; ntfs-3g's type is fuseblk. */
const withoutAllocation = new Set(["ext2", "ext3", "exfat", "fuseblk", "proc", "sysfs"]);
/** A file that is extended is allocated at once. */
const withoutHoles = new Set(["vfat", "exfat"]);
/** ext4 keeps what it could allocate when space runs out; the others free it. */
const keepingParts = new Set(["ext4"]);
const copyingOnWrite = new Set(["btrfs"]);
const longestFile: Readonly<Record<string, number>> = { vfat: 2 ** 32 - 1 };

/** Makes the functions for disk space; `deviceOf` returns the device of a node. */
export function allocationFunctions(
  namespace: Namespace,
  deviceOf: (deviceNumber: number) => BlockDevice,
): AllocationFunctions {
  /** Opens a file for writing; other kinds give the error of opening them so. */
  function openToWrite(path: string): Writable {
    const { place, entry } = namespace.find(path);
    if (entry.kind === "directory") fail("EISDIR", path);
    if (entry.kind === "fifo") fail("ENXIO", path);
    const { fileSystem } = place.mount;
    if (entry.kind !== "file") return { entry, fileSystem, path };
    writable(place, path);
    return { entry: fileSystem.change(place.path), fileSystem, path };
  }

  function makeRoom(path: string, { offset, length, change }: RoomChange): void {
    const file = openToWrite(path);
    const { entry, fileSystem } = file;
    if (offset < 0 || length <= 0) fail("EINVAL", path);
    if (entry.kind === "block") fail("EOPNOTSUPP", path);
    if (entry.kind !== "file") fail("ENODEV", path);
    checkLength(fileSystem, { path, length: offset + length });
    if (withoutAllocation.has(fileSystem.type)) fail("EOPNOTSUPP", path);
    const fitting = fittingBytes(file, { offset, length });
    if (fitting === length || (fitting > 0 && keepingParts.has(fileSystem.type)))
      entry.content = change(entry.content, offset, fitting);
    if (fitting < length) fail("ENOSPC", path);
  }

  return {
    createFile(path, mode = 0o644) {
      if (path.endsWith("/")) fail("EISDIR", path);
      const place = namespace.locate(path, { followLast: false });
      if (namespace.entry(place)) fail("EEXIST", path);
      const { fileSystem } = writable(place, path).mount;
      fileSystem.add(place.path, makeEntry("file", { mode: mode & ~umask }));
    },
    writeBytes(path, offset, bytes) {
      const file = openToWrite(path);
      const { entry, fileSystem } = file;
      if (offset < 0 && bytes.length > 0) fail("EINVAL", path);
      if (entry.kind === "block")
        return writeDevice({ path, offset, bytes }, deviceOf(entry.deviceNumber));
      if (entry.kind !== "file" || bytes.length === 0) return;
      checkLength(fileSystem, { path, length: offset + bytes.length });
      writeFitting(file, { offset, bytes });
    },
    allocate(path, offset, length) {
      makeRoom(path, { offset, length, change: allocated });
    },
    reserve(path, offset, length) {
      makeRoom(path, { offset, length, change: reserved });
    },
    truncate(path, bytes) {
      if (bytes < 0) fail("EINVAL", path);
      const { place, entry: found } = namespace.find(path);
      if (found.kind === "directory") fail("EISDIR", path);
      if (found.kind !== "file") fail("EINVAL", path);
      const { fileSystem } = writable(place, path).mount;
      checkLength(fileSystem, { path, length: bytes });
      const entry = fileSystem.change(place.path);
      const offset = entry.content.length;
      const added = { offset, length: bytes - offset };
      if (added.length <= 0 || !withoutHoles.has(fileSystem.type)) {
        entry.content = resized(entry.content, bytes);
        return;
      }
      const fitting = fittingBytes({ entry, fileSystem, path }, added);
      if (fitting < added.length) fail("ENOSPC", path);
      entry.content = allocated(entry.content, offset, added.length);
    },
    disableCopyOnWrite(path) {
      const { place, entry } = namespace.find(path);
      if (!copyingOnWrite.has(place.mount.fileSystem.type)) return;
      const { fileSystem } = writable(place, path).mount;
      if (entry.content.length === 0) fileSystem.change(place.path).isCopiedOnWrite = false;
    },
    ownership(path) {
      const { place, entry } = namespace.find(path);
      const copies = copyingOnWrite.has(place.mount.fileSystem.type) && entry.isCopiedOnWrite;
      return { sharedBytes: entry.sharedBytes, isCopiedOnWrite: copies };
    },
    unshare(path) {
      const { place } = namespace.find(path);
      if (place.mount.fileSystem.type !== "xfs") fail("EOPNOTSUPP", path);
      place.mount.fileSystem.change(place.path).sharedBytes = 0;
    },
    room(path) {
      const { place } = namespace.find(path);
      const { fileSystem } = place.mount;
      const freeBytes = freeBytesOf(fileSystem);
      return {
        totalBytes: fileSystem.totalBytes,
        availableBytes: Math.max(0, freeBytes - fileSystem.reservedBytes),
        freeBytes,
        ...(fileSystem.type === "tmpfs"
          ? { totalInodes: 100_000, freeInodes: 99_000 }
          : { totalInodes: 0, freeInodes: 0 }),
        readonly: isReadonly(place),
      };
    },
  };
}

interface RoomChange {
  readonly offset: number;
  readonly length: number;
  readonly change: typeof allocated;
}

function checkLength(
  { type }: FileSystem,
  { path, length }: { path: string; length: number },
): void {
  if (length > (longestFile[type] ?? Number.MAX_SAFE_INTEGER)) fail("EFBIG", path);
}

function writeDevice(
  { path, offset, bytes }: { path: string; offset: number; bytes: Uint8Array },
  device: BlockDevice,
): void {
  if (device.isReadonly) fail("EPERM", path);
  const room = Math.max(0, device.content().length - offset);
  if (room > 0) device.put({ offset, bytes: bytes.slice(0, room) });
  if (bytes.length > room) fail("ENOSPC", path);
}
