// A small kernel module tree made by hand: real enough for depmod and for `backstore initramfs`.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formElf } from "../support/elf.ts";
import { run } from "./programs.ts";

export const release = "6.1.0-test";

const modules: Readonly<Record<string, readonly string[]>> = {
  "fs/overlayfs/overlay.ko": ["alias=fs-overlay"],
  "drivers/block/loop.ko": ["alias=block-major-7-*", "alias=devname:loop-control"],
  "fs/squashfs/squashfs.ko": ["alias=fs-squashfs"],
  "fs/ext4/ext4.ko": ["alias=fs-ext4", "softdep=pre: crypto-crc32c"],
  "crypto/crc32c_generic.ko": ["alias=crypto-crc32c"],
  "drivers/scsi/isci/isci.ko": [
    ...["alias=pci:v00008086d00001D60sv*sd*bc*sc*i*", "firmware=isci/isci_firmware.bin"],
    "firmware=isci/other.bin",
  ],
  "drivers/net/e1000.ko": ["alias=pci:v00008086d0000100Esv*sd*bc*sc*i*", "firmware=e1000.bin"],
};

/**
 * Makes lib/modules/RELEASE below `root`, and returns its path; depmod is run only by tests that
 * need it.
 */
export function makeModuleTree(root: string, name = release): string {
  const directory = join(root, "lib/modules", name);
  for (const [path, statements] of Object.entries(modules)) {
    const file = join(directory, "kernel", path);
    mkdirSync(dirname(file), { recursive: true });
    // Something compressible, as real modules are.
    const filler = `description=${"a module made for a test ".repeat(40)}`;
    writeFileSync(file, formElf([...statements, "license=GPL", filler]));
  }
  writeFileSync(join(directory, "modules.builtin"), "kernel/drivers/hid/usbhid/usbhid.ko\n");
  writeFileSync(join(directory, "modules.order"), "");
  return directory;
}

/** Runs depmod on a tree that makeModuleTree() made. */
export function runDepmod(root: string, name = release) {
  run(["depmod", "-b", root, name]);
}
