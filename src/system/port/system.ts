// The port: all that backstore asks of a running Linux, as plain synchronous functions. Two implementations:
// native.ts (system calls, through native/host.c) and test/support/memory.ts; test/system/port/contract.ts runs on both.
// Every function that fails throws an error for which `errnoOf` gives the errno's name.

import type { OptionFlag } from "../../core/kernel/mount-flags.ts";
import type { Mount } from "../../core/kernel/mount-table.ts";

/** Is the status of one file; times are left out because nothing decides by them. */
export interface FileStatus {
  readonly kind: "file" | "directory" | "link" | "block" | "character" | "fifo" | "socket";
  /** Permission bits alone (0o7777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly bytes: number;
  /** Bytes that the file system has really allocated (st_blocks times 512). */
  readonly allocatedBytes: number;
  readonly inode: number;
  /** Device number of the file system the file is on, and of the device that the file is (0 if none). */
  readonly device: number;
  readonly deviceNumber: number;
  readonly links: number;
}

/** Says how much room a mounted file system has. */
export interface Room {
  readonly totalBytes: number;
  /** What an ordinary user may still write. */
  readonly availableBytes: number;
  /** What root may still write: more where blocks are reserved. */
  readonly freeBytes: number;
  /** Whether nothing can be written below the path that was asked for: its mount or its file system is read-only. */
  readonly readonly: boolean;
}

/** Is one mount(2): `type` undefined for those of its flags that take none. */
export interface MountRequest {
  readonly source: string;
  readonly target: string;
  readonly type?: string;
  readonly flags?: readonly MountFlag[];
  /** The file system's own options, comma-separated. */
  readonly data?: string;
}

/** Is one flag of mount(2), by the word that mount(8) has for it. */
export type MountFlag =
  | OptionFlag
  | "ro"
  | "remount"
  | "bind"
  | "move"
  | "rec"
  | "private"
  | "slave";

/** Is how a child process ended, in one shape for success and failure. */
export interface Finished {
  readonly argv: readonly string[];
  /** Exit status; undefined when a signal ended it. 127 when there is no such program. */
  readonly status: number | undefined;
  readonly signal: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** There where it was ended (signal 9) because its time was over. */
  readonly timedOut?: true;
}

/** Is a running Linux, as far as backstore asks anything of it. */
export interface System {
  // Files. A path that does not exist is ENOENT unless said otherwise.
  /** Reads a whole regular file (else EINVAL) as UTF-8, also where its size is not known before. Malformed bytes become U+FFFD. */
  readText(path: string): string;
  /** Reads `length` bytes from `offset`, fewer at the end of the file or device. */
  readBytes(path: string, offset: number, length: number): Uint8Array;
  /** Reads what a file holds as one zstd frame that says its length; EBADMSG when it holds none. */
  readPacked(path: string): Uint8Array;
  /** Creates (with `mode`, less the umask) or truncates, and writes; text as UTF-8, half a surrogate pair as U+FFFD. */
  writeFile(path: string, data: string | Uint8Array, mode?: number): void;
  /** Creates if missing, and writes at the end. */
  appendFile(path: string, data: string | Uint8Array): void;
  /** Makes a new, empty file (with `mode`, less the umask); EEXIST when anything has the name, a link that leads nowhere too. */
  createFile(path: string, mode?: number): void;
  /** Writes from `offset` into a file or device that is there; a file grows as needed, a device has ENOSPC at its end. */
  writeBytes(path: string, offset: number, data: Uint8Array): void;
  /**
   * Makes sure that `length` bytes from `offset` are a file's own, and that it is at least as long (fallocate): EOPNOTSUPP
   * where the file system cannot, ENOSPC where the room is missing. ext4 keeps what it had allocated until then.
   */
  allocate(path: string, offset: number, length: number): void;
  /** As allocate(), but the file stays as long as it is; what lies beyond its end is given back when it is cut. */
  reserve(path: string, offset: number, length: number): void;
  /** Makes a file as long as said: cut off, or with a hole at its end. */
  truncate(path: string, bytes: number): void;
  /** Lets an empty file be written in place where its file system copies on writing (btrfs); elsewhere does nothing. */
  disableCopyOnWrite(path: string): void;
  /** Lists names without "." and "..", sorted by code unit. */
  list(path: string): string[];
  /** Follows links; undefined when there is no such file. */
  status(path: string): FileStatus | undefined;
  /** Does not follow a last link; undefined when there is no such file. */
  linkStatus(path: string): FileStatus | undefined;
  readLink(path: string): string;
  /** Resolves every link (realpath). */
  resolve(path: string): string;
  makeDirectory(path: string, mode?: number): void;
  makeLink(path: string, to: string): void;
  /** Makes a device node, "block" or "character". */
  makeNode(path: string, kind: "block" | "character", mode: number, deviceNumber: number): void;
  /** Makes a new, empty directory (mode 0700) whose name starts with `prefix`, and returns its path. */
  makeTemporaryDirectory(prefix: string): string;
  removeFile(path: string): void;
  removeDirectory(path: string): void;
  rename(from: string, to: string): void;
  /** Follows a last link, unlike setOwner(). */
  setMode(path: string, mode: number): void;
  setOwner(path: string, uid: number, gid: number): void;
  /** Undefined when the file has no such attribute, or its file system no attributes. Does not follow a last link. */
  getXattr(path: string, name: string): Uint8Array | undefined;
  setXattr(path: string, name: string, value: Uint8Array): void;
  /** Empty where the file system has no attributes. */
  listXattrs(path: string): string[];
  /** fsync of a file or directory. */
  sync(path: string): void;
  /** Writes out everything of the file system that `path` is on (syncfs). */
  syncFileSystem(path: string): void;
  /** Tells how much room the file system has that `path` is on. */
  room(path: string): Room;
  /**
   * Keeps a file, directory or device locked against others who ask for its lock for as long as `use` runs, and as long
   * as a program that it ran goes on; EAGAIN when somebody has the lock, also this process itself.
   */
  withLock<T>(path: string, use: () => T): T;

  // Mounts.
  mount(request: MountRequest): void;
  /** EBUSY while a file is open or something is mounted below; an overlay keeps its layers without their mounts. */
  unmount(target: string, how?: "lazy"): void;
  mounts(): Mount[];
  /** Gives this process mounts of its own, which nobody else sees. */
  isolateMounts(): void;

  // Devices.
  /** The size of a block device or file, in bytes. */
  deviceBytes(path: string): number;
  /** Whether the kernel refuses writes to a block device (BLKROGET). */
  isReadonly(device: string): boolean;
  setReadonly(device: string, readonly: boolean): void;
  /**
   * Attaches a file or device to a free loop device for as long as `use` runs; what `use` mounted from it keeps it. What
   * is discarded on the device stays allocated for a file behind it.
   */
  withLoop<T>(request: LoopRequest, use: (device: string) => T): T;
  /** The file behind a loop device; undefined when it is none or not in use. */
  loopFile(device: string): string | undefined;
  /** What a loop device shows; undefined when it is none or not in use. */
  loopStatus(device: string): LoopStatus | undefined;
  /** Lets a loop device show what its file has grown by; ENXIO when it is not in use. */
  setLoopCapacity(device: string): void;
  /** Takes the file from a loop device, at once or with the last user of the device; ENXIO when it is not in use. */
  detachLoop(device: string): void;
  /**
   * Whether the kernel has given a block device to one user alone: it or a part of it is mounted, is swap, is in a RAID
   * or a volume group. A loop device that shows it does not count.
   */
  isBusy(device: string): boolean;
  /** Whether somebody has locked parts of a file or device (fcntl(2)), as virtual machines do; flock(2) does not count. */
  hasPartLocks(path: string): boolean;
  /**
   * Waits until the kernel announces that a device came, went or changed since the last call; false when `timeoutMs`
   * passed without. The first call starts the listening.
   */
  waitForDevices(timeoutMs: number): boolean;

  // The kernel.
  /** Puts a module into the kernel; compressed ones too. EEXIST when it is there. */
  insertModule(path: string, parameters: string): void;
  /** Everything uname(2) tells that decides something. */
  kernel(): { readonly release: string; readonly machine: string };
  /** Milliseconds of CLOCK_BOOTTIME: from the machine's start. */
  uptimeMs(): number;

  // Processes.
  /** Gives the path of the program that run() takes for a name; undefined when there is none. */
  findProgram(name: string): string | undefined;
  /** Runs a program found by PATH and waits until it ended and its output is closed; never a shell. */
  run(argv: readonly string[], options?: RunOptions): Finished;
  /**
   * Does work in a child process at the same time as this one goes on: what it does to the kernel stays, what it
   * changes in memory is gone with it, and so is what it throws.
   */
  background(work: () => void): Background;
  /** Ends a process at once (SIGKILL); ESRCH when there is none. */
  endProcess(id: number): void;
  /** Says a text on a standard stream, or in the kernel log line by line; does not fail when nobody listens. */
  say(where: "stdout" | "stderr" | "kernel", text: string): void;
  /** Reads one line of standard input, without its end; undefined at the end of input. */
  readLine(): string | undefined;
  /** Waits until readLine() has something to give, the end of input too; false when `timeoutMs` passed without. */
  waitForInput(timeoutMs: number): boolean;
  /** Frees the initramfs, makes the mounted directory `root` the root, and becomes the program `argv` in it. */
  handOver(root: string, argv: readonly string[]): never;
  /**
   * Ends everything without writing anything out: what is still mounted is left as it is. `argument` is what the firmware
   * gets with a reboot, if anything. "kexec" is EINVAL when no kernel is loaded for it.
   */
  shutDown(how: Ending, argument?: string): never;
}

/** Is how a machine ends, by the words that systemd has for it. */
export type Ending = "poweroff" | "reboot" | "halt" | "kexec";

/** Is what to attach to a loop device: a file, or `bytes` of it from `offset`. */
export interface LoopRequest {
  readonly file: string;
  readonly readonly: boolean;
  readonly offset?: number;
  readonly bytes?: number;
  /** Whether to go past the page cache of the file's file system, where that can; silently through it where it cannot. */
  readonly directIo?: boolean;
}

/** Is a loop device in use. */
export interface LoopStatus {
  /** Its path as the kernel knows it now; followed by " (deleted)" when the name is gone. */
  readonly file: string;
  /** Tells which file it really is: what status() gives for it as `device` and `inode`. */
  readonly device: number;
  readonly inode: number;
  /** Where in the file it begins, and how many bytes of it are shown. */
  readonly offset: number;
  readonly bytes: number;
  readonly readonly: boolean;
  readonly directIo: boolean;
}

/** Is work that goes on in a child process. */
export interface Background {
  /** Tells whether it is over, without waiting. */
  isOver(): boolean;
  /** Waits until it is over. */
  wait(): void;
}

/** Is what a program is given besides its arguments. */
export interface RunOptions {
  readonly stdin?: string;
  readonly directory?: string;
  /** After so long it is ended, and not waited for where a disk that does not answer keeps it even then. */
  readonly timeoutMs?: number;
  /** Of what it says on each of its streams, no more than so much is kept, from the beginning. */
  readonly mostBytes?: number;
}

/** Gives the errno's name ("ENOENT") of an error that a System threw; undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && error.code.startsWith("E") ? error.code : undefined;
}
