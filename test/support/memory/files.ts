// The port's functions about files, in memory.
import { createHash } from "node:crypto";
import { decodeUtf8, encodeUtf8 } from "../../../src/core/bytes/utf.ts";
import type { DiskPlace, FileStatus, System } from "../../../src/system/port/system.ts";
import type { Content } from "./content.ts";
import { type Entry, makeEntry } from "./entry.ts";
import { fail } from "./errors.ts";
import { deviceOf, isTop, type Namespace, type Place, writable } from "./namespace.ts";
import { unpack } from "./packed.ts";
import { writeFitting } from "./room.ts";

/** The functions of the port that this file implements. */
export type FileFunctions = Pick<
  System,
  | "readText"
  | "readBytes"
  | "withFile"
  | "listBelow"
  | "openNames"
  | "isSameContent"
  | "readPacked"
  | "writeFile"
  | "appendFile"
  | "createOpen"
  | "openFile"
  | "openDirectory"
  | "list"
  | "status"
  | "linkStatus"
  | "times"
  | "setModified"
  | "copyData"
  | "lookIn"
  | "readLink"
  | "resolve"
  | "fileHandle"
  | "makeDirectory"
  | "makeLink"
  | "makeHardLink"
  | "makeNode"
  | "makeTemporaryDirectory"
  | "removeFile"
  | "removeDirectory"
  | "rename"
  | "exchange"
  | "setMode"
  | "setOwner"
  | "getXattr"
  | "setXattr"
  | "removeXattr"
  | "listXattrs"
  | "writeOut"
  | "sync"
  | "syncFileSystem"
>;

const umask = 0o022;
/** The kernel gives few names at a time, too. */
const namesAtOnce = 3;

const hashedBytes = 4 << 20;
const mostBytes = 256 << 20;
/** The file systems whose files the kernel generates: they have no size and no attributes. */
const virtual = new Set(["proc", "sysfs"]);
/** File systems that do not record when a file was made, as mkfs makes them. */
const withoutBirths = new Set(["f2fs", "vfat"]);

/** Makes the functions about files; `contentOf` returns the contents of a block device. */
export function fileFunctions(
  namespace: Namespace,
  contentOf: (deviceNumber: number) => Content,
): FileFunctions {
  let temporary = 0;

  function contents(path: string): Content {
    const { entry } = namespace.find(path);
    if (entry.kind === "directory") fail("EISDIR", path);
    if (entry.kind === "fifo") fail("ESPIPE", path);
    return entry.kind === "block" ? contentOf(entry.deviceNumber) : entry.content;
  }

  /** Returns the place of something new, whose name must be free. */
  function freePlace(path: string): Place {
    const place = namespace.locate(path.replace(/(?<=.)\/+$/, ""), { followLast: false });
    if (namespace.entry(place)) fail("EEXIST", path);
    return writable(place, path);
  }

  function add(path: string, entry: Entry): void {
    const place = freePlace(path);
    place.mount.fileSystem.add(place.path, entry);
  }

  /** Returns the entry of a path, to be changed. */
  function changeable(path: string, options?: { followLast?: boolean }): Entry {
    const { place } = namespace.find(path, options);
    return writable(place, path).mount.fileSystem.change(place.path);
  }

  function create(path: string, mode: number): Place {
    if (path.endsWith("/")) fail("EISDIR", path);
    const place = freePlace(path);
    place.mount.fileSystem.add(place.path, makeEntry("file", { mode: mode & ~umask }));
    return place;
  }

  function append(path: string, bytes: Uint8Array): void {
    const { place, entry: found } = namespace.find(path);
    if (found.kind === "directory") fail("EISDIR", path);
    if (found.kind === "fifo") fail("ENXIO", path);
    if (found.kind !== "file") return;
    const { fileSystem } = writable(place, path).mount;
    const entry = fileSystem.change(place.path);
    writeFitting({ entry, fileSystem, path }, { offset: entry.content.length, bytes });
  }

  function statusWith(path: string, followLast: boolean): FileStatus | undefined {
    try {
      const { place, entry } = namespace.find(path, { followLast });
      return formatStatus(place, entry);
    } catch (error) {
      if (
        error instanceof Error &&
        "code" in error &&
        (error.code === "ENOENT" || error.code === "ENOTDIR")
      )
        return undefined;
      throw error;
    }
  }

  /** Walks to a place of a disk without following a link. */
  function findBelow({ root, path }: DiskPlace): { path: string; place: Place; entry: Entry } {
    let at = root;
    let found = namespace.find(root || "/");
    for (const name of path.split("/").filter((one) => one !== "" && one !== ".")) {
      if (name === "..") fail("EINVAL", path);
      if (found.entry.kind !== "directory") fail("ENOTDIR", at);
      at = `${at}/${name}`;
      found = namespace.find(at, { followLast: false });
      if (found.entry.kind === "link") fail("ELOOP", at);
    }
    return { path: at, ...found };
  }

  function removable(path: string): { place: Place; entry: Entry } {
    const found = namespace.find(path, { followLast: false });
    writable(found.place, path);
    return found;
  }

  return {
    readText(path) {
      const { entry } = namespace.find(path);
      if (entry.kind === "directory") fail("EISDIR", path);
      if (entry.kind !== "file") fail("EINVAL", path);
      return decodeUtf8(entry.content.read(0, entry.content.length));
    },
    readBytes(path, offset, length) {
      const content = contents(path);
      if (offset < 0 || length < 0 || length > mostBytes) fail("EINVAL", path);
      return content.read(offset, length);
    },
    withFile(wanted, use) {
      const { path, place, entry } = findBelow(wanted);
      if (entry.kind !== "file") fail(entry.kind === "directory" ? "EISDIR" : "EINVAL", path);
      const { content } = entry;
      return use({
        status: formatStatus(place, entry),
        read(offset, length) {
          if (offset < 0 || length < 0 || length > mostBytes) fail("EINVAL", path);
          return content.read(offset, length);
        },
        data: () => (content.length === 0 ? [] : [{ offset: 0, bytes: content.length }]),
        text: (most) =>
          content.length > most ? fail("EFBIG", path) : decodeUtf8(content.read(0, content.length)),
        sha512(progress) {
          const hash = createHash("sha512");
          for (let at = 0; at < content.length; at += hashedBytes) {
            hash.update(content.read(at, hashedBytes));
            progress(Math.min(at + hashedBytes, content.length));
          }
          return hash.digest("hex");
        },
      });
    },
    listBelow(wanted, most) {
      const { path, place, entry } = findBelow(wanted);
      if (entry.kind !== "directory") fail("ENOTDIR", path);
      const names = place.mount.fileSystem.names(place.path).sort();
      return names.length > most ? fail("EFBIG", path) : names;
    },
    openNames(wanted) {
      const { path, place, entry } = findBelow(wanted);
      if (entry.kind !== "directory") fail("ENOTDIR", path);
      const left = place.mount.fileSystem.names(place.path);
      return { next: () => left.splice(0, namesAtOnce).sort(), close: () => {} };
    },
    isSameContent(...wanted) {
      const [one, other] = wanted.map((each) => {
        const { path, entry } = findBelow(each);
        if (entry.kind !== "file") fail(entry.kind === "directory" ? "EISDIR" : "EINVAL", path);
        return entry.content.read(0, entry.content.length);
      });
      return Buffer.compare(one ?? new Uint8Array(), other ?? new Uint8Array()) === 0;
    },
    readPacked(path) {
      const { entry } = namespace.find(path);
      if (entry.kind !== "file") fail(entry.kind === "directory" ? "EISDIR" : "EINVAL", path);
      const { content } = entry;
      return unpack(content.read(0, content.length)) ?? fail("EBADMSG", path);
    },
    writeFile(path, data, mode = 0o644) {
      create(path, mode);
      append(path, bytesOf(data));
    },
    appendFile: (path, data) => append(path, bytesOf(data)),
    createOpen: (path, mode = 0o644) => namespace.open(create(path, mode)),
    openFile(path) {
      const at = path.lastIndexOf("/");
      const above = namespace.locateUnlinked(path.slice(0, at) || (at < 0 ? "." : "/"));
      const { place, entry } = namespace.find(`${namespace.format(above)}/${path.slice(at + 1)}`, {
        followLast: false,
      });
      if (entry.kind === "link") fail("ELOOP", path);
      if (entry.kind === "directory") fail("EISDIR", path);
      if (entry.kind !== "file") fail("EINVAL", path);
      return namespace.open(place);
    },
    openDirectory: (path) => namespace.open(namespace.locateUnlinked(path)),
    list(path) {
      const { place, entry } = namespace.find(path);
      if (entry.kind !== "directory") fail("ENOTDIR", path);
      return place.mount.fileSystem.names(place.path).sort();
    },
    status: (path) => statusWith(path, true),
    linkStatus: (path) => statusWith(path, false),
    times(path) {
      if (statusWith(path, false) === undefined) return undefined;
      const { place, entry } = namespace.find(path, { followLast: false });
      const at = (seconds: number) => ({ seconds, nanoseconds: 0 });
      return {
        ...(withoutBirths.has(place.mount.fileSystem.type) ? {} : { born: at(entry.born) }),
        modified: modifiedOf(entry),
      };
    },
    setModified(path, modified) {
      const entry = changeable(path, { followLast: false });
      entry.given = modified;
      entry.modified = modified.seconds;
    },
    copyData(wanted, to) {
      const { entry: from, path } = findBelow(wanted);
      if (from.kind !== "file") fail(from.kind === "directory" ? "EISDIR" : "EINVAL", path);
      if (namespace.find(to).entry.kind === "directory") fail("EISDIR", to);
      changeable(to).content = from.content;
    },
    lookIn(directory, names, unread) {
      if (namespace.find(directory).entry.kind !== "directory") fail("ENOTDIR", directory);
      return names.map((name) => {
        if (name === "" || name === ".." || name.includes("/")) fail("EINVAL", name);
        const path = `${directory}/${name}`;
        const status = statusWith(path, false);
        if (status === undefined) return undefined;
        const { device: _, ...known } = status;
        const { entry } = namespace.find(path, { followLast: false });
        return {
          ...known,
          modified: modifiedOf(entry),
          target: entry.kind === "link" ? entry.target : undefined,
          xattrs: new Map(
            [...entry.xattrs].map(([key, value]) => [
              key,
              key === unread ? new Uint8Array() : Uint8Array.from(value),
            ]),
          ),
        };
      });
    },
    readLink(path) {
      const { entry } = namespace.find(path, { followLast: false });
      return entry.kind === "link" ? entry.target : fail("EINVAL", path);
    },
    resolve: (path) => namespace.format(namespace.find(path).place),
    fileHandle(path) {
      const { inode } = namespace.find(path, { followLast: false }).entry;
      return Uint8Array.of(1, ...new Uint8Array(Uint32Array.of(inode).buffer));
    },
    makeDirectory: (path, mode = 0o755) =>
      add(path, makeEntry("directory", { mode: mode & ~umask })),
    makeLink: (path, to) =>
      to === "" ? fail("ENOENT", path) : add(path, makeEntry("link", { target: to })),
    makeHardLink(path, to) {
      const { place } = namespace.find(to, { followLast: false });
      if (namespace.entry(place)?.kind === "directory") fail("EPERM", path);
      const above = freePlace(path);
      if (above.mount !== place.mount) fail("EXDEV", path);
      const entry = changeable(to, { followLast: false });
      above.mount.fileSystem.add(above.path, entry);
      entry.names++;
    },
    makeNode(path, kind, mode, deviceNumber) {
      if (!["block", "character", "fifo", "socket"].includes(kind)) fail("EINVAL", path);
      add(path, makeEntry(kind, { mode: mode & ~umask, deviceNumber }));
    },
    makeTemporaryDirectory(prefix) {
      const path = `${prefix}${String(temporary++).padStart(6, "x")}`;
      add(path, makeEntry("directory", { mode: 0o700 }));
      return path;
    },
    removeFile(path) {
      const { place, entry } = removable(path);
      if (entry.kind === "directory") fail("EISDIR", path);
      if (isTop(place)) fail("EBUSY", path);
      place.mount.fileSystem.remove(place.path);
      entry.names--;
    },
    removeDirectory(path) {
      const { place, entry } = removable(path);
      if (entry.kind !== "directory") fail("ENOTDIR", path);
      if (isTop(place)) fail("EBUSY", path);
      if (place.mount.fileSystem.names(place.path).length > 0) fail("ENOTEMPTY", path);
      place.mount.fileSystem.remove(place.path);
    },
    rename(from, to) {
      const { place: source, entry } = removable(from);
      const target = namespace.locate(to, { followLast: false });
      if (isTop(source) || (isTop(target) && target.mount !== source.mount)) fail("EBUSY", to);
      if (source.mount !== target.mount) fail("EXDEV", to);
      if (source.path === target.path) return;
      if (target.path.startsWith(`${source.path}/`)) fail("EINVAL", to);
      const { fileSystem } = source.mount;
      const there = namespace.entry(target);
      const above = namespace.entry({
        mount: target.mount,
        path: target.path.slice(0, target.path.lastIndexOf("/")) || "/",
      });
      if (!above) fail("ENOENT", to);
      if (there && entry.kind === "directory" && there.kind !== "directory") fail("ENOTDIR", to);
      if (there?.kind === "directory" && entry.kind !== "directory") fail("EISDIR", to);
      if (there?.kind === "directory" && fileSystem.names(target.path).length > 0)
        fail("ENOTEMPTY", to);
      if (there) fileSystem.remove(target.path);
      fileSystem.move(source.path, target.path);
    },
    exchange(one, other) {
      const [first, second] = [removable(one), removable(other)];
      if (isTop(first.place) || isTop(second.place)) fail("EBUSY", one);
      if (first.place.mount !== second.place.mount) fail("EXDEV", one);
      const isAbove = (a: Place, b: Place) => b.path.startsWith(`${a.path}/`);
      if (isAbove(first.place, second.place) || isAbove(second.place, first.place))
        fail("EINVAL", one);
      if (first.entry === second.entry) return;
      const { fileSystem } = first.place.mount;
      fileSystem.remove(first.place.path);
      fileSystem.move(second.place.path, first.place.path);
      fileSystem.add(second.place.path, first.entry);
    },
    setMode(path, mode) {
      changeable(path).mode = mode;
    },
    setOwner(path, uid, gid) {
      const entry = changeable(path, { followLast: false });
      entry.uid = uid;
      entry.gid = gid;
    },
    getXattr(path, name) {
      const { entry } = namespace.find(path, { followLast: false });
      const value = entry.xattrs.get(name);
      return value && Uint8Array.from(value);
    },
    setXattr(path, name, value) {
      const { place } = namespace.find(path, { followLast: false });
      if (virtual.has(place.mount.fileSystem.type)) fail("EOPNOTSUPP", path);
      changeable(path, { followLast: false }).xattrs.set(name, Uint8Array.from(value));
    },
    removeXattr(path, name) {
      changeable(path, { followLast: false }).xattrs.delete(name);
    },
    listXattrs: (path) =>
      [...namespace.find(path, { followLast: false }).entry.xattrs.keys()].sort(),
    writeOut: (path) => void namespace.find(path),
    sync(path) {
      if (namespace.find(path).entry.kind === "fifo") fail("EINVAL", path);
    },
    syncFileSystem: (path) => void namespace.find(path),
  };
}

function modifiedOf({ given, modified }: Entry) {
  return given?.seconds === modified ? given : { seconds: modified, nanoseconds: 0 };
}

function formatStatus({ mount, path }: Place, entry: Entry): FileStatus {
  const { fileSystem } = mount;
  const directories = fileSystem
    .names(path)
    .filter((name) => entry.children.get(name)?.kind === "directory");
  const bytes = entry.kind === "link" ? encodeUtf8(entry.target).length : entry.content.length;
  return {
    kind: entry.kind,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    bytes: virtual.has(fileSystem.type) ? 0 : bytes,
    allocatedBytes: entry.content.allocated,
    inode: entry.inode,
    device: deviceOf(mount),
    deviceNumber: entry.deviceNumber,
    links: entry.kind === "directory" ? 2 + directories.length : entry.names,
  };
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? encodeUtf8(data) : data;
}
