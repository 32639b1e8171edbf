// The port's functions about mounts, in memory: mount(2) for what a boot mounts.
import type { Mount } from "../../../src/core/kernel/mount-table.ts";
import type { MountFlag, MountRequest, System } from "../../../src/system/port/system.ts";
import type { Devices } from "./devices.ts";
import { makeEntry } from "./entry.ts";
import { fail } from "./errors.ts";
import type { MountPoint, Namespace, Place } from "./namespace.ts";
import { type Layer, OverlayFileSystem } from "./overlay.ts";
import { freeBytesOf } from "./room.ts";
import { type FileSystem, join, TreeFileSystem } from "./tree.ts";

/** The functions of the port that this file implements. */
export type MountFunctions = Pick<
  System,
  "mount" | "unmount" | "cloneMounts" | "attachMounts" | "mounts" | "isolateMounts"
>;

/** The file systems that the kernel can mount. */
export interface Mountable {
  readonly namespace: Namespace;
  readonly devices: Devices;
  /** File systems that the kernel generates ("proc", "sysfs", "devtmpfs"), one of each. */
  readonly virtual: ReadonlyMap<string, FileSystem>;
  /** Types of file systems that the kernel knows; a module adds its name. */
  readonly types: ReadonlySet<string>;
}

const mountOptions: readonly MountFlag[] = [
  "nosuid",
  "nodev",
  "noexec",
  "nosymfollow",
  "noatime",
  "nodiratime",
  "relatime",
];
const neverWritable = new Set(["squashfs", "erofs", "iso9660"]);
/** Options of file systems on devices that tests use; any other is EINVAL, as a misspelt one is. */
const deviceOptions =
  /^(noload|norecovery|nouuid|nologreplay|noinit_itable|rescue=.*|errors=.*|data=.*|commit=\d+|discard|compress(-force)?=.*|subvol(id)?=.*|iocharset=.*|utf8|codepage=\d+|[ugf]id=\d+|umask=\d+|threads=.*)$/;
/** Options that ignore a journal; without them a read-only device with a pending one is refused. */
const withoutReplay = /(^|,)(noload|norecovery|rescue=nologreplay)(,|$)/;
const overlayOptions =
  /^(index|metacopy|xino|redirect_dir|nfs_export|userxattr|volatile|uuid|verity)(=.*)?$/;

/** Makes the functions about mounts. */
export function mountFunctions({ namespace, devices, virtual, types }: Mountable): MountFunctions {
  function mountNew(request: MountRequest, target: Place): void {
    const { source, type = "", flags = [] } = request;
    const fileSystem = open(request);
    const isMounted = namespace.mounts.some((mount) => mount.fileSystem === fileSystem);
    if (namespace.entry(target)?.kind !== "directory") fail("ENOTDIR", request.target);
    const isReadonly = flags.includes("ro");
    if (!virtual.has(type) && !(isMounted && type === "btrfs"))
      fileSystem.isReadonly ||= isReadonly;
    namespace.mounts.push({
      fileSystem,
      root: "/",
      source,
      carrier: hasNumberOfItsOwn(type) ? undefined : numberOf(source),
      at: target,
      isReadonly,
      options: optionsOf(flags),
    });
  }

  function hasNumberOfItsOwn(type: string): boolean {
    return virtual.has(type) || ["tmpfs", "ramfs", "overlay", "btrfs"].includes(type);
  }

  function numberOf(source: string): number {
    return namespace.find(source).entry.deviceNumber;
  }

  function open({ source, type = "", flags = [], data = "" }: MountRequest): FileSystem {
    const made = virtual.get(type);
    if (made) return made;
    if (type === "tmpfs" || type === "ramfs") return openTmpfs(type, data);
    if (!types.has(type)) fail("ENODEV", source);
    if (type === "overlay") return openOverlay(namespace, data);
    return openDevice({ source, type, isReadonly: flags.includes("ro"), data });
  }

  function openDevice({
    source,
    type,
    isReadonly,
    data,
  }: {
    source: string;
    type: string;
    isReadonly: boolean;
    data: string;
  }): FileSystem {
    const { entry } = namespace.find(source);
    if (entry.kind !== "block") fail("ENOTBLK", source);
    const device = devices.find(entry.deviceNumber) ?? fail("ENXIO", source);
    if (device.isReadonly && !isReadonly) fail("EACCES", source);
    if (devices.isKept(entry.deviceNumber)) fail("EBUSY", source);
    const image = device.content().imageAt(0);
    if (!image || !isDriver(type, image.type)) fail("EINVAL", source);
    if (!data.split(",").every((word) => word === "" || deviceOptions.test(word)))
      fail("EINVAL", source);
    const { fileSystem } = image;
    if (fileSystem.totalBytes > device.content().length) fail("EINVAL", source);
    const isMounted = namespace.mounts.some((mount) => mount.fileSystem === fileSystem);
    const willBeReadonly = isReadonly || neverWritable.has(type);
    // A mount of btrfs may be read-only while another is not.
    if (isMounted && type === "btrfs") return fileSystem;
    if (isMounted && fileSystem.isReadonly !== willBeReadonly) fail("EBUSY", source);
    if (fileSystem.logged && !withoutReplay.test(data)) {
      if (device.isReadonly) fail("EROFS", source);
      fileSystem.replay();
    }
    fileSystem.isReadonly = willBeReadonly;
    fileSystem.options = data === "" ? [] : data.split(",");
    devices.carry(fileSystem, entry.deviceNumber);
    return fileSystem;
  }

  function remount({ source, target, flags = [] }: MountRequest): void {
    const mount = namespace.mountAt(target);
    const isReadonly = flags.includes("ro");
    if (flags.includes("bind")) {
      mount.isReadonly = isReadonly;
      mount.options = optionsOf(flags);
      return;
    }
    if (!isReadonly && devices.under(mount.fileSystem)?.isReadonly) fail("EACCES", source);
    mount.isReadonly = isReadonly;
    mount.options = optionsOf(flags);
    mount.fileSystem.isReadonly = isReadonly || neverWritable.has(mount.fileSystem.type);
  }

  function bind({ source, target, flags = [] }: MountRequest): void {
    const from = namespace.find(source);
    const at = namespace.find(target);
    if ((from.entry.kind === "directory") !== (at.entry.kind === "directory"))
      fail("ENOTDIR", target);
    const deep = flags.includes("rec");
    const copies = copyMounts({ ...from.place.mount, root: from.place.path }, from.place, deep);
    copies[0].at = at.place;
    namespace.mounts.push(...copies);
  }

  function copyMounts(
    copy: MountPoint,
    from: Place,
    deep: boolean,
  ): [top: MountPoint, ...below: MountPoint[]] {
    const below = deep
      ? namespace.mounts.filter(
          (one) => one.at?.mount === from.mount && isBelow(one.at.path, from.path),
        )
      : [];
    const copies = below.flatMap((one) => {
      const at = { mount: copy, path: one.at?.path ?? "/" };
      return copyMounts({ ...one, at }, { mount: one, path: one.root }, deep);
    });
    return [copy, ...copies];
  }

  function move({ source, target }: MountRequest): void {
    const mount = namespace.mountAt(source);
    const { place } = namespace.find(target);
    if (namespace.isWithin(place.mount, mount)) fail("ELOOP", target);
    mount.at = place;
  }

  return {
    mount(request) {
      const { target, flags = [], data = "" } = request;
      if (data.length >= 4096) fail("E2BIG", target);
      if (flags.includes("remount")) return remount(request);
      if (flags.includes("bind")) return bind(request);
      if (flags.includes("move")) return move(request);
      if (flags.includes("private") || flags.includes("slave"))
        return void namespace.mountAt(target);
      mountNew(request, namespace.find(target).place);
    },
    unmount(target, how) {
      const mount = namespace.mountAt(target);
      const below = namespace.below(mount);
      if (below.length > 0 && how !== "lazy") fail("EBUSY", target);
      const gone = new Set([mount, ...below]);
      const left = namespace.mounts.filter((one) => !gone.has(one));
      namespace.mounts.splice(0, namespace.mounts.length, ...left);
    },
    cloneMounts(path) {
      const { place } = namespace.find(path);
      const copy = { ...place.mount, root: place.path, at: undefined };
      return namespace.openCopy(copyMounts(copy, place, true));
    },
    attachMounts(opened, target) {
      const { place, entry } = namespace.find(target);
      if (entry.kind !== "directory") fail("EINVAL", target);
      namespace.attach(opened, place);
    },
    mounts: (): Mount[] => namespace.list(),
    isolateMounts() {
      const proc = virtual.get("proc");
      const before = proc?.find("/self/ns/mnt");
      if (!proc || !before) return;
      const number = Number(/\d+/.exec(before.target)?.[0] ?? 0);
      proc.remove("/self/ns/mnt");
      proc.add("/self/ns/mnt", makeEntry("link", { target: `mnt:[${number + 1}]` }));
    },
  };
}

function openTmpfs(type: string, data: string): FileSystem {
  const fileSystem = new TreeFileSystem(type);
  const options: string[] = [];
  for (const word of data.split(",").filter((one) => one !== "")) {
    const [, name = "", value = ""] =
      /^(size|mode|nr_inodes|uid|gid|huge)=(.+)$/.exec(word) ?? fail("EINVAL", data);
    if (name === "mode") fileSystem.root.mode = Number.parseInt(value, 8);
    if (name === "size") fileSystem.totalBytes = parseSize(value);
    options.push(name === "size" ? `size=${fileSystem.totalBytes / 1024}k` : word);
  }
  if (!data.includes("mode=")) fileSystem.root.mode = 0o1777;
  fileSystem.options = options;
  return fileSystem;
}

/** The machine's memory, for shares in percent. */
const machineBytes = 2 ** 30;

function parseSize(text: string): number {
  const [, digits = "", unit = ""] = /^(\d+)([kmg%]?)$/i.exec(text) ?? fail("EINVAL", text);
  const factor =
    { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, "%": machineBytes / 100 }[unit.toLowerCase()] ?? 1;
  return Math.ceil((Number(digits) * factor) / 4096) * 4096;
}

function openOverlay(namespace: Namespace, data: string): FileSystem {
  const words = splitAt(data, ",").filter((word) => word !== "");
  const value = (name: string) => {
    const word = words.findLast((one) => one.startsWith(`${name}=`));
    return word?.slice(name.length + 1);
  };
  for (const word of words)
    if (!/^(lowerdir|upperdir|workdir)=/.test(word) && !overlayOptions.test(word))
      fail("EINVAL", word);
  const lowers = splitAt(value("lowerdir") ?? fail("EINVAL", data), ":").map((path) =>
    findLayer(namespace, withoutBackslashes(path)),
  );
  const [upperPath, workPath] = [value("upperdir"), value("workdir")];
  if (upperPath === undefined)
    return new OverlayFileSystem({ upper: undefined, lowers, options: words });
  const upper = findLayer(namespace, withoutBackslashes(upperPath));
  const work = findLayer(namespace, withoutBackslashes(workPath ?? fail("EINVAL", data)));
  if (upper.mount.isReadonly || upper.fileSystem.isReadonly || upper.mount !== work.mount)
    fail("EINVAL", data);
  if (isBelow(work.path, upper.path) || isBelow(upper.path, work.path)) fail("EINVAL", data);
  const overlay = new OverlayFileSystem({ upper, lowers, options: words });
  const inner = join(work.path, "work");
  const isThere = work.fileSystem.find(inner) !== undefined;
  // A directory takes a block, except on tmpfs.
  if (!isThere && work.fileSystem.type !== "tmpfs" && freeBytesOf(work.fileSystem) === 0) {
    overlay.isReadonly = true;
    return overlay;
  }
  // Every mount makes it anew.
  if (isThere) work.fileSystem.remove(inner);
  work.fileSystem.add(inner, makeEntry("directory", { mode: 0 }));
  return overlay;
}

function findLayer(namespace: Namespace, path: string): Layer & { mount: MountPoint } {
  const { place, entry } = namespace.find(path);
  if (entry.kind !== "directory") fail("ENOTDIR", path);
  return { fileSystem: place.mount.fileSystem, path: place.path, mount: place.mount };
}

/** A backslash escapes the character after it. */
function splitAt(text: string, separator: string): string[] {
  const parts = [""];
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === separator) parts.push("");
    else
      parts.push(
        (parts.pop() ?? "") + (character === "\\" ? character + (text[++at] ?? "") : character),
      );
  }
  return parts;
}

function withoutBackslashes(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}

/** ext4's driver mounts ext2 and ext3 too. */
function isDriver(driver: string, type: string): boolean {
  return driver === type || (driver === "ext4" && /^ext[23]$/.test(type));
}

function isBelow(path: string, above: string): boolean {
  return path === above || above === "/" || path.startsWith(`${above}/`);
}

function optionsOf(flags: readonly MountFlag[]): readonly string[] {
  const found = mountOptions.filter((option) => flags.includes(option));
  return found.includes("noatime") || found.includes("relatime") ? found : [...found, "relatime"];
}
