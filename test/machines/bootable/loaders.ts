// The boot loaders of Debian's packages, as programs for a medium: GRUB made for one place of its
// menu, the others as they are installed.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import { withTemporary } from "../guest/base.ts";

/** Programs as packages install them. */
export const programs = {
  isolinux: "/usr/lib/ISOLINUX/isolinux.bin",
  /** The boot code of a hybrid image's first sector. */
  hybridCode: "/usr/lib/ISOLINUX/isohdpfx.bin",
  /** The boot code that starts the active partition. */
  partitionCode: "/usr/lib/syslinux/mbr/mbr.bin",
  systemdBoot: "/usr/lib/systemd/boot/efi/systemd-bootx64.efi",
} as const;

/** What packages must have installed for all of them. */
export const loaderFiles = [
  ...Object.values(programs),
  ...["/usr/lib/grub/i386-pc", "/usr/lib/grub/x86_64-efi", "/usr/bin/syslinux"],
] as const;

/** Returns the path of a module of syslinux and isolinux ("menu.c32"). */
export function syslinuxModule(name: string): string {
  return join("/usr/lib/syslinux/modules/bios", name);
}

const grubModules = [
  ...[
    "part_gpt",
    "part_msdos",
    "fat",
    "iso9660",
    "normal",
    "linux",
    "configfile",
    "echo",
    "test",
    "eval",
  ],
  ...["search", "search_fs_file", "search_label"],
];

/**
 * Returns the path of GRUB for UEFI, which reads boot/grub/grub.cfg where it was loaded from, or
 * does what `embedded` says first.
 */
export function makeGrubOfUefi(embedded?: string): string {
  return makeGrub({
    name: "grub-efi",
    platform: "x86_64-efi",
    prefix: "/boot/grub",
    modules: grubModules,
    embedded,
  });
}

/** Returns the path of GRUB for a BIOS, for a disk whose first partition has boot/grub. */
export function makeGrubOfBios(): string {
  return makeGrub({
    name: "grub-pc",
    platform: "i386-pc",
    prefix: "(hd0,msdos1)/boot/grub",
    modules: ["biosdisk", ...grubModules],
  });
}

/** The boot code of the first sector that starts it from the sector after that. */
export const grubCode = "/usr/lib/grub/i386-pc/boot.img";

interface Grub {
  readonly name: string;
  readonly platform: "i386-pc" | "x86_64-efi";
  readonly prefix: string;
  readonly modules: readonly string[];
  readonly embedded?: string | undefined;
}

function makeGrub({ name, platform, prefix, modules, embedded }: Grub): string {
  const version = runTool(["grub-mkimage", "--version"]);
  return makeOnce({
    name: embedded === undefined ? name : `${name}-embedded`,
    inputs: [version, platform, prefix, embedded ?? "", ...modules],
    make: (path) =>
      withTemporary((directory) => {
        const config = join(directory, "grub.cfg");
        writeFileSync(config, embedded ?? "");
        const first = embedded === undefined ? [] : ["--config", config];
        const argv = ["--format", platform, "--prefix", prefix, "--output", path, ...first];
        runTool(["grub-mkimage", ...argv, ...modules]);
      }),
  });
}
