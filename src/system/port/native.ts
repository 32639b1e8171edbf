// The port on a running Linux: each function is one or two of the host's system calls (native/*.c).
// Nothing is decided here; differences between kernels are hidden one level below, in C, or handled
// above, in plans.

import * as host from "host";
import { hexText } from "../../core/bytes/fields.ts";
import type { Range } from "../../core/bytes/ranges.ts";
import { parseMountInfo } from "../../core/kernel/mount-table.ts";
import { ifPossible } from "./errors.ts";
import {
  type Background,
  type DiskPlace,
  type Ended,
  errnoOf,
  type LoopRequest,
  type LoopStatus,
  type MountFlag,
  type MountRequest,
  type Opened,
  type OpenFile,
  type System,
} from "./system.ts";
import { describeBug } from "./trace.ts";

/** The flags of mount(2) by their names in mount(8); linux/mount.h. */
const mountFlags: Record<MountFlag, number> = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  sync: 16,
  remount: 32,
  dirsync: 128,
  nosymfollow: 256,
  noatime: 1024,
  nodiratime: 2048,
  bind: 4096,
  move: 8192,
  rec: 16384,
  private: 1 << 18,
  slave: 1 << 19,
  relatime: 1 << 21,
  strictatime: 1 << 24,
  lazytime: 1 << 25,
};

/** The kernel that this process runs on. */
export const nativeSystem: System = {
  readText: host.readFile,
  readBytes: (path, offset, length) => new Uint8Array(host.readRange(path, offset, length)),
  withFile,
  listBelow: ({ root, path }, most) => host.listBelow(root || "/", path, most).sort(),
  openNames({ root, path }) {
    const handle = host.openNames(root || "/", path);
    return { next: () => host.nextNames(handle), close: () => host.close(handle) };
  },
  isSameContent: (one, other) =>
    host.isSameContent(one.root || "/", one.path, other.root || "/", other.path),
  copyData: ({ root, path }, to) =>
    holding(host.openBelow(root || "/", path), (from) => host.copyData(from, to)),
  readPacked: (path) => new Uint8Array(host.readPacked(path)),
  writeFile: (path, data, mode) => host.writeFile(path, data, mode ?? 0o644),
  appendFile: host.appendFile,
  createFile: (path, mode) => host.createFile(path, mode ?? 0o644),
  createOpen: (path, mode) => opened(host.createOpen(path, mode ?? 0o644)),
  openFile: (path) => opened(host.openFile(path)),
  openDirectory: (path) => opened(host.openDirectory(path)),
  writeBytes: host.writeRange,
  allocate: host.allocate,
  reserve: host.reserve,
  truncate: host.truncate,
  kernelLog: host.kernelLog,
  disableCopyOnWrite: host.disableCopyOnWrite,
  ownership: host.ownership,
  unshare: host.unshare,
  list: (path) => host.readdir(path).sort(),
  status: host.stat,
  linkStatus: host.lstat,
  times: host.times,
  setModified: (path, { seconds, nanoseconds }) => host.setModified(path, seconds, nanoseconds),
  lookIn: (directory, names, unread = "") => host.lookIn(directory, names, unread),
  readLink: host.readlink,
  resolve: host.realpath,
  makeDirectory: (path, mode) => host.mkdir(path, mode ?? 0o755),
  makeLink: host.symlink,
  makeHardLink: host.link,
  makeNode: host.mknod,
  fileHandle(path) {
    const handle = host.fileHandle(path);
    return handle && new Uint8Array(handle);
  },
  makeTemporaryDirectory: host.mkdtemp,
  removeFile: host.unlink,
  removeDirectory: host.rmdir,
  rename: host.rename,
  exchange: host.exchange,
  setMode: host.chmod,
  setOwner: host.lchown,
  getXattr(path, name) {
    const value = host.lgetxattr(path, name);
    return value && new Uint8Array(value);
  },
  setXattr: host.lsetxattr,
  removeXattr: host.lremovexattr,
  listXattrs: (path) => host.llistxattr(path).sort(),
  writeOut: host.writeOut,
  sync: host.fsync,
  syncFileSystem: host.syncfs,
  room: host.statvfs,
  withLock: (path, use) => holding(host.lock(path), use),

  mount({ source, target, type = "", flags = [], data = "" }: MountRequest) {
    const bits = flags.reduce((sum, flag) => sum | mountFlags[flag], 0);
    host.mount(source, target, type, bits, data);
  },
  unmount: (target, how) => host.umount(target, how === "lazy"),
  cloneMounts: (path) => opened(host.cloneMounts(path)),
  attachMounts: host.attachMounts,
  mounts: () => parseMountInfo(host.readPaths("/proc/self/mountinfo")),
  isolateMounts: host.unshareMounts,
  enterRoot: host.enterRoot,

  deviceBytes: host.deviceBytes,
  isReadonly: host.isReadonly,
  setReadonly: host.setReadonly,
  withLoop,
  loopFile,
  loopStatus(device): LoopStatus | undefined {
    const file = loopFile(device);
    const status = file === undefined ? undefined : host.loopStatus(device);
    return file === undefined || status === undefined ? undefined : { file, ...status };
  },
  setLoopCapacity: host.setLoopCapacity,
  detachLoop: host.detachLoop,
  hasPartLocks: host.hasPartLocks,
  isBusy: host.isBusy,
  withClaim: (device, use) => holding(host.claim(device), use),
  readDirect: (device, offset, length) => new Uint8Array(host.readDirect(device, offset, length)),
  writeDirect: host.writeDirect,
  copyDirect: ({ from, at, bytes, device, offset }) =>
    host.copyDirect(from, at, bytes, device, offset),
  isSameDirect: ({ from, at, bytes, device, offset }) =>
    host.isSameDirect(from, at, bytes, device, offset),
  rereadPartitions: host.rereadPartitions,
  waitForDevices: host.waitForUevent,

  insertModule: host.insertModule,
  kernel: host.uname,
  uptimeMs: host.bootTime,

  findProgram,
  run(argv, { stdin = "", directory, timeoutMs, mostBytes, apart, waiting } = {}) {
    const { status, signal, timedOut, stdout, stderr } = host.run(
      argv,
      stdin,
      apart?.root ?? directory,
      timeoutMs,
      mostBytes,
      apart?.user,
      waiting,
    );
    return { argv, status, signal, stdout, stderr, ...(timedOut && { timedOut }) };
  },
  say(where, text) {
    if (where === "stdout") return writeOutput(text);
    // There is nowhere to say that nothing can be said.
    if (where === "stderr") return void ifPossible(() => host.writeStream(2, text));
    for (const line of text.split("\n")) if (line !== "") host.logKernel(line);
  },
  readLine: host.readLine,
  waitForInput: host.waitForInput,
  background,
  runFirst: (work) => toEnded(host.runFirst(() => orBug(work), 10_000)),
  runHere: (argv, { environment, directory }) =>
    toEnded(host.runHere(argv, environment, directory)),
  endProcess: host.killProcess,
  becomeProgram: host.becomeProgram,
  handOver: host.switchRoot,
  shutDown: (how, argument) => host.reboot(how, argument ?? ""),
};

/** A reader may have seen enough and closed its pipe. */
function writeOutput(text: string): void {
  try {
    host.writeStream(1, text);
  } catch (error) {
    if (errnoOf(error) !== "EPIPE") throw error;
  }
}

function opened(handle: number): Opened {
  return { path: `/proc/self/fd/${handle}`, close: () => host.close(handle) };
}

/** Like execvp(), in the directories that musl uses if PATH is not set. */
function findProgram(name: string): string | undefined {
  const directories = (host.environment().PATH ?? "/usr/local/bin:/bin:/usr/bin").split(":");
  const paths = directories.map((directory) => `${directory || "."}/${name}`);
  return (name.includes("/") ? [name] : paths).find(isProgram);
}

/** A directory without search permission is skipped. */
function isProgram(path: string): boolean {
  const status = ifPossible(() => host.stat(path));
  return status?.kind === "file" && (status.mode & 0o111) !== 0;
}

function withFile<T>({ root, path }: DiskPlace, use: (file: OpenFile) => T): T {
  const handle = host.openBelow(root || "/", path);
  try {
    return use({
      status: host.statusOf(handle),
      read: (offset, length) => new Uint8Array(host.readAt(handle, offset, length)),
      data: () => pairUp(host.dataRanges(handle)),
      text: (mostBytes) => host.readTextAt(handle, mostBytes),
      sha512: (progress) => hexText(new Uint8Array(host.sha512(handle, progress)), 0, 64),
    });
  } finally {
    host.close(handle);
  }
}

/** An offset and a length, and so on. */
function pairUp(numbers: readonly number[]): Range[] {
  const ranges: Range[] = [];
  for (let at = 0; at < numbers.length; at += 2)
    ranges.push({ offset: numbers[at] ?? 0, bytes: numbers[at + 1] ?? 0 });
  return ranges;
}

function withLoop<T>(
  { file, readonly, offset = 0, bytes = 0, directIo = false, givesBack = false }: LoopRequest,
  use: (device: string) => T,
): T {
  const { device, handle } = host.attachLoop(file, readonly, offset, bytes, directIo, givesBack);
  return holding(handle, () => use(device));
}

/** Calls `use`, and closes the handle afterwards in any case. */
function holding<T>(handle: number, use: (handle: number) => T): T {
  try {
    return use(handle);
  } finally {
    host.close(handle);
  }
}

function loopFile(device: string): string | undefined {
  const path = `/sys/block/${device.slice(device.lastIndexOf("/") + 1)}/loop/backing_file`;
  return host.stat(path) && host.readPaths(path).replace(/\n$/, "");
}

function background(work: () => void): Background {
  const child = host.fork();
  if (child === 0) {
    orBug(() => {
      work();
      return 0;
    });
    host.exit(0);
  }
  let over = false;
  const look = (waits: boolean) => {
    over ||= host.waitForChild(child, waits);
    return over;
  };
  return { isOver: () => look(false), wait: () => void look(true) };
}

/** Returns what `work` does; nobody else hears what a child throws. */
function orBug(work: () => number): number {
  try {
    return work();
  } catch (error) {
    nativeSystem.say("stderr", describeBug(error, host.text("lines.json")));
    return 1;
  }
}

function toEnded({ status, signal }: { status?: number; signal?: number }): Ended {
  return { status, signal };
}
