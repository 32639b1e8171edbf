// Sticks onto which the files of a medium were copied: one FAT partition in a DOS table, with a boot
// loader for a BIOS; UEFI finds its own among the files.

import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { runTool } from "../../../scripts/lib/tool.ts";
import { type Tree, writeDisk, writeMedium } from "../disks/media.ts";
import { type DistributionName, makeDistribution } from "./distributions.ts";
import { grubCode, makeGrubOfBios, programs } from "./loaders.ts";

/** A stick to make. */
export interface FatStick {
  readonly distribution: DistributionName;
  /** The boot loader for a BIOS: GRUB, or syslinux in the directory that has its menu. */
  readonly bios: "grub" | { readonly syslinux: string };
  /** Files beside those of the distribution. */
  readonly more?: Tree;
  /** By default there is room for the add-on and a small store. */
  readonly spareBytes?: number;
}

/** Where the partition begins, in bytes. */
export const partitionOffset = 2048 * 512;

/** Writes the image of a stick. */
export function writeFatStick(path: string, stick: FatStick): void {
  const { label, tree } = makeDistribution(stick.distribution);
  const partition = `${path}.partition`;
  writeMedium(partition, {
    ...{ kind: "vfat", label, tree: { ...tree, ...stick.more } },
    spareBytes: stick.spareBytes ?? 64 * 1024 * 1024,
  });
  if (stick.bios !== "grub")
    runTool(["syslinux", "--install", "--directory", `/${stick.bios.syslinux}`, partition]);
  writeDisk(path, "dos", [{ file: partition, type: "c", isActive: true }]);
  rmSync(partition);
  const disk = openSync(path, "r+");
  if (stick.bios === "grub") {
    writeSync(disk, readFileSync(grubCode).subarray(0, codeBytes), 0, codeBytes, 0);
    writeSync(disk, readFileSync(makeGrubOfBios()), 0, undefined, 512);
  } else
    writeSync(disk, readFileSync(programs.partitionCode).subarray(0, codeBytes), 0, undefined, 0);
  closeSync(disk);
}

/** The first sector's part before the disk's signature and the table. */
export const codeBytes = 440;
