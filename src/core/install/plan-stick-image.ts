// How an ISO image is written to a disk: what the disk must be, and the steps. Until all of it was
// read back, neither a boot loader nor a partition table is there, so that what is not whole does
// not boot.

import type { DeviceContent, DeviceFacts } from "../devices/device-contents.ts";
import type { DiskCopy } from "../steps/disk-steps.ts";
import type { Plan, Step } from "../steps/step.ts";
import { Failure } from "../text/failure.ts";
import { formatPath } from "../text/quoted.ts";
import { formatSize } from "../text/size.ts";

/** An image file. */
export interface ImageFacts {
  readonly path: string;
  readonly bytes: number;
  readonly contents: readonly DeviceContent[];
  /** Whether its first sector says that it boots from disks as well. */
  readonly isHybrid: boolean;
}

/** A disk that an image may be written to. */
export interface TargetDisk extends DeviceFacts {
  /** The disk that it is a partition of. */
  readonly partOf: string | undefined;
  readonly isOptical: boolean;
  /** As a user understands it; undefined for a loop device. */
  readonly isRemovable: boolean | undefined;
}

/** Throws a Failure that begins with `cannot` if a file is no image for disks. */
export function checkImage({ contents, isHybrid }: ImageFacts, cannot: string): void {
  const [whole] = contents;
  if (whole?.type !== "iso9660")
    throw new Failure("usage", `${cannot}: the image is not an ISO image`);
  if (!isHybrid)
    throw new Failure(
      "unsafe",
      `${cannot}: the image boots from discs only, it has no partition table`,
      "copy its files to a FAT file system and install on that",
    );
}

/** What is asked for. */
interface Request {
  readonly cannot: string;
  /** Whether the disk may be one that is not removable. */
  readonly isForced: boolean;
}

/** Throws a Failure if the disk must not be written to, with or without consent. */
export function checkDisk(
  disk: TargetDisk,
  image: ImageFacts,
  { cannot, isForced }: Request,
): void {
  if (disk.partOf !== undefined)
    throw new Failure(
      "usage",
      `${cannot}: it is a partition, and an image is written to a whole disk`,
      `name the disk: ${disk.partOf}`,
    );
  if (disk.isOptical) throw new Failure("usage", `${cannot}: it is a drive for discs`);
  const [use] = disk.uses;
  if (use !== undefined) throw new Failure("in-use", `${cannot}: ${use}`);
  if (disk.isReadonly) throw new Failure("unsafe", `${cannot}: it is write-protected`);
  if (disk.isRemovable === false && !isForced)
    throw new Failure(
      "unsafe",
      `${cannot}: it is not removable, so it may be a disk of this machine`,
      "to write to it all the same, add --any-disk",
    );
  if (disk.bytes < image.bytes)
    throw new Failure(
      "no-room",
      `${cannot}: it has only ${formatSize(disk.bytes)}, but the image has ${formatSize(image.bytes)}`,
      "choose a larger one",
    );
}

/** Returns the disk without what the image brings as well: that is not lost. */
export function withoutImage(disk: TargetDisk, image: ImageFacts): TargetDisk {
  const brought = new Set(image.contents.map((content) => identify(content, image.path)));
  return {
    ...disk,
    contents: disk.contents.filter((content) => !brought.has(identify(content, disk.path))),
  };
}

function identify(content: DeviceContent, top: string): string {
  return JSON.stringify({ ...content, path: content.path.slice(top.length) });
}

/** The beginning of the image, which is written last, and of it the first sectors at the end. */
const headBytes = 2 ** 20;
const firstBytes = 4096;

/** Plans writing the image. */
export function planImage(disk: TargetDisk, image: ImageFacts): Plan<undefined> {
  const { path, bytes, identity } = disk;
  const part = (offset: number, end: number): readonly DiskCopy[] => {
    const size = Math.min(end, image.bytes) - offset;
    return size > 0 ? [{ path, from: image.path, at: offset, offset, bytes: size }] : [];
  };
  const body = part(headBytes, image.bytes);
  const head = part(firstBytes, headBytes);
  const first = part(0, firstBytes);
  const tailAt = Math.max(headBytes, bytes - headBytes);
  return {
    title: `Write the image ${formatPath(image.path)} (${formatSize(image.bytes)}) to ${formatPath(path)}`,
    steps: [
      { do: "check-disk", path, bytes, ...identity },
      // At the end there may be a second partition table, from which firmwares mend the first one.
      {
        do: "clear-disk",
        path,
        parts: [
          { offset: 0, bytes: Math.min(headBytes, bytes) },
          ...(tailAt < bytes ? [{ offset: tailAt, bytes: bytes - tailAt }] : []),
        ],
      },
      ...[body, head, first].flatMap(writeSteps),
    ],
    result: undefined,
  };
}

function writeSteps(copies: readonly DiskCopy[]): Step[] {
  return [
    ...copies.map((copy): Step => ({ do: "copy-to-disk", ...copy })),
    ...copies.map((copy): Step => ({ do: "check-on-disk", ...copy })),
  ];
}
