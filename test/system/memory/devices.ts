// Block devices in memory: those of the machine, and loop devices, which are there for as long as somebody uses them.
import type { LoopRequest, System } from "../../../src/system/system.ts";
import { type Content, partOf } from "./content.ts";
import { type Entry, makeEntry } from "./entry.ts";
import { fail } from "./errors.ts";
import type { Namespace } from "./namespace.ts";
import { OverlayFileSystem } from "./overlay.ts";
import type { FileSystem } from "./tree.ts";

/** Is a block device. */
export interface BlockDevice {
  readonly content: () => Content;
  isReadonly: boolean;
}

interface Loop extends BlockDevice {
  readonly file: string;
  readonly backing: Entry;
  handles: number;
}

/** Are the functions of the port that this file implements. */
export type DeviceFunctions = Pick<
  System,
  "deviceBytes" | "isReadonly" | "setReadonly" | "withLoop" | "loopFile"
>;

const loopMajor = 7;

/** Knows the devices by their numbers, and which file systems lie on which. */
export class Devices {
  private readonly namespace: Namespace;
  private readonly devtmpfs: FileSystem;
  private readonly announce: () => void;
  private readonly disks = new Map<number, BlockDevice>();
  private readonly loops = new Map<number, Loop>();
  private readonly carriers = new Map<FileSystem, number>();

  constructor({
    namespace,
    devtmpfs,
    announce,
  }: { namespace: Namespace; devtmpfs: FileSystem; announce: () => void }) {
    this.namespace = namespace;
    this.devtmpfs = devtmpfs;
    this.announce = announce;
  }

  /** Puts a device of the machine in. */
  add(name: string, { number, device }: { number: number; device: BlockDevice }): void {
    this.disks.set(number, device);
    this.devtmpfs.add(`/${name}`, makeEntry("block", { deviceNumber: number, mode: 0o660 }));
    this.announce();
  }

  find(number: number): BlockDevice | undefined {
    return this.disks.get(number) ?? this.attached(number);
  }

  /** Remembers on which device a file system lies. */
  carry(fileSystem: FileSystem, number: number): void {
    this.carriers.set(fileSystem, number);
  }

  under(fileSystem: FileSystem): BlockDevice | undefined {
    const number = this.carriers.get(fileSystem);
    return number === undefined ? undefined : this.find(number);
  }

  functions(): DeviceFunctions {
    return {
      deviceBytes: (path) => {
        const { entry } = this.namespace.find(path);
        return entry.kind === "block"
          ? this.device(entry, path).content().length
          : entry.content.length;
      },
      isReadonly: (path) => this.block(path).isReadonly,
      setReadonly: (path, isReadonly) => {
        this.block(path).isReadonly = isReadonly;
      },
      withLoop: (request, use) => this.withLoop(request, use),
      loopFile: (path) => {
        const number = /\/loop(\d+)$/.exec(path)?.[1];
        return number === undefined
          ? undefined
          : this.attached(loopMajor * 256 + Number(number))?.file;
      },
    };
  }

  private withLoop<T>(request: LoopRequest, use: (device: string) => T): T {
    const loop = this.attach(request);
    let number = loopMajor * 256;
    while (this.attached(number)) number++;
    this.loops.set(number, loop);
    const name = `loop${number % 256}`;
    if (!this.devtmpfs.find(`/${name}`))
      this.devtmpfs.add(`/${name}`, makeEntry("block", { deviceNumber: number, mode: 0o660 }));
    this.announce();
    try {
      return use(`/dev/${name}`);
    } finally {
      loop.handles--;
    }
  }

  private attach({ file, readonly, offset = 0, bytes = 0 }: LoopRequest): Loop {
    const { place, entry } = this.namespace.find(file);
    if (entry.kind === "directory") fail(readonly ? "EINVAL" : "EISDIR", file);
    if (entry.kind !== "file" && entry.kind !== "block") fail("EINVAL", file);
    if (!readonly && (place.mount.isReadonly || place.mount.fileSystem.isReadonly))
      fail("EROFS", file);
    const device = entry.kind === "block" ? this.device(entry, file) : undefined;
    if (!readonly && device?.isReadonly) fail("EACCES", file);
    return {
      file,
      backing: entry,
      content: () => partOf(device?.content() ?? entry.content, offset, bytes),
      isReadonly: readonly,
      handles: 1,
    };
  }

  private block(path: string): BlockDevice {
    const { entry } = this.namespace.find(path);
    return entry.kind === "block" ? this.device(entry, path) : fail("ENOTTY", path);
  }

  private device({ deviceNumber }: Entry, path: string): BlockDevice {
    return this.find(deviceNumber) ?? fail("ENXIO", path);
  }

  /** The loop device of this number, if it is used: by a handle, a mount, an overlay, or another loop device. */
  private attached(number: number): Loop | undefined {
    const loop = this.loops.get(number);
    return loop && (loop.handles > 0 || this.isMounted(number) || this.isBelowLoop(number))
      ? loop
      : undefined;
  }

  private isMounted(number: number): boolean {
    return this.namespace.mounts.some(({ fileSystem }) => this.usesDevice(fileSystem, number));
  }

  private usesDevice(fileSystem: FileSystem, number: number): boolean {
    if (fileSystem instanceof OverlayFileSystem)
      return fileSystem.layers.some((layer) => this.usesDevice(layer.fileSystem, number));
    return this.carriers.get(fileSystem) === number;
  }

  private isBelowLoop(number: number): boolean {
    return [...this.loops].some(
      ([other, { backing }]) =>
        other !== number &&
        backing.kind === "block" &&
        backing.deviceNumber === number &&
        this.attached(other),
    );
  }
}
