// ISO images that boot by BIOS and UEFI, as a disc and written whole onto a stick: made by xorriso
// with the options of the distributions' own generators.

import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import { formatTree, type Tree, writeFat, writeTree } from "../disks/media.ts";
import { withTemporary } from "../guest/base.ts";
import {
  type Distribution,
  type DistributionName,
  type LiveParts,
  makeDistribution,
} from "./distributions.ts";
import { programs } from "./loaders.ts";

interface Layout {
  /** Options of "mkisofs" for names. */
  readonly names: readonly string[];
  /** Where the EFI partition is among the files; it is behind the ISO file system if nowhere. */
  readonly efiImage?: string;
  /** Free space in the EFI partition beside its files, in KiB. */
  readonly spareKibibytes: number;
}

const layouts: Readonly<Record<DistributionName, Layout>> = {
  "live-build": {
    names: ["-R", "-J", "-joliet-long", "-l", "-cache-inodes", "-iso-level", "3"],
    efiImage: "boot/grub/efi.img",
    spareKibibytes: 32,
  },
  archiso: {
    names: [
      "-iso-level",
      "3",
      "-full-iso9660-filenames",
      "-joliet",
      "-joliet-long",
      "-rational-rock",
    ],
    spareKibibytes: 8192,
  },
  systemrescue: {
    names: ["-iso-level", "3", "-full-iso9660-filenames", "-rational-rock"],
    efiImage: "EFI/archiso/efiboot.img",
    spareKibibytes: 32,
  },
};

/** Returns the path of the ISO image of a distribution, made once. */
export function makeIso(name: DistributionName, parts?: LiveParts): string {
  const distribution = makeDistribution(name, parts);
  const { label, efi, tree } = distribution;
  return makeOnce({
    name: `iso-${name}`,
    inputs: [
      ...[label, formatTree(tree), formatTree(efi), JSON.stringify(layouts[name])],
      ...["bootable/iso-images.ts", "disks/media.ts"].map((name) =>
        readFileSync(join("test/machines", name)),
      ),
    ],
    make: (path) =>
      withTemporary((directory) => {
        const layout = layouts[name];
        const root = join(directory, "root");
        const image = join(
          layout.efiImage === undefined ? directory : root,
          layout.efiImage ?? "efi.img",
        );
        writeTree(root, tree);
        mkdirSync(dirname(image), { recursive: true });
        writeEfiImage(image, efi, layout.spareKibibytes);
        runTool([
          ...["xorriso", "-as", "mkisofs", "-quiet", "-V", label, ...layout.names],
          ...formatBoot(distribution, layout, image),
          ...["-o", path, root],
        ]);
      }),
  });
}

function formatBoot(
  { isolinux, catalog }: Distribution,
  { efiImage }: Layout,
  image: string,
): string[] {
  return [
    ...["-isohybrid-mbr", programs.hybridCode, "-partition_offset", "16"],
    ...["-b", isolinux, "-c", catalog],
    ...["-no-emul-boot", "-boot-load-size", "4", "-boot-info-table"],
    ...(efiImage === undefined
      ? [
          ...["--mbr-force-bootable", "-append_partition", "2", efiPartition, image],
          ...["-appended_part_as_gpt", "-eltorito-alt-boot"],
          ...["-e", "--interval:appended_partition_2:all::", "-no-emul-boot"],
        ]
      : [
          ...["-eltorito-alt-boot", "-e", efiImage, "-no-emul-boot"],
          ...["-isohybrid-gpt-basdat", "-isohybrid-apm-hfsplus"],
        ]),
  ];
}

/** GPT's type of the partition that firmware reads. */
const efiPartition = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";

/** Writes a FAT file system with these files and little more room than they take. */
function writeEfiImage(path: string, tree: Tree, spareKibibytes: number): void {
  withTemporary((directory) => {
    const root = join(directory, "root");
    const bytes = writeTree(root, tree);
    const kibibytes = Math.ceil((bytes * 1.01) / 1024) + 64 + spareKibibytes;
    writeFat(path, { label: "EFI", kibibytes, root, tree });
  });
}
