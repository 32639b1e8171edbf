// Which files of a medium are boot menus, and of which loader: by their names and directories.

import type { Loader } from "./menu-entry.ts";

/** Menus of loaders that load one initramfs alone, or that are not read here. */
const otherNames = [
  ...["menu.lst", "yaboot.conf", "limine.conf", "limine.cfg", "burg.cfg", "refind.conf"],
  "elilo.conf",
];

/** Identifies a boot menu by its path on the medium; undefined for any other file. */
export function identifyMenu(path: string): Loader | undefined {
  const names = path.toLowerCase().split("/");
  const name = names.pop() ?? "";
  const isBelow = (directory: string) => names.includes(directory);
  if (otherNames.includes(name)) return "other";
  if (isBelow("pxelinux.cfg") || (isBelow("pxelinux") && name.endsWith(".cfg"))) return "pxelinux";
  if (name.endsWith(".conf") && names.at(-1) === "entries" && names.at(-2) === "loader")
    return "loader-spec";
  if (name === "extlinux.conf" || (isBelow("extlinux") && name.endsWith(".cfg"))) return "syslinux";
  // Lorax puts a copy of EFI/BOOT/grub.cfg beside it.
  if (name === "boot.conf" && isBelow("efi")) return "grub";
  if (!name.endsWith(".cfg") || name.includes("embed")) return undefined;
  if (/^(?:sys|iso|syslnx)linux/.test(name) || name.startsWith("syslnx")) return "syslinux";
  if (name.startsWith("grub") || name === "loopback.cfg") return "grub";
  if (isBelow("syslinux") || isBelow("isolinux")) return "syslinux";
  return isBelow("grub") || isBelow("grub2") || isBelow("efi") ? "grub" : undefined;
}
