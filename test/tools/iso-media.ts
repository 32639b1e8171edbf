// ISO images with the layouts that live systems have, made by the tools that theirs are made by,
// with the boot loaders of Debian's packages. What is in them is small, and may be anything.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { programs, syslinuxModule } from "../machines/bootable/loaders.ts";
import { run } from "./programs.ts";

/** Files by their paths: their contents, or where they are copied from. */
export type Files = Readonly<Record<string, string | Buffer | { readonly from: string }>>;

/** What is in an image. */
export interface IsoContents {
  readonly files: Files;
  /** The files of the EFI partition or image in it. */
  readonly efi: Files;
  readonly efiKib: number;
  /** Options of "mkfs.fat" for it. */
  readonly fat?: readonly string[];
}

/** A layout of an image. */
export type IsoLayout = "live-build" | "isohybrid" | "archiso" | "grub-rescue";

const isolinux: Files = {
  "isolinux/isolinux.bin": { from: programs.isolinux },
  "isolinux/ldlinux.c32": { from: syslinuxModule("ldlinux.c32") },
};

const systemdBoot: Files = {
  "EFI/BOOT/BOOTx64.EFI": { from: programs.systemdBoot },
};

/** Bytes that are the same each time, and that nothing compresses. */
function noise(bytes: number, seed: number): Buffer {
  let state = seed;
  return Buffer.from(
    Uint8Array.from({ length: bytes }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 16;
    }),
  );
}

const live: Files = {
  "live/vmlinuz": noise(200_000, 1),
  "live/initrd.img": noise(300_001, 2),
  "live/filesystem.squashfs": noise(900_000, 3),
};

const liveGrub = `menuentry 'Live system' {
	linux /live/vmlinuz boot=live quiet
	initrd /live/initrd.img
}
`;

const liveSyslinux = `DEFAULT live
PROMPT 0
LABEL live
  LINUX /live/vmlinuz
  INITRD /live/initrd.img
  APPEND boot=live quiet
`;

const stub = "search --set=root --file /.disk/info\nset prefix=($root)/boot/grub\n";

const debian: IsoContents = {
  files: {
    ...isolinux,
    ...live,
    "isolinux/isolinux.cfg": liveSyslinux,
    "boot/grub/grub.cfg": liveGrub,
    ".disk/info": "Live system\n",
  },
  efi: { "EFI/BOOT/BOOTX64.EFI": noise(50_000, 4), "boot/grub/grub.cfg": stub },
  efiKib: 2880,
};

const archEntry = `title   Live system
linux   /arch/boot/x86_64/vmlinuz-linux
initrd  /arch/boot/x86_64/initramfs-linux.img
options archisobasedir=arch archisosearchuuid=2026-11-30-01-10-08-00
`;

const archKernel: Files = {
  "arch/boot/x86_64/vmlinuz-linux": noise(200_000, 5),
  "arch/boot/x86_64/initramfs-linux.img": noise(300_001, 6),
};

/** What is in an image of each layout where a test says nothing else. */
export const isoContents: Readonly<Record<IsoLayout, IsoContents>> = {
  "live-build": debian,
  isohybrid: debian,
  archiso: {
    files: {
      ...archKernel,
      ...systemdBoot,
      "loader/entries/01-live.conf": archEntry,
      "arch/x86_64/airootfs.sfs": noise(900_000, 7),
      "boot/syslinux/isolinux.bin": { from: programs.isolinux },
      "boot/syslinux/isohdpfx.bin": { from: programs.hybridCode },
      "boot/syslinux/ldlinux.c32": { from: syslinuxModule("ldlinux.c32") },
      "boot/syslinux/syslinux.cfg": `LABEL live
LINUX /arch/boot/x86_64/vmlinuz-linux
INITRD /arch/boot/x86_64/initramfs-linux.img
APPEND archisobasedir=arch
`,
    },
    efi: {
      ...archKernel,
      ...systemdBoot,
      "loader/loader.conf": "timeout 0\n",
      "loader/entries/01-live.conf": archEntry,
    },
    efiKib: 16_384,
  },
  "grub-rescue": {
    files: { ...live, "boot/grub/grub.cfg": liveGrub },
    ...{ efi: {}, efiKib: 0 },
  },
};

/** The time that images are made at, which is their UUID. */
const date = "--modification-date=2026113001100800";

const common = ["-iso-level", "3", "-rational-rock", "-joliet", "-joliet-long", date];

function bootOptions(directory: string): string[] {
  return [
    ...["-eltorito-boot", `${directory}/isolinux.bin`],
    ...["-eltorito-catalog", `${directory}/boot.cat`],
    ...["-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"],
  ];
}

const debianOptions = [
  ...["-r", ...common, "-full-iso9660-filenames", "-volid", "Live 12", "-appid", "Live system"],
  ...["-isohybrid-mbr", programs.hybridCode, ...bootOptions("isolinux")],
  ...["-eltorito-alt-boot", "-e", "boot/grub/efi.img", "-no-emul-boot"],
  ...["-isohybrid-gpt-basdat", "-isohybrid-apm-hfsplus"],
];

/** Makes an image; `work` is a directory that it may leave files in. */
export function makeIso(
  layout: IsoLayout,
  {
    output,
    work,
    contents = isoContents[layout],
  }: {
    readonly output: string;
    readonly work: string;
    readonly contents?: IsoContents;
  },
): void {
  const [tree, efi] = [join(work, "tree"), join(work, "efi.img")];
  rmSync(tree, { recursive: true, force: true });
  putFiles(tree, contents.files);
  if (contents.efiKib > 0) makeFat(efi, contents);
  if (layout === "grub-rescue") {
    run(["grub-mkrescue", "-o", output, tree, "--", "-volume_date", "uuid", "2026113001100800"]);
    return;
  }
  if (layout === "archiso") {
    const boot = join(tree, "boot/syslinux/isohdpfx.bin");
    mkisofs(output, tree, [
      ...[...common, "-full-iso9660-filenames", "-volid", "ARCH_202611", "-partition_offset", "16"],
      ...[...bootOptions("boot/syslinux"), "-isohybrid-mbr", boot, "--mbr-force-bootable"],
      ...["-append_partition", "2", "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", efi],
      ...["-appended_part_as_gpt", "-eltorito-alt-boot"],
      ...["-e", "--interval:appended_partition_2:all::", "-no-emul-boot"],
    ]);
    return;
  }
  copyFileSync(efi, join(tree, "boot/grub/efi.img"));
  makeSums(tree);
  const offset = layout === "live-build" ? ["-partition_offset", "16"] : [];
  mkisofs(output, tree, [...debianOptions, ...offset]);
}

function mkisofs(output: string, tree: string, options: readonly string[]): void {
  rmSync(output, { force: true });
  run(["xorriso", "-as", "mkisofs", "-quiet", ...options, "-o", output, tree]);
}

function putFiles(directory: string, files: Files): void {
  for (const [name, contents] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    if (typeof contents === "string" || Buffer.isBuffer(contents)) writeFileSync(path, contents);
    else copyFileSync(contents.from, path);
  }
}

/** isolinux.bin gets a table when the image is made. */
function makeSums(tree: string): void {
  const script =
    'cd "$1" && find . -type f ! -name isolinux.bin -print0 | sort -z | xargs -0 sha256sum';
  writeFileSync(join(tree, "sha256sum.txt"), run(["sh", "-c", script, "sh", tree]));
}

function makeFat(image: string, { efi, efiKib, fat = [] }: IsoContents): void {
  const tree = `${image}.d`;
  rmSync(tree, { recursive: true, force: true });
  rmSync(image, { force: true });
  putFiles(tree, efi);
  run(["mkfs.fat", "-C", "-n", "EFI", "-i", "12345678", ...fat, image, String(efiKib)]);
  run(["sh", "-c", 'cd "$2" && mcopy -i "$1" -s -p -m -Q * ::', "sh", image, tree]);
}
