// An entry of a boot menu, as far as it is understood, whatever syntax it is written in.

/** The boot loaders whose menus are known; those of "other" are named, and not read. */
export type Loader = "grub" | "syslinux" | "loader-spec" | "pxelinux" | "other";

/** Why an entry cannot be changed, as far as its own text tells. */
export type Obstacle =
  /** It boots nothing: it opens a menu, shows a text, restarts or switches off. */
  | "no-kernel"
  /** It starts another boot loader, a program of the firmware, or what is on a disk. */
  | "chain"
  /** It starts a kernel without an initramfs: a memory test, or a tool of its kind. */
  | "no-initrd"
  /** It starts a hypervisor or a kernel by multiboot, which loads modules of another kind. */
  | "multiboot"
  /** It boots from another device or image than the medium. */
  | "elsewhere"
  /** It is for booting over a network. */
  | "netboot"
  /** Its text is not understood. */
  | "not-understood"
  /** Its boot loader loads one initramfs alone, or its menus are not known here. */
  | "loader";

/** A place in a menu at which something can be added. */
export interface Place {
  /** The offset in the menu before which it is inserted. */
  readonly at: number;
  readonly what: "initrd" | "argument";
  /** What precedes it: a space, a comma, or a new line with its keyword. */
  readonly before: string;
  /** What precedes a path at the top of the medium: a device as the entry writes it, or nothing. */
  readonly device: string;
  /** Of an initramfs: where what is loaded there begins, behind microcode; it ends at `at`. */
  readonly from?: number;
  /** Where lines before it begin that load more of the same. */
  readonly lines?: readonly number[];
}

/** An entry of a boot menu. */
export interface MenuEntry {
  /** The path of the menu on the medium. */
  readonly file: string;
  readonly loader: Loader;
  readonly title: string;
  /** Where the entry begins and ends in its menu. */
  readonly from: number;
  readonly to: number;
  readonly obstacle: Obstacle | undefined;
  /** The paths of kernels; several where the entry decides when it is booted. */
  readonly kernels: readonly string[];
  /** What each of its commands loads as initramfs: lists of paths, in the order of loading. */
  readonly initrds: readonly (readonly string[])[];
  /** Of these the paths of the system's own, which is loaded behind microcode. */
  readonly mains: readonly string[];
  /** The arguments of the kernel, each with every value that it may have. */
  readonly words: readonly string[];
  readonly places: readonly Place[];
  /** Where its title ends and, where it has one, its label: for a copy with other names. */
  readonly titleTo?: number | undefined;
  readonly labelTo?: number | undefined;
}

/** Returns whether a path is that of microcode, which any initramfs is loaded behind. */
export function isMicrocode(path: string): boolean {
  return /ucode|microcode/i.test(path.slice(path.lastIndexOf("/") + 1));
}

/** A part of a path or argument that is known only when the entry is booted. */
export const unknownPart = "\u0000";
