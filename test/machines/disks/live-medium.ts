// A stick with the live system, as SystemRescue's own writer makes it: one FAT partition in a DOS
// table, with the image, the kernel and the initramfs in it.

import { rmSync } from "node:fs";
import type { LiveSystem } from "../../../scripts/live-system.ts";
import { type Tree, writeDisk, writeMedium } from "./media.ts";

/** A stick to make. */
export interface LiveMedium {
  readonly path: string;
  readonly live: LiveSystem;
  readonly initramfs: string;
  /** Free space beside the files. */
  readonly spareBytes?: number;
  /** Files beside those of the system. */
  readonly more?: Tree;
}

/** The label of the stick's file system, as the newest SystemRescue's would be. */
export const liveLabel = "RESCUE1100";

/** The file, at the top of the stick, of the package that the live system does not have. */
export const packageName = "hello.deb";

/** Writes the image of a stick with a live system. */
export function writeLiveMedium({ path, live, initramfs, spareBytes, more }: LiveMedium): void {
  const partition = `${path}.partition`;
  writeMedium(partition, {
    kind: "vfat",
    label: liveLabel,
    ...(spareBytes === undefined ? {} : { spareBytes }),
    tree: {
      "sysresccd/x86_64/airootfs.sfs": { file: live.base },
      "sysresccd/boot/x86_64/vmlinuz": { file: live.vmlinuz },
      "sysresccd/boot/x86_64/sysresccd.img": { file: initramfs },
      [packageName]: { file: live.package },
      ...more,
    },
  });
  writeDisk(path, "dos", [{ file: partition }]);
  rmSync(partition);
}
