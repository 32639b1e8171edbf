// One loop device in memory: the window that it exposes of a file or device (drivers/block/loop.c).
import type { LoopRequest, LoopStatus } from "../../../src/system/port/system.ts";
import { type Content, partOf } from "./content.ts";
import type { BlockDevice } from "./devices.ts";
import { type Put, written } from "./edited.ts";
import type { Entry } from "./entry.ts";
import { deviceOf, type Namespace, type Place } from "./namespace.ts";
import { type FileSystem, join } from "./tree.ts";

/** The file or device behind a loop device. */
export interface Backing {
  readonly request: LoopRequest;
  readonly entry: Entry;
  /** The device that the file is, if it is one. */
  readonly device: BlockDevice | undefined;
  /** Where it was when it was attached. */
  readonly place: Place;
}

/** File systems whose files the kernel reads and writes through its page cache only. */
const withoutDirectIo = new Set(["squashfs", "ramfs", "proc", "sysfs"]);
const sectorBytes = 512;

/**
 * A loop device; it exposes the size that its file had when it was attached, until it is told to
 * look again.
 */
export class Loop implements BlockDevice {
  readonly backing: Backing;
  isReadonly: boolean;
  handles = 1;
  private readonly namespace: Namespace;
  private length = 0;

  constructor(backing: Backing, namespace: Namespace) {
    this.backing = backing;
    this.namespace = namespace;
    this.isReadonly = backing.request.readonly;
    this.updateLength();
  }

  updateLength(): void {
    this.length = Math.floor(this.window().length / sectorBytes) * sectorBytes;
  }

  content(): Content {
    const { length } = this;
    const shown = this.window();
    return {
      ...shown,
      length,
      read(offset, wanted) {
        const found = new Uint8Array(Math.max(0, Math.min(wanted, length - offset)));
        found.set(shown.read(offset, found.length));
        return found;
      },
    };
  }

  put(put: Put): void {
    const { request, entry, device } = this.backing;
    const moved = { ...put, offset: put.offset + (request.offset ?? 0) };
    if (device) device.put(moved);
    else entry.content = written(entry.content, moved);
  }

  /** Returns the present path of the file. */
  file(): string {
    const { entry, place } = this.backing;
    const { fileSystem, root } = place.mount;
    if (this.namespace.entry(place)?.inode === entry.inode) return this.namespace.format(place);
    const path = findInode(fileSystem, { inode: entry.inode, below: root });
    return path === undefined
      ? `${this.namespace.format(place)} (deleted)`
      : this.namespace.format({ mount: place.mount, path });
  }

  status(): LoopStatus {
    const { request, entry, place } = this.backing;
    const { fileSystem } = place.mount;
    return {
      file: this.file(),
      device: deviceOf(place.mount),
      inode: entry.inode,
      offset: request.offset ?? 0,
      bytes: this.length,
      readonly: request.readonly,
      directIo: request.directIo === true && !withoutDirectIo.has(fileSystem.type),
    };
  }

  /** Returns the present contents of the window. */
  private window(): Content {
    const { request, entry, device } = this.backing;
    return partOf(device?.content() ?? entry.content, request.offset ?? 0, request.bytes);
  }
}

function findInode(
  fileSystem: FileSystem,
  { inode, below }: { inode: number; below: string },
): string | undefined {
  for (const name of fileSystem.names(below)) {
    const path = join(below, name);
    const entry = fileSystem.find(path);
    if (entry?.inode === inode) return path;
    const found =
      entry?.kind === "directory" ? findInode(fileSystem, { inode, below: path }) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
