// Live media as three distributions lay them out, with boot loaders of Debian's packages, menus
// that need no key, and the tiny base: what Debian's live-build, archiso and SystemRescue put where.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import type { Tree } from "../disks/media.ts";
import { makeBase } from "../guest/base.ts";
import { generate } from "../guest/debian-initramfs.ts";
import { discoverKernel, type Kernel } from "../guest/kernel.ts";
import { makeMkinitcpio } from "../guest/mkinitcpio.ts";
import { commonArguments } from "../qemu.ts";
import { makeGrubOfUefi, programs, syslinuxModule } from "./loaders.ts";

export type DistributionName = keyof typeof makers;

/** A live medium's files. */
export interface Distribution {
  readonly name: DistributionName;
  /** The label of its file system, by which its initramfs may find it. */
  readonly label: string;
  readonly tree: Tree;
  /** What an ISO image has in its EFI partition. */
  readonly efi: Tree;
  /** Where isolinux is in an ISO image, and its catalog of boot images. */
  readonly isolinux: string;
  readonly catalog: string;
}

/** What a medium boots; by default the tiny base, by the kernel of guests. */
export interface LiveParts {
  readonly kernel: Kernel;
  readonly base: string;
  /** Files beside those of the distribution. */
  readonly more?: Tree;
}

/** Returns the files of a medium as a distribution lays it out. */
export function makeDistribution(name: DistributionName, parts?: LiveParts): Distribution {
  const files = makers[name](parts ?? { kernel: discoverKernel(), base: makeBase() });
  return { name, ...files, tree: { ...files.tree, ...parts?.more } };
}

const makers = { "live-build": liveBuild, archiso, systemrescue } as const;

type Files = Omit<Distribution, "name">;

/** Debian's: isolinux and GRUB, whose menu for UEFI is found by a stub in the EFI partition. */
function liveBuild({ kernel, base }: LiveParts): Files {
  const initramfs = generate({ generator: "live-boot", release: "bookworm" }, kernel);
  const words = `boot=live ${commonArguments}`;
  const grub = makeGrubOfUefi();
  const tree = {
    ".disk/info": "A live system like Debian's\n",
    "live/vmlinuz": { file: kernel.vmlinuz },
    "live/initrd.img": { file: initramfs },
    "live/filesystem.squashfs": { file: base },
    "isolinux/isolinux.bin": { file: programs.isolinux },
    "isolinux/ldlinux.c32": { file: syslinuxModule("ldlinux.c32") },
    "isolinux/isolinux.cfg": "include live.cfg\ndefault live-amd64\nprompt 0\ntimeout 1\n",
    "isolinux/live.cfg": `label live-amd64
	menu label ^Live system (amd64)
	menu default
	linux /live/vmlinuz
	initrd /live/initrd.img
	append ${words}

label live-amd64-failsafe
	menu label ^Live system (amd64 fail-safe mode)
	linux /live/vmlinuz
	initrd /live/initrd.img
	append ${words} noapic
`,
    "boot/grub/grub.cfg": `set default=0
set timeout=0

menuentry "Live system (amd64)" --hotkey=l {
	linux	/live/vmlinuz ${words}
	initrd	/live/initrd.img
}
menuentry "Live system (amd64 fail-safe mode)" {
	linux	/live/vmlinuz ${words} noapic
	initrd	/live/initrd.img
}
`,
    "EFI/boot/bootx64.efi": { file: grub },
  };
  const stub = "search --file --set=root /.disk/info\nset prefix=($root)/boot/grub\n";
  return {
    label: "LIVE",
    tree: { ...tree, "sha256sum.txt": listDigests(tree) },
    efi: {
      "EFI/boot/bootx64.efi": { file: grub },
      "boot/grub/grub.cfg": `${stub}configfile ($root)/boot/grub/grub.cfg\n`,
    },
    isolinux: "isolinux/isolinux.bin",
    catalog: "isolinux/boot.cat",
  };
}

/**
 * Arch Linux's: isolinux, and systemd-boot in an EFI partition with a kernel and an initramfs of its
 * own; the initramfs ends one byte after a multiple of four.
 */
function archiso({ kernel, base }: LiveParts): Files {
  const label = "ARCH_202611";
  const initramfs = makeUneven(makeMkinitcpio(kernel));
  const words = `archisobasedir=arch archisolabel=${label} ${commonArguments}`;
  const boot = {
    "arch/boot/x86_64/vmlinuz-linux": { file: kernel.vmlinuz },
    "arch/boot/x86_64/initramfs-linux.img": { file: initramfs },
  };
  const efi = {
    ...boot,
    "EFI/BOOT/BOOTx64.EFI": { file: programs.systemdBoot },
    "loader/loader.conf": "timeout 0\ndefault 01-archiso-x86_64-linux.conf\n",
    "loader/entries/01-archiso-x86_64-linux.conf": `title    Live medium (x86_64, UEFI)
sort-key 01
linux    /arch/boot/x86_64/vmlinuz-linux
initrd   /arch/boot/x86_64/initramfs-linux.img
options  ${words}
`,
  };
  return {
    label,
    tree: {
      ...efi,
      "arch/x86_64/airootfs.sfs": { file: base },
      "boot/syslinux/isolinux.bin": { file: programs.isolinux },
      "boot/syslinux/ldlinux.c32": { file: syslinuxModule("ldlinux.c32") },
      "boot/syslinux/syslinux.cfg": "DEFAULT arch64\nTIMEOUT 1\nINCLUDE archiso_sys-linux.cfg\n",
      "boot/syslinux/archiso_sys-linux.cfg": `LABEL arch64
TEXT HELP
Boots the live medium.
ENDTEXT
MENU LABEL Live medium (x86_64, BIOS)
LINUX /arch/boot/x86_64/vmlinuz-linux
INITRD /arch/boot/x86_64/initramfs-linux.img
APPEND ${words}
`,
    },
    efi,
    isolinux: "boot/syslinux/isolinux.bin",
    catalog: "boot/syslinux/boot.cat",
  };
}

/** SystemRescue's: its menus for either firmware read a file for additions of others. */
function systemrescue({ kernel, base }: LiveParts): Files {
  const label = "RESCUE1100";
  const words = `archisobasedir=sysresccd archisolabel=${label} ${commonArguments}`;
  const grub = makeGrubOfUefi(
    "search --file --set=root /boot/grub/grubsrcd.cfg\nconfigfile ($root)/boot/grub/grubsrcd.cfg\n",
  );
  return {
    label,
    tree: {
      "sysresccd/x86_64/airootfs.sfs": { file: base },
      "sysresccd/boot/x86_64/vmlinuz": { file: kernel.vmlinuz },
      "sysresccd/boot/x86_64/sysresccd.img": { file: makeMkinitcpio(kernel) },
      "isolinux/isolinux.bin": { file: programs.isolinux },
      "isolinux/ldlinux.c32": { file: syslinuxModule("ldlinux.c32") },
      "isolinux/isolinux.cfg": `PATH /sysresccd/boot/syslinux/
DEFAULT loadconfig

LABEL loadconfig
  CONFIG /sysresccd/boot/syslinux/sysresccd_sys.cfg
  APPEND /sysresccd/
`,
      ...Object.fromEntries(
        ["ldlinux.c32", "menu.c32", "libutil.c32"].map((name) => [
          `sysresccd/boot/syslinux/${name}`,
          { file: syslinuxModule(name) },
        ]),
      ),
      "sysresccd/boot/syslinux/syslinux.cfg": `DEFAULT loadconfig

LABEL loadconfig
  CONFIG sysresccd_sys.cfg
  APPEND ../../
`,
      "sysresccd/boot/syslinux/sysresccd_sys.cfg": `PATH boot/syslinux/
UI boot/syslinux/menu.c32
TIMEOUT 1

LABEL sysresccd
TEXT HELP
Boots the live medium.
ENDTEXT
MENU LABEL Boot with default options
LINUX boot/x86_64/vmlinuz
INITRD boot/x86_64/sysresccd.img
APPEND ${words}

INCLUDE boot/syslinux/sysresccd_custom.cfg
`,
      "sysresccd/boot/syslinux/sysresccd_custom.cfg": "# This file is for entries of others.\n",
      "boot/grub/grubsrcd.cfg": `set timeout=0
set default=0

if [ -z "$archiso_param" ]; then
	archiso_param="archisolabel=${label}"
fi

eval "

menuentry 'Boot with default options' {
	set gfxpayload=keep
	echo 'Loading kernel...'
	linux /sysresccd/boot/x86_64/vmlinuz archisobasedir=sysresccd $archiso_param ${commonArguments}
	initrd /sysresccd/boot/x86_64/sysresccd.img
}

source /boot/grub/custom.cfg

" # end eval
`,
      "boot/grub/custom.cfg": "# This file is for entries of others.\n",
      "EFI/boot/bootx64.efi": { file: grub },
    },
    efi: { "EFI/boot/bootx64.efi": { file: grub } },
    isolinux: "isolinux/isolinux.bin",
    catalog: "isolinux/boot.cat",
  };
}

/** Returns a copy of an initramfs with zeros behind it, which nothing reads, of such a length. */
function makeUneven(initramfs: string): string {
  const bytes = readFileSync(initramfs);
  return makeOnce({
    name: "uneven-initramfs",
    inputs: [bytes],
    make: (path) => {
      const missing = (5 - (bytes.length % 4)) % 4;
      writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(missing)]));
    },
  });
}

/** As sha256sum writes it, of all but the boot loaders' own directory. */
function listDigests(tree: Tree): string {
  return Object.entries(tree)
    .filter(([path]) => !path.startsWith("isolinux/"))
    .map(([path, source]) => {
      const bytes = typeof source === "string" ? source : readFileSync(source.file);
      return `${createHash("sha256").update(bytes).digest("hex")}  ./${path}\n`;
    })
    .join("");
}
