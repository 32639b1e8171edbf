// A small live medium as a directory of files: menus of every kind with a live system, and what has
// to be left alone; kernels and images are empty.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "./programs.ts";

const grub = `set timeout=5
menuentry 'Live system' {
	linux /live/vmlinuz boot=live quiet --- splash
	initrd /live/initrd.img
}
menuentry "Memory test" {
	linux16 /live/memtest
}
`;

const loopback = "source /boot/grub/grub.cfg\n";

/** ISO 8859-1 in a title, and lines that end as in DOS. */
const isolinux = Buffer.from(
  [
    ...["DEFAULT live", "LABEL live", "  MENU LABEL Système", "  LINUX /live/vmlinuz"],
    ...[
      "  INITRD /live/initrd.img",
      "  APPEND boot=live quiet",
      "LABEL hd",
      "  LOCALBOOT 0x80",
      "",
    ],
  ].join("\r\n"),
  "latin1",
);

const loaderEntry = `title   Live system
linux   /live/vmlinuz
initrd  /live/initrd.img
options boot=live
`;

/** The files of the medium. */
export const mediumFiles: Readonly<Record<string, string | Buffer>> = {
  "boot/grub/grub.cfg": grub,
  "boot/grub/loopback.cfg": loopback,
  "isolinux/isolinux.cfg": isolinux,
  "loader/entries/live.conf": loaderEntry,
  "EFI/BOOT/BOOTX64.EFI": "",
  "live/vmlinuz": "",
  "live/initrd.img": "",
  "live/filesystem.squashfs": "",
};

/** Makes the medium with true lists of checksums. */
export function makeLiveMedium(
  directory: string,
  files: Readonly<Record<string, string | Buffer>> = mediumFiles,
): void {
  for (const [name, contents] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
  }
  const names = Object.keys(files).map((name) => `./${name}`);
  for (const [list, tool] of [
    ["md5sum.txt", "md5sum"],
    ["sha256sum.txt", "sha256sum"],
  ] as const)
    writeFileSync(
      join(directory, list),
      run(["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", directory, tool, ...names]),
    );
}
