// Sticks that ISO images of every layout were written onto, which are loop devices here, and what is
// on them as xorriso, sfdisk and mtools read it.
import { copyFileSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { type IsoLayout, isoContents, makeIso } from "./iso-media.ts";
import { copyProgram, run, temporaryDirectory, tryRun } from "./programs.ts";

const mebibyte = 2 ** 20;

/** A directory for all of it. */
export const directory = temporaryDirectory();

/** The program under test. */
export const program = copyProgram(directory);

/** The file behind the stick. */
export const disk = join(directory, "disk.img");

export const layouts = Object.keys(isoContents) as IsoLayout[];

/** Makes the images before the tests of a file. */
export function makeImages(made: readonly IsoLayout[]): void {
  beforeAll(() => {
    for (const layout of made)
      makeIso(layout, { output: imageOf(layout), work: join(directory, `work-${layout}`) });
  }, 300_000);
}

const attached: string[] = [];
afterAll(() => {
  for (const device of attached) tryRun(["losetup", "--detach", device]);
});

export function imageOf(layout: IsoLayout): string {
  return join(directory, `${layout}.iso`);
}

export function attach(file: string, ...flags: string[]): string {
  const device = run(["losetup", "--find", "--show", ...flags, file]).trim();
  attached.push(device);
  return device;
}

export function detach(device: string): void {
  run(["losetup", "--detach", device]);
  attached.splice(attached.indexOf(device), 1);
}

/** A partition of the stick, in sectors. */
export interface Partition {
  readonly start: number;
  readonly size: number;
  readonly type?: string;
  /** In a GPT. */
  readonly name?: string;
  readonly attrs?: string;
}

/** Shows a partition of the stick as a device of its own. */
export function attachPartition({ start, size }: Partition): string {
  return attach(disk, "--offset", String(start * 512), "--sizelimit", String(size * 512));
}

export function makeStick(layout: IsoLayout, megabytes = 48): string {
  rmSync(disk, { force: true });
  copyFileSync(imageOf(layout), disk);
  truncateSync(disk, megabytes * mebibyte);
  return attach(disk);
}

export function readImage(device: string, layout: IsoLayout): Buffer {
  return readFileSync(device).subarray(0, statSync(imageOf(layout)).size);
}

/** Returns the text of a file of a tree as xorriso reads it. */
export function extract(device: string, path: string): string {
  return readFileSync(extractFile(device, path), "utf8");
}

/** Returns where a copy of a file of a tree is, as xorriso reads it; the next one takes its place. */
export function extractFile(device: string, path: string): string {
  const to = join(directory, "extracted");
  rmSync(to, { force: true });
  run([
    ...["xorriso", "-no_rc", "-report_about", "FAILURE", "-osirrox", "on"],
    ...["-indev", `stdio:${device}`, "-extract", path, to],
  ]);
  return to;
}

interface Table {
  readonly partitiontable: { readonly partitions: readonly Partition[] };
}

export function partitionsOf(device: string): readonly Partition[] {
  const table = JSON.parse(run(["sfdisk", "--json", device])) as Table;
  return table.partitiontable.partitions;
}

export const menus: Readonly<Record<IsoLayout, string>> = {
  "live-build": "/boot/grub/grub.cfg",
  isohybrid: "/boot/grub/grub.cfg",
  archiso: "/boot/syslinux/syslinux.cfg",
  "grub-rescue": "/boot/grub/grub.cfg",
};

/** The first partition shows one of these menus, and all of its volume. */
export function expectPartition(device: string, layout: IsoLayout, texts: readonly string[]): void {
  const [first] = partitionsOf(device);
  if (first === undefined) throw new Error("no partition");
  const part = attachPartition(first);
  try {
    expect(texts).toContain(extract(part, menus[layout]));
    const blocks = readFileSync(part).readUInt32LE(16 * 2048 + 80);
    expect(blocks * 2048).toBeLessThanOrEqual(first.size * 512);
  } finally {
    detach(part);
  }
}
