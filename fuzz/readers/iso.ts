// What is read from an ISO image and from the EFI partition in it.

import { openSource } from "../../src/core/bytes/source.ts";
import { readInstalledImage } from "../../src/core/install/installed-image.ts";
import { readImage } from "../../src/core/iso/check-session.ts";
import { readEfiPartition } from "../../src/core/iso/efi-partition.ts";
import { readFatFile, readFatTree } from "../../src/core/iso/fat-tree.ts";
import { readJolietTree } from "../../src/core/iso/iso-tree.ts";
import { planSession } from "../../src/core/iso/session.ts";
import { diskOf, promise, type Reader } from "./reader.ts";

/** The readers. */
export const readersOfImages: readonly Reader[] = [
  {
    name: "iso-image",
    words: [
      ...["CD001\u0001", "EL TORITO SPECIFICATION", "%/E", "SP\u0007\u0001\u00be\u00ef", "NM"],
      ...["CE\u001c\u0001", "PX", "SL", "CL", "RE", "ST\u0004\u0001", ";1", "backstore"],
      ...["\x55\xaa", "EFI PART"],
    ],
    read(input) {
      const source = openSource(diskOf(input), input.length);
      const image = readImage(source);
      if (image === undefined) return;
      checkPaths(image.tree.files);
      checkPaths(readJolietTree(source, image.facts.volume)?.files ?? []);
      readEfiPartition(source, image.facts);
      readInstalledImage(image);
      planSession(source, image.facts, {
        ...{ written: input, block: Math.ceil(input.length / 2048), efi: [] },
      });
    },
  },
  {
    name: "fat-tree",
    words: ["FAT12   ", "FAT16   ", "FAT32   ", "\x55\xaa", "\x0f", "\x10"],
    read(input) {
      const source = openSource(diskOf(input), input.length);
      const tree = readFatTree(source);
      if (tree === undefined) return;
      checkPaths(tree.files);
      for (const file of tree.files.slice(0, 20)) readFatFile(source, file, 2 ** 20);
    },
  },
];

function checkPaths(files: readonly { readonly path: string }[]): void {
  promise(files.length <= 200_000, `there are ${files.length} files`);
  for (const { path } of files)
    promise(
      path.split("/").every((name) => name !== "" && name !== "." && name !== ".."),
      "a path stays inside",
    );
}
