// Block devices in memory: those of the machine, and loop devices, which exist while they are in
// use.
import type { LoopRequest, System } from "../../../src/system/port/system.ts";
import type { Content } from "./content.ts";
import type { Put } from "./edited.ts";
import { type Entry, makeEntry } from "./entry.ts";
import { fail } from "./errors.ts";
import { Loop } from "./loops.ts";
import { type Namespace, writable } from "./namespace.ts";
import { OverlayFileSystem } from "./overlay.ts";
import type { FileSystem } from "./tree.ts";

/** A block device. */
export interface BlockDevice {
  content(): Content;
  put(put: Put): void;
  isReadonly: boolean;
  /** Whether it has an exclusive user that is not a mount. */
  readonly isClaimed?: boolean;
}

/** The functions of the port that this file implements. */
export type DeviceFunctions = Pick<
  System,
  | "deviceBytes"
  | "isReadonly"
  | "setReadonly"
  | "isBusy"
  | "withClaim"
  | "rereadPartitions"
  | "withLoop"
  | "loopFile"
  | "loopStatus"
  | "setLoopCapacity"
  | "detachLoop"
>;

const loopMajor = 7;
const minorsOfDisk = 16;

/** The devices by their numbers, and which file systems are on which. */
export class Devices {
  private readonly namespace: Namespace;
  private readonly devtmpfs: FileSystem;
  private readonly announce: () => void;
  private readonly disks = new Map<number, BlockDevice>();
  private readonly loops = new Map<number, Loop>();
  private readonly claimed = new Set<number>();
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

  /** Adds a device of the machine. */
  add(name: string, { number, device }: { number: number; device: BlockDevice }): void {
    this.disks.set(number, device);
    this.devtmpfs.add(`/${name}`, makeEntry("block", { deviceNumber: number, mode: 0o660 }));
    this.announce();
  }

  find(number: number): BlockDevice | undefined {
    return this.disks.get(number) ?? this.attached(number);
  }

  /** Records the device that a file system is on. */
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
      isBusy: (path) => {
        const { entry } = this.namespace.find(path);
        if (entry.kind !== "block") fail("ENOTBLK", path);
        this.device(entry, path);
        return this.isBusy(entry.deviceNumber);
      },
      withClaim: (path, use) => {
        const { entry } = this.namespace.find(path);
        if (entry.kind !== "block") fail("ENOTBLK", path);
        this.device(entry, path);
        const { deviceNumber } = entry;
        if (this.isBusy(deviceNumber)) fail("EBUSY", path);
        this.claimed.add(deviceNumber);
        try {
          return use();
        } finally {
          this.claimed.delete(deviceNumber);
        }
      },
      rereadPartitions: (path) => {
        const { entry } = this.namespace.find(path);
        if (entry.kind !== "block") fail("ENOTTY", path);
        if (entry.deviceNumber >> 8 === loopMajor) fail("EINVAL", path);
        if (this.isBusy(entry.deviceNumber)) fail("EBUSY", path);
      },
      loopFile: (path) => this.loopAt(path)?.file(),
      loopStatus: (path) => this.loopAt(path)?.status(),
      setLoopCapacity: (path) => this.loop(path).updateLength(),
      // It goes with its last user in any case.
      detachLoop: (path) => void this.loop(path),
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

  private attach(request: LoopRequest): Loop {
    const { file, readonly } = request;
    const { place, entry } = this.namespace.find(file);
    if (entry.kind === "directory") fail(readonly ? "EINVAL" : "EISDIR", file);
    if (entry.kind !== "file" && entry.kind !== "block") fail("EINVAL", file);
    if (!readonly && entry.kind === "file") writable(place, file);
    const device = entry.kind === "block" ? this.device(entry, file) : undefined;
    if (!readonly && device?.isReadonly) fail("EACCES", file);
    const { fileSystem } = place.mount;
    const changed = readonly || device ? entry : fileSystem.change(place.path);
    return new Loop({ request, entry: changed, device, place }, this.namespace);
  }

  private loopAt(path: string): Loop | undefined {
    const number = /\/loop(\d+)$/.exec(path)?.[1];
    return number === undefined ? undefined : this.attached(loopMajor * 256 + Number(number));
  }

  /** A disk is busy with any of its partitions, and they with it. */
  private isBusy(number: number): boolean {
    const isTaken = (one: number) =>
      this.isMounted(one) || this.isKept(one) || this.disks.get(one)?.isClaimed === true;
    if (number >> 8 === loopMajor) return isTaken(number);
    const whole = number - (number % minorsOfDisk);
    const related =
      number === whole ? Array.from({ length: minorsOfDisk }, (_, at) => whole + at) : [whole];
    return [number, ...related].some(isTaken);
  }

  /** Whether withClaim() keeps it for itself. */
  isKept(number: number): boolean {
    return this.claimed.has(number);
  }

  private loop(path: string): Loop {
    const { entry } = this.namespace.find(path);
    if (entry.kind !== "block" || entry.deviceNumber >> 8 !== loopMajor) fail("ENOTTY", path);
    return this.attached(entry.deviceNumber) ?? fail("ENXIO", path);
  }

  private block(path: string): BlockDevice {
    const { entry } = this.namespace.find(path);
    return entry.kind === "block" ? this.device(entry, path) : fail("ENOTTY", path);
  }

  private device({ deviceNumber }: Entry, path: string): BlockDevice {
    return this.find(deviceNumber) ?? fail("ENXIO", path);
  }

  /**
   * Returns the loop device of this number, if it is in use: by a handle, a mount, an overlay, or
   * another loop device.
   */
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
        backing.entry.kind === "block" &&
        backing.entry.deviceNumber === number &&
        this.attached(other),
    );
  }
}
