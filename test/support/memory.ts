// A System in memory, made from a table of what a machine has: files, disks with file systems, the
// contents of /proc and /sys, programs. It meets the contract (contract.ts), records changes, and
// fails where told to.
import type { Ending, RunOptions, System } from "../../src/system/port/system.ts";
import { allocationFunctions } from "./memory/allocation.ts";
import type { Content } from "./memory/content.ts";
import { Devices } from "./memory/devices.ts";
import { directFunctions } from "./memory/direct.ts";
import { attachDisk, type Disk } from "./memory/disks.ts";
import { written } from "./memory/edited.ts";
import { directory, type Entry, makeEntry, node, put, type Tree } from "./memory/entry.ts";
import { fail } from "./memory/errors.ts";
import { fileFunctions } from "./memory/files.ts";
import { type ImageRequest, image } from "./memory/image.ts";
import { Locks } from "./memory/locks.ts";
import { mountFunctions } from "./memory/mounting.ts";
import { Namespace } from "./memory/namespace.ts";
import { type Call, type Fault, recorded } from "./memory/recorded.ts";
import { TreeFileSystem } from "./memory/tree.ts";

/** A machine as a test writes it; everything is optional. */
export interface Machine {
  /** The contents of the root file system. */
  readonly files?: Tree;
  /** The contents of /proc and /sys, besides the entries of the disks. */
  readonly proc?: Tree;
  readonly sys?: Tree;
  readonly disks?: readonly Disk[];
  /**
   * Whether /proc, /sys and /dev are mounted from the beginning, as they are unless this is an
   * initramfs.
   */
  readonly isBooted?: boolean;
  readonly release?: string;
  /** Types of file systems that the kernel knows without loading a module. */
  readonly types?: readonly string[];
  readonly programs?: Readonly<Record<string, Program>>;
  /**
   * What can be read from standard input; or what a user types, and when. Input ends afterwards.
   */
  readonly stdin?: string | readonly Typed[];
  readonly faults?: readonly Fault[];
}

/** A line that a user types, once the machine has been up for so long. */
export interface Typed {
  readonly atMs: number;
  readonly text: string;
}

/** A stand-in for a program; by default it exits with status 0 and prints nothing. */
export type Program = (call: {
  readonly argv: readonly string[];
  readonly stdin: string;
  readonly directory: string;
  /** The root that it has for itself. */
  readonly root: string;
  readonly system: System;
}) => {
  status?: number;
  signal?: number;
  stdout?: string;
  stderr?: string;
  /** How long it would run before it ends. */
  takesMs?: number;
  /** A child of it continues, with the locks that are held now, until endLeftBehind(). */
  leavesChild?: true;
};

/** A System in memory, and its state. */
export interface Memory {
  readonly system: System;
  readonly journal: readonly Call[];
  /** What was printed, in order. */
  readonly said: readonly {
    readonly where: "stdout" | "stderr" | "kernel";
    readonly text: string;
  }[];
  /** Modules in the kernel, by name. */
  readonly modules: ReadonlySet<string>;
  /** Adds something afterwards, as if another program had; the directory exists. */
  readonly put: (path: string, entry: Entry) => void;
  /**
   * Makes a file system in an existing file or on a device, as mkfs would; of its whole size by
   * default.
   */
  readonly format: (path: string, request: ImageRequest) => void;
  /** Returns the contents of a file or device: its holes, and the file systems in it. */
  readonly content: (path: string) => Content;
  /** Returns a file or directory with what the port does not show of it. */
  readonly entry: (path: string) => Entry;
  /** Ends the children that programs left behind. */
  readonly endLeftBehind: () => void;
}

/** Thrown by handOver() and becomeProgram(), which do not return on a real machine. */
export class HandedOver extends Error {
  readonly root: string;
  readonly argv: readonly string[];

  constructor(root: string, argv: readonly string[]) {
    super(`handed over to ${argv.join(" ")} in ${root}`);
    this.root = root;
    this.argv = argv;
  }
}

/** Thrown by shutDown(), which does not return either. */
export class ShutDown extends Error {
  readonly how: Ending;
  readonly argument: string | undefined;

  constructor(how: Ending, argument: string | undefined) {
    super(`shut down: ${how}`);
    this.how = how;
    this.argument = argument;
  }
}

const usualTypes = [
  "ext2",
  "ext3",
  "ext4",
  "xfs",
  "btrfs",
  "f2fs",
  "vfat",
  "exfat",
  "iso9660",
  "squashfs",
  "erofs",
  "overlay",
];
/** The directories that the PATH of commands always has (main.ts). */
const programDirectories = ["local/sbin", "sbin", "local/bin", "bin"]
  .map((path) => `/usr/${path}`)
  .concat("/sbin", "/bin");
const zstdMagic = [0x28, 0xb5, 0x2f, 0xfd];

/** Makes a machine in memory. */
export function createMemory(machine: Machine = {}): Memory {
  const root = new TreeFileSystem("rootfs", { root: directory(machine.files ?? {}) });
  for (const name of ["dev", "proc", "run", "sys", "tmp"])
    if (!root.root.children.has(name)) put(root.root, name, makeEntry("directory"));
  const namespace = new Namespace(root);
  const virtual = makeVirtual(machine);
  const types = new Set(machine.types ?? usualTypes);
  const modules = new Set<string>();
  const said: { where: "stdout" | "stderr" | "kernel"; text: string }[] = [];
  let clockMs = 1000;
  let isAnnounced = false;

  const announce = () => {
    isAnnounced = true;
  };
  const devices = new Devices({ namespace, devtmpfs: virtual.devtmpfs, announce });
  const coming = (machine.disks ?? []).map((disk, index) => ({ disk, index }));
  const attachUntil = (timeMs: number) => {
    while (coming[0] && (coming[0].disk.comesAtMs ?? 0) <= timeMs) {
      const { disk, index } = coming.shift() ?? fail("EIO");
      attachDisk(disk, { devices, sysfs: virtual.sysfs, index });
    }
  };
  coming.sort((one, other) => (one.disk.comesAtMs ?? 0) - (other.disk.comesAtMs ?? 0));
  attachUntil(clockMs);
  isAnnounced = false;

  const locks = new Locks();
  const typed = typeof machine.stdin === "object" ? machine.stdin : [];
  const input = [
    { atMs: 0, text: typeof machine.stdin === "string" ? machine.stdin : "" },
    ...typed,
  ].flatMap(({ atMs, text }) => linesOf(text).map((line) => ({ atMs, line })));
  const passUntil = (timeMs: number) => {
    const next = coming[0]?.disk.comesAtMs ?? Number.POSITIVE_INFINITY;
    clockMs = Math.max(clockMs, Math.min(timeMs, next));
    attachUntil(clockMs);
  };
  const deviceOf = (number: number) => devices.find(number) ?? fail("ENXIO");
  const files = fileFunctions(namespace, (number) => deviceOf(number).content());
  const mounting = mountFunctions({
    namespace,
    devices,
    virtual: new Map(Object.entries(virtual)),
    types,
  });
  if (machine.isBooted !== false)
    for (const [type, target] of [
      ["proc", "/proc"],
      ["sysfs", "/sys"],
      ["devtmpfs", "/dev"],
    ] as const)
      mounting.mount({ source: type, target, type });

  const allocation = allocationFunctions(namespace, deviceOf);
  const plain: System = {
    ...files,
    ...allocation,
    ...directFunctions({ ...files, ...allocation }),
    ...mounting,
    ...devices.functions(),
    // As in /proc/locks, if a test has written one.
    hasPartLocks(path) {
      const { entry } = namespace.find(path);
      const text = files.status("/proc/locks") ? files.readText("/proc/locks") : "";
      const isMeant = (line: string) =>
        line.includes(`:${entry.inode} `) && !line.includes("FLOCK");
      return text.split("\n").some(isMeant);
    },
    withLock: (path, use) => locks.hold(namespace.find(path).entry, { path, use }),
    readLine() {
      while (input[0] && input[0].atMs > clockMs) passUntil(input[0].atMs);
      return input.shift()?.line;
    },
    waitForInput(timeoutMs) {
      const end = clockMs + timeoutMs;
      const next = input[0]?.atMs ?? clockMs;
      while (clockMs < Math.min(next, end)) passUntil(Math.min(next, end));
      return next <= clockMs;
    },
    waitForDevices(timeoutMs) {
      if (isAnnounced) attachUntil(clockMs);
      else passUntil(clockMs + timeoutMs);
      const heard = isAnnounced;
      isAnnounced = false;
      return heard;
    },
    insertModule(path) {
      const content = files.readBytes(path, 0, 4);
      if (path.endsWith(".zst") && zstdMagic.some((byte, at) => content[at] !== byte))
        fail("ENOEXEC", path);
      if (path.endsWith(".zst") && (files.status(path)?.bytes ?? 0) < 9) fail("ENOEXEC", path);
      const name = path
        .replace(/^.*\//, "")
        .replace(/\.ko(\.\w+)?$/, "")
        .replaceAll("-", "_");
      if (modules.has(name)) fail("EEXIST", path);
      modules.add(name);
      types.add(name);
    },
    findProgram(name) {
      const paths = name.includes("/") ? [name] : programDirectories.map((at) => `${at}/${name}`);
      const found = paths.find((path) => {
        const status = plain.status(path);
        return status?.kind === "file" && (status.mode & 0o111) !== 0;
      });
      return found ?? (machine.programs?.[name] ? `/bin/${name}` : undefined);
    },
    kernel: () => ({ release: machine.release ?? "6.1.0-test", machine: "x86_64" }),
    uptimeMs: () => clockMs,
    kernelLog: () =>
      said.flatMap(({ where, text }) => (where === "kernel" ? [`${text}\n`] : [])).join(""),
    run: (argv, options) => runProgram(argv, options),
    say(where, text) {
      said.push({ where, text });
    },
    background(work) {
      // There is one process here: parallel work is done at once.
      work();
      return { isOver: () => true, wait: () => {} };
    },
    enterRoot(path) {
      const { place, entry } = namespace.find(path);
      if (entry.kind !== "directory") fail("ENOTDIR", path);
      namespace.enter(place);
    },
    runFirst: (work) => namespace.keepingRoot(() => ({ status: work() & 0xff, signal: undefined })),
    runHere(argv, { directory }) {
      const { status, signal, stdout, stderr } = runProgram(argv, { directory });
      plain.say("stdout", stdout);
      plain.say("stderr", stderr);
      return { status, signal };
    },
    endProcess(id) {
      if (!virtual.proc.find(`/${id}`)) fail("ESRCH");
      virtual.proc.remove(`/${id}`);
    },
    becomeProgram(argv) {
      const [path = ""] = argv;
      const status = plain.status(path) ?? fail("ENOENT", path);
      if (status.kind !== "file" || (status.mode & 0o111) === 0) fail("EACCES", path);
      throw new HandedOver("/", argv);
    },
    handOver(newRoot, argv) {
      throw new HandedOver(newRoot, argv);
    },
    shutDown(how, argument) {
      throw new ShutDown(how, argument);
    },
  };
  const journal: Call[] = [];
  const system = recorded(plain, {
    journal,
    faults: machine.faults ?? [],
    name: (text) => namespace.nameOpened(text),
  });
  const putAt = (path: string, entry: Entry) => {
    const place = namespace.locate(path);
    place.mount.fileSystem.add(place.path, entry);
  };
  const contentAt = (path: string) => {
    const { entry } = namespace.find(path);
    return entry.kind === "block" ? deviceOf(entry.deviceNumber).content() : entry.content;
  };
  return {
    system,
    journal,
    said,
    modules,
    put: putAt,
    format(path, request) {
      const { entry } = namespace.find(path);
      const made = image({ bytes: contentAt(path).length, ...request });
      const beginning = { offset: 0, bytes: made.read(0, formattedBytes), image: made.imageAt(0) };
      if (entry.kind === "block") deviceOf(entry.deviceNumber).put(beginning);
      else entry.content = written(entry.content, beginning);
    },
    content: contentAt,
    entry: (path) => namespace.find(path).entry,
    endLeftBehind: () => locks.endLeftBehind(),
  };

  function runProgram(
    argv: readonly string[],
    { stdin = "", directory, timeoutMs, mostBytes, apart, waiting }: RunOptions = {},
  ) {
    const at = apart?.root ?? directory ?? "/";
    const [name = fail("EINVAL")] = argv;
    if (argv.some((word) => word.includes("\0"))) fail("EINVAL", name);
    if (namespace.find(at).entry.kind !== "directory") fail("ENOTDIR", at);
    const isHere = apart === undefined || isInRoot(name, apart.root);
    const program = isHere ? machine.programs?.[name] : undefined;
    const silent = { argv, status: undefined, signal: undefined, stdout: "", stderr: "" };
    if (program) {
      const {
        leavesChild,
        takesMs = 0,
        ...ended
      } = program({
        argv: argv.map((word) => namespace.nameOpened(word)),
        stdin,
        directory: apart === undefined ? at : "/",
        root: apart?.root ?? "/",
        system,
      });
      if (leavesChild && apart === undefined) locks.leaveBehind();
      const endMs = clockMs + Math.min(takesMs, timeoutMs ?? takesMs);
      while (clockMs < endMs) {
        passUntil(Math.min(clockMs + 100, endMs));
        try {
          waiting?.();
        } catch {
          // The program goes on.
        }
      }
      if (takesMs > (timeoutMs ?? takesMs))
        return { ...silent, ...ended, status: undefined, signal: 9, timedOut: true as const };
      return {
        ...silent,
        ...ended,
        stdout: (ended.stdout ?? "").slice(0, mostBytes),
        stderr: (ended.stderr ?? "").slice(0, mostBytes),
        status: ended.signal === undefined ? (ended.status ?? 0) : undefined,
      };
    }
    const isThere = isHere && name.includes("/") && plain.status(name) !== undefined;
    const [status, reason] = isThere
      ? [126, "Permission denied"]
      : [127, "No such file or directory"];
    return { ...silent, status, stderr: `${name}: ${reason}\n` };
  }

  /** The programs of a machine are in its own root, however that is mounted. */
  function isInRoot(name: string, at: string): boolean {
    if (namespace.find(at).entry === root.root) return true;
    const paths = name.includes("/") ? [name] : programDirectories.map((bin) => `${bin}/${name}`);
    return paths.some((path) => plain.status(`${at}${path}`) !== undefined);
  }
}

/** As much of a new file system as superblocks and their signatures need. */
const formattedBytes = 128 << 10;

/** The rest of a longer line is dropped (native/contents.c). */
const longestLine = 65_536;

/** The last line may lack its newline. */
function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => line.slice(0, longestLine));
}

function makeVirtual(machine: Machine) {
  const proc = new TreeFileSystem("proc", {
    root: directory({ version: "Linux version 6.1.0-test\n", ...machine.proc }),
  });
  const sysfs = new TreeFileSystem("sysfs", {
    root: directory({ "class/block": {}, block: {}, ...machine.sys }),
  });
  const devtmpfs = new TreeFileSystem("devtmpfs", {
    root: directory({
      null: node("character", 0x103),
      kmsg: node("character", 0x10b),
      console: node("character", 0x501),
    }),
  });
  return { proc, sysfs, devtmpfs };
}
