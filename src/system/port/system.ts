// The port: everything backstore needs of a running Linux, as plain synchronous functions. It has
// two implementations: native.ts (system calls, through native/host.c) and test/support/memory.ts;
// test/system/port/contract.ts runs on both. Every function that fails throws an error for which
// `errnoOf` returns the errno's name.

import type { Range } from "../../core/bytes/ranges.ts";
import type { OptionFlag } from "../../core/kernel/mount-flags.ts";
import type { Mount } from "../../core/kernel/mount-table.ts";

/** The blocks of a file that do not belong to it alone. */
export interface Ownership {
  /**
   * The bytes in blocks that a snapshot or another file refers to as well (FIEMAP): writing there
   * takes new blocks. 0 where nothing can be shared; of a file in very many pieces not all are
   * looked at.
   */
  readonly sharedBytes: number;
  /** Whether every write takes new blocks (btrfs, unless that was disabled for the file). */
  readonly isCopiedOnWrite: boolean;
}

/** The status of one file; its times are learned by times(). */
export interface FileStatus {
  readonly kind: "file" | "directory" | "link" | "block" | "character" | "fifo" | "socket";
  /** The permission bits alone (0o7777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly bytes: number;
  /** The bytes that the file system has really allocated (st_blocks times 512). */
  readonly allocatedBytes: number;
  readonly inode: number;
  /**
   * The device numbers of the file system that the file is on, and of the device that the file is
   * (0 if none).
   */
  readonly device: number;
  readonly deviceNumber: number;
  readonly links: number;
}

/** A kind of file that has no data. */
export type NodeKind = Extract<FileStatus["kind"], "block" | "character" | "fifo" | "socket">;

/** What a directory has under a name. */
export interface DirectoryEntry extends Omit<FileStatus, "device"> {
  readonly modified: Time;
  /** The target of a symbolic link; undefined for anything else. */
  readonly target: string | undefined;
  /** Empty if the file system does not support extended attributes. */
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

/** The times of one file. */
export interface FileTimes {
  /** When it was made; undefined on file systems that do not record it. */
  readonly born?: Time;
  /** When its contents, or the names in it, were changed last. */
  readonly modified: Time;
}

/** A time since the beginning of 1970. */
export interface Time {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** An opened file or directory: it stays what it is, whatever becomes of its name. */
export interface Opened {
  /** A path to it ("/proc/self/fd/7"), here and in programs that are run meanwhile. */
  readonly path: string;
  close(): void;
}

/** The free space of a mounted file system. */
export interface Room {
  readonly totalBytes: number;
  /** What an unprivileged user may still write. */
  readonly availableBytes: number;
  /** What root may still write: more if blocks are reserved. */
  readonly freeBytes: number;
  /** How many files it can have, and how many more; both 0 if only room limits that. */
  readonly totalInodes: number;
  readonly freeInodes: number;
  /**
   * Whether nothing can be written below the given path: its mount or its file system is read-only.
   */
  readonly readonly: boolean;
}

/** A call of mount(2): `type` is undefined for flags that need none. */
export interface MountRequest {
  readonly source: string;
  readonly target: string;
  readonly type?: string;
  readonly flags?: readonly MountFlag[];
  /** The file system's own options, comma-separated. */
  readonly data?: string;
}

/** A flag of mount(2), by its name in mount(8). */
export type MountFlag =
  | OptionFlag
  | "ro"
  | "remount"
  | "bind"
  | "move"
  | "rec"
  | "private"
  | "slave";

/** The end of a child process, in one form for success and failure. */
export interface Finished {
  readonly argv: readonly string[];
  /** The exit status; undefined if a signal ended it. 127 if there is no such program. */
  readonly status: number | undefined;
  readonly signal: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Set if it was killed (signal 9) because it timed out. */
  readonly timedOut?: true;
}

/** How a process has ended: by itself, or by a signal. */
export interface Ended {
  readonly status: number | undefined;
  readonly signal: number | undefined;
}

/** What a program has that is run on the standard streams of this process. */
export interface HereOptions {
  readonly environment: readonly string[];
  readonly directory: string;
}

/** A place on a file system that others wrote. */
export interface DiskPlace {
  /** Where the top of it is seen. */
  readonly root: string;
  /** From there on, with or without a leading slash; never with "..". */
  readonly path: string;
}

/** A file that is open for reading. */
export interface OpenFile {
  readonly status: FileStatus;
  /** As readBytes(). */
  readonly read: (offset: number, length: number) => Uint8Array;
  /** Returns where it has data, in order; all of it where the file system does not tell. */
  readonly data: () => readonly Range[];
  /** As readText(); EFBIG where it is longer than `mostBytes`. */
  readonly text: (mostBytes: number) => string;
  /**
   * Returns the SHA-512 of the whole file as sha512sum(1) prints it; calls `progress` now and then
   * with the number of bytes that were read.
   */
  readonly sha512: (progress: (bytes: number) => void) => string;
}

/** A directory that is open for reading its names. */
export interface OpenNames {
  /** Returns some of them, sorted among themselves; none at the end. */
  readonly next: () => string[];
  close(): void;
}

/** A running Linux, as far as backstore needs it. */
export interface System {
  // Files. A path that does not exist is ENOENT unless stated otherwise.
  /**
   * Reads a whole regular file (else EINVAL) as UTF-8, even if its size is not known in advance.
   * Malformed bytes become U+FFFD.
   */
  readText(path: string): string;
  /** Reads `length` bytes from `offset`, fewer at the end of the file or device. */
  readBytes(path: string, offset: number, length: number): Uint8Array;
  /**
   * Opens a regular file (else EINVAL, EISDIR) of a disk for as long as `use` runs: every file of a
   * disk is read so. ELOOP where its path has a link, also as its last name; nothing but a regular
   * file is opened at all.
   */
  withFile<T>(place: DiskPlace, use: (file: OpenFile) => T): T;
  /**
   * Lists as list() does, without following a link (ELOOP); EFBIG where there are more than `most`
   * names.
   */
  listBelow(place: DiskPlace, most: number): string[];
  /** Opens a directory of a disk as listBelow() does, to read its names bit by bit. */
  openNames(place: DiskPlace): OpenNames;
  /** Whether two files of disks, opened as by withFile(), have the same bytes. */
  isSameContent(one: DiskPlace, other: DiskPlace): boolean;
  /**
   * Copies the data of a file of a disk, opened as by withFile(), into an existing file, which gets
   * its length. Holes remain holes.
   */
  copyData(from: DiskPlace, to: string): void;
  /**
   * Reads the contents of a file that is one zstd frame with its content size; EBADMSG if it is
   * not.
   */
  readPacked(path: string): Uint8Array;
  /**
   * Creates a file as createFile() does, and writes it; text as UTF-8, lone surrogates as U+FFFD.
   * It remains if it could not be written completely.
   */
  writeFile(path: string, data: string | Uint8Array, mode?: number): void;
  /** Appends to an existing file. */
  appendFile(path: string, data: string | Uint8Array): void;
  /**
   * Creates a new, empty file (with `mode`, less the umask); EEXIST if the name exists, even as a
   * dangling symbolic link.
   */
  createFile(path: string, mode?: number): void;
  /** Creates a file as createFile() does, and opens it. */
  createOpen(path: string, mode?: number): Opened;
  /**
   * Opens a regular file by a path on which no link is followed: ELOOP for a link, EISDIR for a
   * directory, EINVAL for anything else that is not a file. Nothing is read, and only permission to
   * search its directories is needed.
   */
  openFile(path: string): Opened;
  /** Like openFile(), for a directory; ENOTDIR for what is not one. */
  openDirectory(path: string): Opened;
  /**
   * Writes from `offset` into an existing file or device; a file grows as needed, a device has
   * ENOSPC at its end.
   */
  writeBytes(path: string, offset: number, data: Uint8Array): void;
  /**
   * Allocates `length` bytes of a file from `offset`, and extends it to at least that end
   * (fallocate): EOPNOTSUPP if the file system cannot, ENOSPC if there is too little space. ext4
   * keeps what it had allocated by then.
   */
  allocate(path: string, offset: number, length: number): void;
  /**
   * As allocate(), but the length of the file is unchanged; what is beyond its end is freed when it
   * is truncated.
   */
  reserve(path: string, offset: number, length: number): void;
  /** Sets the length of a file: truncates it, or adds a hole at its end. */
  truncate(path: string, bytes: number): void;
  /**
   * Disables copy-on-write for an empty file if its file system does that (btrfs); elsewhere it
   * does nothing.
   */
  disableCopyOnWrite(path: string): void;
  /** Returns how far the blocks of a file belong to it alone. */
  ownership(path: string): Ownership;
  /**
   * Replaces shared blocks in a range of a file by its own (fallocate): EOPNOTSUPP if the file
   * system cannot (all but xfs).
   */
  unshare(path: string, offset: number, length: number): void;
  /** Lists the names in a directory without "." and "..", sorted by code unit. */
  list(path: string): string[];
  /** Follows symbolic links; undefined if there is no such file. */
  status(path: string): FileStatus | undefined;
  /** Does not follow a final symbolic link; undefined if there is no such file. */
  linkStatus(path: string): FileStatus | undefined;
  /** Does not follow a final symbolic link; undefined if there is no such file. */
  times(path: string): FileTimes | undefined;
  /** Sets when contents were changed last; does not follow a final symbolic link. */
  setModified(path: string, modified: Time): void;
  /**
   * Looks at names in a directory, "." for the directory itself, with as few calls as possible;
   * undefined for what is not there. No link is followed; a path is no name (EINVAL). The value of
   * the attribute `unread` is not read, and empty.
   */
  lookIn(
    directory: string,
    names: readonly string[],
    unread?: string,
  ): (DirectoryEntry | undefined)[];
  readLink(path: string): string;
  /** Resolves every symbolic link (realpath). */
  resolve(path: string): string;
  /**
   * Returns what identifies a file in its file system for ever: the type of the handle, and its
   * bytes (name_to_handle_at); undefined if the file system has none. Does not follow a final
   * symbolic link.
   */
  fileHandle(path: string): Uint8Array | undefined;
  makeDirectory(path: string, mode?: number): void;
  makeLink(path: string, to: string): void;
  /**
   * Makes a further name of a file, on its file system (else EXDEV); EPERM for a directory. A final
   * symbolic link gets the name itself.
   */
  makeHardLink(path: string, to: string): void;
  /** Creates a device node, pipe or socket; EINVAL for anything else. */
  makeNode(path: string, kind: NodeKind, mode: number, deviceNumber: number): void;
  /**
   * Creates a new, empty directory (mode 0700) whose name starts with `prefix`, and returns its
   * path.
   */
  makeTemporaryDirectory(prefix: string): string;
  removeFile(path: string): void;
  removeDirectory(path: string): void;
  rename(from: string, to: string): void;
  /**
   * Exchanges the names of two files, of whatever kinds, in one step; EINVAL where the file system
   * cannot.
   */
  exchange(one: string, other: string): void;
  /** Follows a final symbolic link, unlike setOwner(). */
  setMode(path: string, mode: number): void;
  setOwner(path: string, uid: number, gid: number): void;
  /**
   * Undefined if the file has no such attribute, or its file system does not support any. Does not
   * follow a final symbolic link.
   */
  getXattr(path: string, name: string): Uint8Array | undefined;
  setXattr(path: string, name: string, value: Uint8Array): void;
  /** Does nothing if the file has no such attribute. Does not follow a final symbolic link. */
  removeXattr(path: string, name: string): void;
  /** Empty if the file system does not support extended attributes. */
  listXattrs(path: string): string[];
  /**
   * Writes out what memory has of a range of a file or device, as far as it can be written in parts
   * (sync_file_range); nothing is safe before it is synced.
   */
  writeOut(path: string, offset: number, length: number): void;
  /** Syncs a file or directory (fsync). */
  sync(path: string): void;
  /** Syncs the whole file system that `path` is on (syncfs). */
  syncFileSystem(path: string): void;
  /** Returns the free space of the file system that `path` is on. */
  room(path: string): Room;
  /**
   * Locks a file, directory or device against other holders of its lock while `use` runs, and while
   * a program that it started still runs; EAGAIN if it is locked already, even by this process.
   */
  withLock<T>(path: string, use: () => T): T;

  // Mounts.
  mount(request: MountRequest): void;
  /**
   * EBUSY if a file is open or something is mounted below; an overlay keeps its layers even without
   * their mounts.
   */
  unmount(target: string, how?: "lazy"): void;
  /**
   * Copies what is mounted at a path (or the directory alone), with all mounts below it, to no
   * place: it is gone when it is closed, unless it was attached. ENOSYS before Linux 5.2. Programs
   * do not inherit it.
   */
  cloneMounts(path: string): Opened;
  /** Attaches what cloneMounts() has opened; a shared mount above is no obstacle. */
  attachMounts(opened: string, target: string): void;
  mounts(): Mount[];
  /**
   * Moves this process into a private mount namespace, in which what others unmount is unmounted as
   * well.
   */
  isolateMounts(): void;
  /** Makes a directory the root of this process and of those that it starts, and goes there. */
  enterRoot(root: string): void;

  // Devices.
  /** The size of a block device or file, in bytes. */
  deviceBytes(path: string): number;
  /** Whether the kernel refuses writes to a block device (BLKROGET). */
  isReadonly(device: string): boolean;
  setReadonly(device: string, readonly: boolean): void;
  /**
   * Attaches a file or device to a free loop device while `use` runs; whatever `use` mounted from
   * it keeps it attached. Blocks discarded on the device remain allocated in the file behind it.
   */
  withLoop<T>(request: LoopRequest, use: (device: string) => T): T;
  /** The file behind a loop device; undefined if it is not a loop device or not in use. */
  loopFile(device: string): string | undefined;
  /** The status of a loop device; undefined if it is not one or not in use. */
  loopStatus(device: string): LoopStatus | undefined;
  /** Makes a loop device take over the new size of its file; ENXIO if it is not in use. */
  setLoopCapacity(device: string): void;
  /**
   * Detaches a loop device from its file, at once or when the last user closes it; ENXIO if it is
   * not in use.
   */
  detachLoop(device: string): void;
  /**
   * Whether a block device has an exclusive user: the device or a part of it is mounted, used as
   * swap, or in a RAID or a volume group. A loop device backed by it does not count.
   */
  isBusy(device: string): boolean;
  /**
   * Keeps a block device from other exclusive users, as a mount of it or of a part of it would,
   * while `use` runs; EBUSY if it has one already. Programs do not inherit it.
   */
  withClaim<T>(device: string, use: () => T): T;
  /**
   * Reads from a block device past the page cache, so that the device itself answers; fewer bytes
   * at its end. `offset` and `length` are whole sectors (else EINVAL), here and in the next three;
   * ENOTBLK for what is no block device.
   */
  readDirect(device: string, offset: number, length: number): Uint8Array;
  /** Writes to a block device past the page cache. */
  writeDirect(device: string, offset: number, data: Uint8Array): void;
  /** Copies a part of a file to a block device past the page cache. */
  copyDirect(copy: DirectCopy): void;
  /** Whether the device itself, past the page cache, has what copyDirect() writes. */
  isSameDirect(copy: DirectCopy): boolean;
  /**
   * Makes the kernel read the partition table of a disk again; EBUSY if a partition is in use,
   * EINVAL if it can have none.
   */
  rereadPartitions(device: string): void;
  /**
   * Whether a process has locked ranges of a file or device (fcntl(2)), as virtual machines do;
   * flock(2) does not count.
   */
  hasPartLocks(path: string): boolean;
  /**
   * Waits until the kernel announces that a device was added, removed or changed since the last
   * call; false if `timeoutMs` passed without. The first call starts listening.
   */
  waitForDevices(timeoutMs: number): boolean;

  // The kernel.
  /** Loads a module into the kernel, compressed or not. EEXIST if it is loaded already. */
  insertModule(path: string, parameters: string): void;
  /** The kernel's log, as far as it still holds it; EPERM where only root may read it. */
  kernelLog(): string;
  /** The fields of uname(2) that matter. */
  kernel(): { readonly release: string; readonly machine: string };
  /** Milliseconds of CLOCK_BOOTTIME: since the machine was started. */
  uptimeMs(): number;

  // Processes.
  /** Returns the path of the program that run() uses for a name; undefined if there is none. */
  findProgram(name: string): string | undefined;
  /**
   * Runs a program found by PATH and waits until it has ended and its output is closed; never a
   * shell.
   */
  run(argv: readonly string[], options?: RunOptions): Finished;
  /**
   * Runs `work` in a child process in parallel to this one: its effects on the kernel remain, but
   * its changes to memory are lost, and so are its exceptions.
   */
  background(work: () => void): Background;
  /**
   * Runs `work` in a child process with mounts of its own, which is the first of a PID namespace,
   * and waits until it has ended, with its return value as the status: then nothing that it started
   * is left. A signal that is sent to this process to end it is passed on; the second one, or ten
   * seconds, end the child. It ends with this process in any case.
   */
  runFirst(work: () => number): Ended;
  /**
   * Runs a program found by the PATH of `environment` ("NAME=VALUE") on the standard streams of
   * this process, and waits until it has ended; signals are passed on. 127 if there is no such
   * program, which is said.
   */
  runHere(argv: readonly string[], options: HereOptions): Ended;
  /** Kills a process (SIGKILL); ESRCH if there is none. */
  endProcess(id: number): void;
  /**
   * Writes a text to a standard stream, or to the kernel log line by line; does not fail if nobody
   * reads it (a closed pipe), only if standard output cannot take it (ENOSPC, EBADF where it is
   * closed).
   */
  say(where: "stdout" | "stderr" | "kernel", text: string): void;
  /** Reads one line of standard input, without its newline; undefined at the end of input. */
  readLine(): string | undefined;
  /**
   * Waits until readLine() can return something, including the end of input; false if `timeoutMs`
   * passed without.
   */
  waitForInput(timeoutMs: number): boolean;
  /**
   * Executes the program at the path `argv[0]` in place of this process, with its environment.
   */
  becomeProgram(argv: readonly string[]): never;
  /**
   * Frees the initramfs, makes the mounted directory `root` the root, and executes `argv` in it, in
   * place of this process.
   */
  handOver(root: string, argv: readonly string[]): never;
  /**
   * Stops the machine at once, without syncing or unmounting anything. `argument` is passed to the
   * firmware on a reboot. "kexec" is EINVAL if no kernel is loaded.
   */
  shutDown(how: Ending, argument?: string): never;
}

/** A way to stop the machine, by systemd's name for it. */
export type Ending = "poweroff" | "reboot" | "halt" | "kexec";

/** A file to attach to a loop device, or `bytes` of it from `offset`. */
export interface LoopRequest {
  readonly file: string;
  readonly readonly: boolean;
  readonly offset?: number;
  readonly bytes?: number;
  /**
   * Whether to bypass the page cache of the file's file system; ignored if it does not support
   * that.
   */
  readonly directIo?: boolean;
  /**
   * Whether what is discarded goes back to the file's file system, if it supports that; a file
   * keeps its room otherwise.
   */
  readonly givesBack?: boolean;
}

/** A part of a file, and the place on a block device where it belongs. */
export interface DirectCopy {
  readonly from: string;
  readonly at: number;
  /** What the file has less than that is not copied; the last sector is filled up with zeros. */
  readonly bytes: number;
  readonly device: string;
  readonly offset: number;
}

/** A loop device in use. */
export interface LoopStatus {
  /** Its path as the kernel knows it now; followed by " (deleted)" if the name was removed. */
  readonly file: string;
  /** The identity of the file: `device` and `inode` as in status(). */
  readonly device: number;
  readonly inode: number;
  /** Where in the file it begins, and how many bytes of it are exposed. */
  readonly offset: number;
  readonly bytes: number;
  readonly readonly: boolean;
  readonly directIo: boolean;
}

/** Work that runs in a child process. */
export interface Background {
  /** Returns whether it has ended, without waiting. */
  isOver(): boolean;
  /** Waits until it has ended. */
  wait(): void;
}

/** Options of a program besides its arguments. */
export interface RunOptions {
  readonly stdin?: string;
  readonly directory?: string;
  /**
   * After this time it is killed, and abandoned if even then it is stuck on a disk that does not
   * respond.
   */
  readonly timeoutMs?: number;
  /** How many bytes of each of its streams are kept, from the beginning. */
  readonly mostBytes?: number;
  readonly apart?: ApartOptions;
  /** Called again and again while it runs; what that throws is lost. */
  readonly waiting?: () => void;
}

/**
 * Runs a program without root's rights, and with a directory as its root, in which it is searched
 * for (in /usr/sbin, /usr/bin, /sbin and /bin) and from which it has no way out: it has no
 * environment, sees no other process, has no network, and leaves no process behind, as far as the
 * kernel supports that.
 */
export interface ApartOptions {
  readonly root: string;
  /** The number of a user, and of a group, that nothing else belongs to; 0 keeps root's rights. */
  readonly user: number;
}

/**
 * Returns the errno's name ("ENOENT") of an error that a System threw; undefined for anything else.
 */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && error.code.startsWith("E") ? error.code : undefined;
}
