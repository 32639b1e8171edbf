import { describe, expect, test } from "vitest";
import type { Loader } from "../../../src/core/menus/menu-entry.ts";
import { identifyMenu } from "../../../src/core/menus/menu-files.ts";

const cases: readonly [path: string, loader: Loader | undefined][] = [
  ["boot/grub/grub.cfg", "grub"],
  ["grub.cfg", "grub"],
  ["EFI/BOOT/grub.cfg", "grub"],
  ["EFI/BOOT/BOOT.conf", "grub"],
  ["boot/grub/kernels.cfg", "grub"],
  ["boot/grub/loopback.cfg", "grub"],
  ["EFI/BOOT/grub-embedded.cfg", undefined],
  ["isolinux/isolinux.cfg", "syslinux"],
  ["isolinux/live.cfg", "syslinux"],
  ["syslinux.cfg", "syslinux"],
  ["EFI/Boot/syslinux.cfg", "syslinux"],
  ["boot/isolinux/syslnx64.cfg", "syslinux"],
  ["boot/extlinux/extlinux.conf", "syslinux"],
  ["minios/boot/syslinux/lang/de_DE.cfg", "syslinux"],
  ["loader/entries/01-linux.conf", "loader-spec"],
  ["loader/loader.conf", undefined],
  ["pxelinux.cfg/default", "pxelinux"],
  ["pxelinux/live.cfg", "pxelinux"],
  ["boot/grub/menu.lst", "other"],
  ["limine.conf", "other"],
  ["boot/yaboot.conf", "other"],
  ["live/filesystem.squashfs", undefined],
  ["sysrescue.d/100-defaults.yaml", undefined],
  ["etc/other.cfg", undefined],
];

describe("identifyMenu()", () => {
  for (const [path, loader] of cases)
    test(`identifyMenu() says of ${path}: ${loader}`, () => {
      expect(identifyMenu(path)).toBe(loader);
    });
});
