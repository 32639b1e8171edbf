// The families of live systems, by what their initramfs is made with: how an entry of a boot menu
// is recognised as one of them, and whether the add-on has a way into it.

import type { MenuEntry } from "../menus/menu-entry.ts";

/** How the program gets into the initramfs of a family. */
export type Way =
  /** A hook that is only added is picked up. */
  | "hook"
  /** The kernel has to start the program first, which then changes a list in the initramfs. */
  | "rdinit"
  /** There is none. */
  | "none";

/** Why a whole family is left alone, where there is more to say than that there is no way. */
export type Refusal = "installer" | "option-taken" | "no-overlay" | "other-media";

/** A family of live systems. */
export interface Family {
  readonly name: string;
  /** What its initramfs is made with. */
  readonly initramfs: string;
  readonly way: Way;
  readonly refusal?: Refusal;
  /** The boot option that starts the distribution's own persistence, where it has one. */
  readonly persistence?: string;
  /** Arguments of which one is in an entry of it; those that end with "*" are beginnings. */
  readonly words?: readonly string[];
  /** The path of its initramfs on the medium, in small letters: a beginning and an end. */
  readonly initrds?: readonly Ends[];
  /** A file that is on the medium: a beginning and an end of its path, in small letters. */
  readonly files?: readonly Ends[];
  /** The beginning of a title. */
  readonly titles?: readonly string[];
}

/** How a path begins and ends. */
export type Ends = readonly [beginning: string, end: string];

/** The families; the first that an entry belongs to counts. */
export const families: readonly Family[] = [
  {
    name: "Ventoy",
    ...{ initramfs: "those of its images", way: "none", refusal: "other-media" },
    files: [
      ["ventoy/", "ventoy.json"],
      ["vtoyefi/", ""],
    ],
  },
  {
    name: "TrueNAS",
    ...{ initramfs: "initramfs-tools with live-boot", way: "none", refusal: "installer" },
    titles: ["Start TrueNAS"],
  },
  {
    name: "anaconda",
    ...{ initramfs: "dracut with anaconda", way: "none", refusal: "installer" },
    words: ["inst.stage2=*", "inst.repo=*"],
  },
  {
    name: "archiso",
    persistence: "cow_label",
    initramfs: "mkinitcpio with archiso",
    way: "rdinit",
    words: ["archisobasedir=*"],
  },
  { name: "miso", initramfs: "mkinitcpio with miso", way: "rdinit", words: ["misobasedir=*"] },
  {
    name: "linux-live",
    ...{ initramfs: "linux-live", way: "rdinit", persistence: "perchdir" },
    initrds: [["", "/boot/initrfs.img"]],
  },
  {
    name: "kiwi",
    ...{ initramfs: "dracut with kiwi-live", way: "hook" },
    persistence: "rd.live.overlay.persistent",
    words: ["rd.kiwi.*"],
    initrds: [["boot/x86_64/loader/", "initrd"]],
    files: [["liveos/", "squashfs.img"]],
  },
  {
    name: "dracut",
    ...{ initramfs: "dracut with dmsquash-live", way: "hook", persistence: "rd.live.overlay" },
    words: ["root=live:*", "rd.live.image", "rd.live.dir=*"],
  },
  {
    name: "casper",
    ...{ initramfs: "initramfs-tools with casper", way: "hook", persistence: "persistent" },
    words: ["boot=casper"],
    initrds: [["casper", ""]],
  },
  {
    name: "Parted Magic",
    ...{ initramfs: "its own", way: "none" },
    initrds: [["pmagic/", ""]],
  },
  {
    name: "live-boot",
    ...{ initramfs: "initramfs-tools with live-boot", way: "hook", persistence: "persistence" },
    words: ["boot=live"],
  },
  { name: "MX", initramfs: "live-init of MX and antiX", way: "hook", initrds: [["antix/", ""]] },
  { name: "NixOS", initramfs: "NixOS stage 1", way: "none", words: ["init=/nix/store/*"] },
  {
    name: "sysrcd",
    ...{ initramfs: "sysrcd-init", way: "none", refusal: "option-taken" },
    initrds: [["", "initram.igz"]],
  },
  {
    name: "Tiny Core",
    ...{ initramfs: "the system itself", way: "none", refusal: "no-overlay" },
    initrds: [["", "/core.gz"]],
  },
  {
    name: "Alpine",
    ...{ initramfs: "mkinitfs", way: "none", refusal: "no-overlay" },
    files: [["", ".alpine-release"]],
  },
  { name: "liveslak", initramfs: "liveslak", way: "none", files: [["liveslak/", ""]] },
  {
    name: "Puppy",
    ...{ initramfs: "its own", way: "none" },
    words: ["pmedia=*", "pfix=*", "psubdir=*"],
  },
  { name: "Porteus", initramfs: "its own", way: "none", files: [["porteus/", ""]] },
  { name: "Knoppix", initramfs: "its own", way: "none", initrds: [["", "minirt.gz"]] },
  { name: "FirstRib", initramfs: "its own", way: "none", words: ["w_changes=*", "w_bootfrom=*"] },
  {
    name: "kiwi (old)",
    ...{ initramfs: "kiwi's linuxrc", way: "none" },
    initrds: [["", "boot/x86_64/loader/initrd"]],
  },
  {
    name: "Proxmox VE",
    ...{ initramfs: "its own", way: "none", refusal: "installer" },
    words: ["proxmox-start-auto-installer", "proxtui", "proxdebug"],
    titles: ["Install Proxmox"],
  },
];

/** Returns the families of whose files one is on a medium; `files` are in small letters. */
export function findSeen(files: readonly string[]): ReadonlySet<Family> {
  return new Set(
    families.filter(({ files: ends = [] }) =>
      ends.some((one) => files.some((file) => hasEnds(file, one))),
    ),
  );
}

/** Returns the family that an entry belongs to by itself, on a medium with files of some. */
export function matchFamily(entry: MenuEntry, seen: ReadonlySet<Family>): Family | undefined {
  return families.find((family) => {
    const { words = [], initrds = [], titles = [] } = family;
    if (words.some((word) => entry.words.some((one) => isWord(one, word)))) return true;
    if (titles.some((title) => entry.title.startsWith(title))) return true;
    const paths = entry.mains.map(normalizePath);
    const isLoaded = initrds.some((ends) => paths.some((path) => hasEnds(path, ends)));
    if (family.files === undefined) return isLoaded;
    return seen.has(family) && (initrds.length === 0 || isLoaded);
  });
}

function isWord(word: string, pattern: string): boolean {
  return pattern.endsWith("*") ? word.startsWith(pattern.slice(0, -1)) : word === pattern;
}

function hasEnds(path: string, [beginning, end]: Ends): boolean {
  return path.startsWith(beginning) && path.endsWith(end);
}

/** Returns a path without the device and the slash in front of it, in small letters. */
export function normalizePath(path: string): string {
  const inside = path.startsWith("(") ? path.slice(path.indexOf(")") + 1) : path;
  let from = 0;
  while (inside[from] === "/") from++;
  return inside.slice(from).toLowerCase();
}

/** What an argument says about an entry that is left alone. */
export type Purpose = "installer" | "netboot" | "disk" | "stop" | "forensic" | "volatile" | "check";

const purposes: readonly (readonly [Purpose, readonly string[]])[] = [
  [
    "installer",
    [
      ...["only-ubiquity", "automatic-ubiquity", "oem-config/enable=true", "rescue/enable=true"],
      ...["inst.stage2=*", "inst.repo=*", "inst.ks=*"],
    ],
  ],
  [
    "netboot",
    [
      ...["netboot=*", "nfsroot=*", "fetch=*", "httpfs=*", "ftpfs=*", "root=/dev/nfs"],
      ...["archiso_http_srv=*", "archiso_nfs_srv=*", "archiso_nbd_srv=*", "root=live:http*"],
      ...["root=live:ftp*", "root=live:nfs*", "root=/dev/null", "miso_http_srv=*"],
    ],
  ],
  ["disk", ["findroot", "findroot=*", "root=/dev/sd*", "root=/dev/nvme*"]],
  ["stop", ["break", "break=*", "rd.break", "rd.break=*"]],
  ["forensic", ["noautomount", "forensic", "read-only"]],
  ["volatile", ["nopersistence"]],
  ["check", ["integrity-check", "verify-checksums", "mediacheck=1"]],
];

/** Returns what an entry is for, if its arguments say that it has to be left alone. */
export function identifyPurpose({ words }: MenuEntry): Purpose | undefined {
  const [found] =
    purposes.find(([, patterns]) =>
      patterns.some((pattern) => words.some((word) => isWord(word, pattern))),
    ) ?? [];
  return found;
}
