// How each format records that it was not unmounted cleanly.

import { expect, test } from "vitest";
import { identify } from "../../../src/core/superblocks/identify.ts";
import * as formats from "../../support/formats.ts";

const ext4 = formats.ext("ext4");
const sb = 1024;
const [fat12, fat16, fat32] = ([12, 16, 32] as const).map((kind) => formats.vfat(kind));
const table = 4 * 512;

function f2fsWithBadPack(): Uint8Array {
  // The newer pack is damaged in its last block; the older one, left dirty, counts.
  return formats.change(formats.f2fs("", [0, 1]), ["u8", 5 * 4096 + 100, 1]);
}

const cases: readonly (readonly [string, Uint8Array, readonly string[]])[] = [
  ["ext4 that is clean", ext4, []],
  ["ext4 with a journal to replay", formats.change(ext4, ["u32le", sb + 0x60, 0x2c6]), ["journal"]],
  ["ext4 with the error bit", formats.change(ext4, ["u16le", sb + 0x3a, 3]), ["errors"]],
  ["ext4 without the clean bit", formats.change(ext4, ["u16le", sb + 0x3a, 0]), ["dirty"]],
  ["ext4 with a list of orphans", formats.change(ext4, ["u32le", sb + 0xe8, 12]), ["orphans"]],
  ["ext4 with an orphan file", formats.change(ext4, ["u32le", sb + 0x64, 0x1046b]), ["orphans"]],
  [
    "ext4 with everything",
    formats.change(
      ext4,
      ["u32le", sb + 0x60, 0x2c6],
      ["u16le", sb + 0x3a, 2],
      ["u8", sb + 0xe8, 1],
    ),
    ["journal", "errors", "dirty", "orphans"],
  ],
  ["xfs that mkfs did not finish", formats.change(formats.xfs(), ["u8", 126, 1]), ["errors"]],
  [
    "xfs that wants repair",
    formats.change(formats.xfs(), ["u16be", 100, 0xb4a5], ["u32be", 216, 0x10]),
    ["errors"],
  ],
  [
    "xfs of version 4 with noise where version 5 has features",
    formats.change(formats.xfs(), ["u16be", 100, 0xb4a4], ["u32be", 216, 0x10]),
    [],
  ],
  [
    "btrfs with a log tree",
    formats.change(formats.btrfs(), ["u64le", 65536 + 0x60, 30408704]),
    ["journal"],
  ],
  ["f2fs that is clean", formats.f2fs("", [0, 1]), []],
  ["f2fs that was not unmounted", formats.f2fs("", [1, 0]), ["dirty"]],
  ["f2fs with orphans", formats.f2fs("", [1, 0x3]), ["orphans"]],
  ["f2fs that wants fsck", formats.f2fs("", [1, 0x11]), ["errors"]],
  ["f2fs whose quota wants fsck", formats.f2fs("", [1, 0x801]), ["errors"]],
  ["f2fs with an error", formats.f2fs("", [1, 0x8]), ["errors", "dirty"]],
  ["f2fs with a damaged newer checkpoint", f2fsWithBadPack(), ["dirty"]],
  [
    "f2fs with two damaged checkpoints",
    formats.change(f2fsWithBadPack(), ["u8", 2 * 4096 + 100, 1]),
    ["errors"],
  ],
  ["vfat 12 that Linux left", formats.change(fat12!, ["u8", 37, 1]), ["dirty"]],
  ["vfat 12 with bits that only others use", formats.change(fat12!, ["u32le", table, 0]), []],
  ["vfat 16 that Linux left", formats.change(fat16!, ["u8", 37, 1]), ["dirty"]],
  ["vfat 16 that Windows left", formats.change(fat16!, ["u16le", table + 2, 0x7fff]), ["dirty"]],
  ["vfat 16 with read errors", formats.change(fat16!, ["u16le", table + 2, 0xbfff]), ["errors"]],
  ["vfat 32 that Linux left", formats.change(fat32!, ["u8", 65, 1]), ["dirty"]],
  [
    "vfat 32 that Windows left",
    formats.change(fat32!, ["u32le", table + 4, 0x07ffffff]),
    ["dirty"],
  ],
  [
    "vfat 32 with read errors",
    formats.change(fat32!, ["u32le", table + 4, 0x0bffffff]),
    ["errors"],
  ],
  ["exfat that was left", formats.change(formats.exfat(), ["u16le", 106, 2]), ["dirty"]],
  ["exfat on a failing medium", formats.change(formats.exfat(), ["u16le", 106, 4]), ["errors"]],
  ["ntfs that was left", formats.ntfs("label", 1), ["dirty"]],
  ["ntfs with another flag", formats.ntfs("label", 0x10), []],
  ["swap in use or not", formats.swap(), []],
];
for (const [name, image, expected] of cases) {
  test(`identify() finds [${expected.join(", ")}] in ${name}`, () => {
    expect(identify(formats.readerOf(image).read, image.length)?.unclean).toEqual(expected);
  });
}

for (const signature of ["S1SUSPEND", "S2SUSPEND", "ULSUSPEND", "LINHIB0001"]) {
  test(`identify() finds the suspended system of ${signature}`, () => {
    const image = formats.swap("label", signature);
    expect(identify(formats.readerOf(image).read, image.length)).toEqual({
      type: "swsuspend",
      label: "label",
      uuid: formats.uuid,
      bytes: 65536,
      unclean: ["suspended"],
    });
  });
}
