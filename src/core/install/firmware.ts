// Which firmwares a medium boots by, and which of its boot menus each of them comes to: seen from
// names alone.

import type { MenuEntry } from "../menus/menu-entry.ts";

/** A firmware of PCs. */
export type Firmware = "bios" | "uefi";

/** A firmware by which not one entry with the add-on could be booted, and why. */
export interface UnservedFirmware {
  readonly firmware: Firmware;
  /** Whether its menu is not among the files of the medium, or none of its entries changes. */
  readonly why: "no-menu" | "no-entry";
}

/** Returns the firmwares that would come to no changed entry; `files` are in small letters. */
export function findUnserved(
  files: readonly string[],
  entries: readonly { readonly entry: MenuEntry; readonly isChanged: boolean }[],
): UnservedFirmware[] {
  const menus = entries.map(({ entry }) => entry);
  const firmwares = findFirmwares(files, menus);
  const readers = findReaders(files, menus);
  return firmwares.flatMap((firmware): UnservedFirmware[] => {
    const served = entries.filter(({ entry }) => serves(entry, firmware, readers));
    if (served.some(({ isChanged }) => isChanged)) return [];
    const isBooting = served.some(({ entry }) => entry.kernels.length > 0);
    return [{ firmware, why: isBooting ? "no-entry" : "no-menu" }];
  });
}

/** Which menus are read by the loaders of which firmware, where their places do not tell. */
interface Readers {
  readonly isGrubOfBios: boolean;
  readonly isSyslinuxOfUefi: boolean;
}

function findReaders(files: readonly string[], entries: readonly MenuEntry[]): Readers {
  return {
    isGrubOfBios: files.some(hasGrubOfBios) || !entries.some(isSyslinuxOfBios),
    // That of UEFI may read the menu of the other.
    isSyslinuxOfUefi: files.some((file) => isBelowEfi(file) && file.includes("syslinux")),
  };
}

function findFirmwares(files: readonly string[], entries: readonly MenuEntry[]): Firmware[] {
  const isBios =
    entries.some(isSyslinuxOfBios) ||
    files.some(
      (file) =>
        hasGrubOfBios(file) || file.endsWith("isolinux.bin") || file.endsWith("ldlinux.sys"),
    );
  const isUefi =
    entries.some(({ loader, file }) => loader === "loader-spec" || isBelowEfi(file)) ||
    files.some(isUefiProgram);
  const found: Firmware[] = [
    ...(isBios ? ["bios" as const] : []),
    ...(isUefi ? ["uefi" as const] : []),
  ];
  // GRUB alone, without any of its programs: nobody can tell.
  return found.length > 0 ? found : ["bios"];
}

function isUefiProgram(file: string): boolean {
  return (
    (file.startsWith("efi/boot/boot") && file.endsWith(".efi")) ||
    file.includes("/x86_64-efi/") ||
    file.endsWith("/efi.img") ||
    file.endsWith("/efiboot.img")
  );
}

function hasGrubOfBios(file: string): boolean {
  return file.includes("/i386-pc/") || file.endsWith("eltorito.img");
}

function isBelowEfi(file: string): boolean {
  return `/${file.toLowerCase()}`.includes("/efi/");
}

function isSyslinuxOfBios({ loader, file }: MenuEntry): boolean {
  return loader === "syslinux" && !isBelowEfi(file);
}

function serves(entry: MenuEntry, firmware: Firmware, readers: Readers): boolean {
  const { loader, file } = entry;
  const isUefi = firmware === "uefi";
  if (loader === "loader-spec") return isUefi;
  if (loader === "syslinux")
    return isUefi ? !isSyslinuxOfBios(entry) || readers.isSyslinuxOfUefi : isSyslinuxOfBios(entry);
  if (loader !== "grub") return false;
  if (isBelowEfi(file)) return isUefi;
  if (file.toLowerCase().endsWith("loopback.cfg")) return false;
  return isUefi || readers.isGrubOfBios;
}
