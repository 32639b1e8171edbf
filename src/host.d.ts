// The module "host": the C functions of native/, as system/port/native.ts and main.ts see them.
// Each one that fails throws an Error with `code` (the errno's name), `reason`, `syscall` and, if
// there is one, `path`.
declare module "host" {
  type Data = string | Uint8Array;
  interface Status {
    kind: "file" | "directory" | "link" | "block" | "character" | "fifo" | "socket";
    mode: number;
    uid: number;
    gid: number;
    bytes: number;
    allocatedBytes: number;
    inode: number;
    device: number;
    deviceNumber: number;
    links: number;
  }
  interface Time {
    seconds: number;
    nanoseconds: number;
  }

  interface Entry extends Omit<Status, "device"> {
    modified: Time;
    target: string | undefined;
    xattrs: Map<string, Uint8Array>;
  }

  // host.c
  function environment(): Record<string, string>;
  function text(name: string): string | undefined;
  function exit(status: number): never;
  function commandLine(): string[];

  // contents.c
  function readFile(path: string): string;
  /**
   * Like readFile, for the kernel's tables of paths: bytes that are not UTF-8 are preserved, as in
   * paths.
   */
  function readPaths(path: string): string;
  function readRange(path: string, offset: number, length: number): ArrayBuffer;
  function writeFile(path: string, data: Data, mode: number): void;
  function appendFile(path: string, data: Data): void;
  function writeRange(path: string, offset: number, data: Data): void;
  function readLine(): string | undefined;
  function waitForInput(timeoutMs: number): boolean;
  function writeStream(fd: number, data: Data): void;
  function kernelLog(): string;
  /** Writes one record to the kernel log; does nothing if there is none. */
  function logKernel(line: string): void;
  function isTerminal(fd: number): boolean;
  /** Returns the width of a terminal; undefined if it is none or does not know. */
  function columnsOf(fd: number): number | undefined;

  // reading.c
  /** Returns a handle of a regular file, to be closed. */
  function openBelow(root: string, path: string): number;
  function listBelow(root: string, path: string, most: number): string[];
  /** Returns a handle of a directory for nextNames(), to be closed. */
  function openNames(root: string, path: string): number;
  function nextNames(handle: number): string[];
  function isSameContent(root: string, path: string, otherRoot: string, otherPath: string): boolean;
  function statusOf(handle: number): Status;
  function readAt(handle: number, offset: number, length: number): ArrayBuffer;
  function readTextAt(handle: number, mostBytes: number): string;

  // copying.c
  function copyData(from: number, to: string): void;
  function dataRanges(handle: number): number[];

  // direct.c
  function readDirect(device: string, offset: number, length: number): ArrayBuffer;
  function writeDirect(device: string, offset: number, data: Data): void;
  function copyDirect(
    from: string,
    at: number,
    length: number,
    device: string,
    offset: number,
  ): void;
  function isSameDirect(
    from: string,
    at: number,
    length: number,
    device: string,
    offset: number,
  ): boolean;

  // digest.c
  /** Calls `progress` after each part of the file that was read. */
  function sha512(handle: number, progress: (bytes: number) => void): ArrayBuffer;

  // packed.c
  function readPacked(path: string): ArrayBuffer;

  // files.c
  function readdir(path: string): string[];
  function stat(path: string): Status | undefined;
  function lstat(path: string): Status | undefined;
  function times(path: string): { born?: Time; modified: Time } | undefined;
  function readlink(path: string): string;
  function realpath(path: string): string;
  function fileHandle(path: string): ArrayBuffer | undefined;
  function mkdtemp(prefix: string): string;
  function symlink(path: string, target: string): void;
  function rename(from: string, to: string): void;
  function exchange(one: string, other: string): void;
  function link(path: string, to: string): void;
  function setModified(path: string, seconds: number, nanoseconds: number): void;
  function mkdir(path: string, mode: number): void;
  function mknod(path: string, kind: string, mode: number, deviceNumber: number): void;
  function unlink(path: string): void;
  function rmdir(path: string): void;
  function chmod(path: string, mode: number): void;
  function lchown(path: string, uid: number, gid: number): void;
  function writeOut(path: string, offset: number, length: number): void;
  function fsync(path: string): void;
  function syncfs(path: string): void;
  function lgetxattr(path: string, name: string): ArrayBuffer | undefined;
  function lsetxattr(path: string, name: string, value: Data): void;
  function lremovexattr(path: string, name: string): void;
  function llistxattr(path: string): string[];

  // entries.c
  /** The value of the attribute `unread` is left empty. */
  function lookIn(
    directory: string,
    names: readonly string[],
    unread: string,
  ): (Entry | undefined)[];

  // descriptors.c
  function createFile(path: string, mode: number): void;
  function createOpen(path: string, mode: number): number;
  function openFile(path: string): number;
  function openDirectory(path: string): number;

  // allocation.c
  function statvfs(path: string): {
    totalBytes: number;
    availableBytes: number;
    freeBytes: number;
    totalInodes: number;
    freeInodes: number;
    readonly: boolean;
  };
  function allocate(path: string, offset: number, length: number): void;
  function reserve(path: string, offset: number, length: number): void;
  function truncate(path: string, bytes: number): void;
  function disableCopyOnWrite(path: string): void;
  function ownership(path: string): { sharedBytes: number; isCopiedOnWrite: boolean };
  function unshare(path: string, offset: number, length: number): void;

  // mounts.c
  function mount(source: string, target: string, type: string, flags: number, data: string): void;
  function umount(target: string, lazy: boolean): void;
  /** Returns a handle of mounts that are attached nowhere; they are gone when it is closed. */
  function cloneMounts(path: string): number;
  function attachMounts(from: string, to: string): void;
  function unshareMounts(): void;
  function switchRoot(root: string, argv: readonly string[]): never;

  // devices.c
  function deviceBytes(path: string): number;
  function isReadonly(device: string): boolean;
  function setReadonly(device: string, readonly: boolean): void;
  function rereadPartitions(device: string): void;
  function waitForUevent(timeoutMs: number): boolean;
  function insertModule(path: string, parameters: string): void;

  // loops.c
  function attachLoop(
    file: string,
    readonly: boolean,
    offset: number,
    bytes: number,
    directIo: boolean,
    givesBack: boolean,
  ): { device: string; handle: number };
  function loopStatus(device: string):
    | {
        device: number;
        inode: number;
        offset: number;
        bytes: number;
        readonly: boolean;
        directIo: boolean;
      }
    | undefined;
  function setLoopCapacity(device: string): void;
  function detachLoop(device: string): void;

  // locks.c
  /**
   * Returns the handle that holds the lock until it is closed, here and in every child that was
   * started meanwhile.
   */
  function lock(path: string): number;
  function hasPartLocks(path: string): boolean;
  function isBusy(device: string): boolean;
  /** Returns the handle that holds the device until it is closed. */
  function claim(device: string): number;
  function close(handle: number): void;

  // processes.c
  function run(
    argv: readonly string[],
    stdin: Data,
    directory: string | undefined,
    timeoutMs: number | undefined,
    mostBytes: number | undefined,
    user: number | undefined,
    waiting: (() => void) | undefined,
  ): { status?: number; signal?: number; timedOut?: true; stdout: string; stderr: string };
  /** From now on the engine throws when no memory is left; before, the process ends in words. */
  function hasStarted(): void;
  /** From now on the first SIGINT, SIGTERM or SIGHUP is only noted; the second ends the process. */
  function catchInterruptions(): void;
  function isInterrupted(): boolean;
  function becomeProgram(argv: readonly string[]): never;
  function fork(): number;
  function waitForChild(child: number, waits: boolean): boolean;
  function killProcess(id: number): void;
  function reboot(how: "poweroff" | "reboot" | "halt" | "kexec", argument: string): never;
  function setEnvironment(name: string, value: string): void;
  function uname(): { release: string; machine: string };
  function bootTime(): number;
  function processId(): number;
  function userId(): number;

  // inside.c
  function runFirst(work: () => number, limitMs: number): { status?: number; signal?: number };
  function runHere(
    argv: readonly string[],
    environment: readonly string[],
    directory: string,
  ): { status?: number; signal?: number };
  function enterRoot(root: string): void;
}

/** The version in package.json, put in by the build. */
declare const VERSION: string;
