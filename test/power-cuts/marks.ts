// How a guest records its progress: it writes a number past every cache to the disk that is
// recorded, each time something is completed. The disk has two partitions, the one that is tested
// and, after it, the one for that number. So the disk itself shows at every moment what came
// before.

import { closeSync, openSync, readSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { runTool } from "../../scripts/lib/tool.ts";
import { writeDisk } from "../machines/disks/media.ts";

/** A range of a disk, in bytes. */
export interface Extent {
  readonly offset: number;
  readonly bytes: number;
}

/** The places of the partitions of a disk with marks. */
export interface MarkedDisk {
  readonly content: Extent;
  readonly marks: Extent;
}

const markBytes = 2 ** 20;

/**
 * A part of a guest's script: `mark NUMBER` for the disk whose serial name is "store", which is in
 * $disk.
 */
export const markFunctions = `
for name in vda vdb vdc vdd; do
  [ "$(cat /sys/block/$name/serial 2> /dev/null)" = store ] && disk=/dev/$name
done
mark() {
  printf '%-4095s\\n' "$1" > /run/mark
  dd if=/run/mark of=\${disk}2 bs=4096 count=1 oflag=direct conv=notrunc,fsync 2> /dev/null
}
`;

/** Makes a disk of the image of a partition, which is removed afterwards. */
export function writeMarkedDisk(path: string, image: string): MarkedDisk {
  const marks = `${path}.marks`;
  writeFileSync(marks, "");
  truncateSync(marks, markBytes);
  writeDisk(path, "dos", [{ file: image }, { file: marks }]);
  for (const file of [image, marks]) rmSync(file);
  const { partitiontable } = JSON.parse(runTool(["sfdisk", "--json", path]));
  const [first, second] = partitiontable.partitions.map(
    ({ start, size }: { start: number; size: number }) => ({
      offset: start * 512,
      bytes: size * 512,
    }),
  );
  return { content: first, marks: second };
}

/** Reads the number from a disk; undefined before the first one. */
export function readMark(path: string, { marks }: MarkedDisk): number | undefined {
  const file = openSync(path, "r");
  try {
    const text = Buffer.alloc(16);
    readSync(file, text, 0, text.length, marks.offset);
    return text[0] === 0 ? undefined : Number.parseInt(text.toString("latin1"), 10);
  } finally {
    closeSync(file);
  }
}
