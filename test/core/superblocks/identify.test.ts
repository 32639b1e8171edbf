import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { identify } from "../../../src/core/superblocks/identify.ts";
import * as formats from "../../support/formats.ts";

function identifyImage(image: Uint8Array) {
  return identify(formats.readerOf(image).read, image.length);
}

// Moves bytes, leaving zeros.
function copyOf(image: Uint8Array, move: { from: number; to: number; bytes: number }) {
  const moved = image.slice();
  moved.fill(0, move.from, move.from + move.bytes);
  moved.set(image.subarray(move.from, move.from + move.bytes), move.to);
  return moved;
}

const memberUuid = "ffeeddcc-bbaa-9988-7766-554433221100";
const { uuid } = formats;
const serial = "1A2B-3C4D";
const date = "2024-02-01-11-21-31-99";

describe("identify() recognises", () => {
  const cases = [
    { image: formats.ext("ext2"), type: "ext2", uuid, bytes: 8388608 },
    { image: formats.ext("ext3"), type: "ext3", uuid, bytes: 8388608 },
    { image: formats.ext("ext4"), type: "ext4", uuid, bytes: 8388608 },
    {
      image: formats.change(formats.ext("ext4"), ["u32le", 1024 + 0x150, 3]),
      type: "ext4",
      uuid,
      bytes: 3 * 2 ** 42 + 8388608,
    },
    { image: formats.xfs(), type: "xfs", uuid, bytes: 2 ** 28 },
    { image: formats.btrfs(), type: "btrfs", uuid, bytes: 2 ** 30, memberUuid },
    { image: formats.f2fs(), type: "f2fs", uuid, bytes: 2 ** 26 },
    { image: formats.squashfs(), type: "squashfs", uuid: undefined, bytes: 3210 },
    { image: formats.erofs(), type: "erofs", uuid, bytes: 4096 },
    { image: formats.iso9660(), type: "iso9660", uuid: date, bytes: 40960 },
    { image: formats.vfat(12), type: "vfat", uuid: serial, bytes: 2000 * 512 },
    {
      image: formats.change(formats.vfat(12), ["u8", 21, 0xf0]),
      type: "vfat",
      uuid: serial,
      bytes: 2000 * 512,
    },
    { image: formats.vfat(16), type: "vfat", uuid: serial, bytes: 5000 * 512 },
    { image: formats.vfat(32), type: "vfat", uuid: serial, bytes: 66600 * 512 },
    { image: formats.exfat(), type: "exfat", uuid: serial, bytes: 65536 },
    { image: formats.ntfs(), type: "ntfs", uuid: "1122334455667788", bytes: 31 * 512 },
    { image: formats.luks(1), type: "crypto_LUKS", uuid, bytes: undefined },
    { image: formats.luks(2), type: "crypto_LUKS", uuid, bytes: undefined },
    { image: formats.swap(), type: "swap", uuid, bytes: 65536 },
    { image: formats.swap("", "SWAPSPACE2", 65536), type: "swap", uuid, bytes: 2 ** 20 },
    { image: formats.bcache(), type: "bcache", uuid, bytes: undefined },
  ];
  for (const { image, ...expected } of cases) {
    test(`${expected.type} of ${expected.bytes ?? "unknown"} bytes without a label`, () => {
      expect(identifyImage(image)).toEqual({ label: undefined, unclean: [], ...expected });
    });
  }

  const members = [
    { version: "0.90", label: undefined, bytes: 131072 },
    { version: "1.0", label: "host:array", bytes: 131072, memberUuid },
    { version: "1.1", label: "host:array", bytes: 131072, memberUuid },
    { version: "1.2", label: "host:array", bytes: 131072, memberUuid },
  ] as const;
  for (const { version, ...expected } of members) {
    test(`a member of a RAID with metadata ${version}`, () => {
      const type = "linux_raid_member";
      expect(identifyImage(formats.md(version))).toEqual({ type, uuid, unclean: [], ...expected });
    });
  }

  test("a member of a RAID with metadata 1.0 on a device of an odd size", () => {
    const image = new Uint8Array(256 * 1024 + 3 * 512);
    image.set(formats.md("1.0"));
    expect(identifyImage(image)?.type).toBe("linux_raid_member");
  });

  for (const sector of [0, 1, 3]) {
    test(`a physical volume of LVM by the label in sector ${sector}`, () => {
      expect(identifyImage(formats.lvm(sector))).toEqual({
        type: "LVM2_member",
        label: undefined,
        uuid: "abcdef-GHIJ-klmn-OPQR-stuv-WXYZ-012345",
        bytes: 2 ** 30,
        unclean: [],
      });
    });
  }
});

describe("identify() reads the label of", () => {
  const labelled: readonly { name: string; make: (label: string) => Uint8Array; most: number }[] = [
    { name: "ext4", make: (label) => formats.ext("ext4", label), most: 16 },
    { name: "xfs", make: formats.xfs, most: 12 },
    { name: "btrfs", make: formats.btrfs, most: 255 },
    { name: "f2fs", make: formats.f2fs, most: 512 },
    { name: "erofs", make: formats.erofs, most: 16 },
    { name: "exfat", make: formats.exfat, most: 11 },
    { name: "ntfs", make: formats.ntfs, most: 128 },
    { name: "luks2", make: (label) => formats.luks(2, label), most: 47 },
    { name: "swap", make: formats.swap, most: 16 },
    { name: "bcache", make: formats.bcache, most: 32 },
    { name: "md", make: (label) => formats.md("1.2", label), most: 32 },
  ];
  for (const { name, make, most } of labelled) {
    const full = "x".repeat(most);
    const texts = ["a", "two words", "größe", "$(x)\n'\"`", full, "café ☕"];
    for (const text of texts.filter((label) => Buffer.from(label).length <= most)) {
      test(`${name}: ${JSON.stringify(text === full ? `${most} characters` : text)}`, () => {
        expect(identifyImage(make(text))?.label).toBe(text);
      });
    }
    test(`${name} without white space at its end, and as none when nothing is left`, () => {
      expect(identifyImage(make(" a \t "))?.label).toBe(" a");
      expect(identifyImage(make("  \0rest"))?.label).toBeUndefined();
    });
  }

  test("ext4 with U+FFFD for what is not UTF-8", () => {
    const image = formats.change(formats.ext("ext4"), ["text", 1024 + 0x78, "a\xffb"]);
    expect(identifyImage(image)?.label).toBe("a\ufffdb");
  });
});

// Every format once, to be cut and damaged by the tests below.
const samples: readonly (readonly [string, Uint8Array])[] = [
  ["ext2", formats.ext("ext2", "label")],
  ["ext4", formats.ext("ext4", "label")],
  ["xfs", formats.xfs("label")],
  ["btrfs", formats.btrfs("label")],
  ["f2fs", formats.f2fs("label")],
  ["squashfs", formats.squashfs()],
  ["erofs", formats.erofs("label")],
  ["iso9660", formats.iso9660("LABEL", "label")],
  ["vfat 12", formats.vfat(12, "LABEL")],
  ["vfat 16", formats.vfat(16, "LABEL")],
  ["vfat 32", formats.vfat(32, "LABEL")],
  ["exfat", formats.exfat("label")],
  ["ntfs", formats.ntfs("label")],
  ["luks1", formats.luks(1)],
  ["luks2", formats.luks(2, "label")],
  ["swap", formats.swap("label")],
  ["bcache", formats.bcache("label")],
  ["lvm", formats.lvm()],
  ["md 0.90", formats.md("0.90")],
  ["md 1.0", formats.md("1.0")],
  ["md 1.1", formats.md("1.1")],
  ["md 1.2", formats.md("1.2")],
];

describe("identify() does not recognise", () => {
  test("what is empty, short or zero", () => {
    for (const bytes of [0, 1, 511, 512, 1024, 4096, 65536, 200_000]) {
      expect(identifyImage(new Uint8Array(bytes))).toBeUndefined();
    }
  });

  const broken: readonly (readonly [string, Uint8Array])[] = [
    ["ext4 with blocks of 128 KiB", formats.change(formats.ext("ext4"), ["u32le", 1048, 7])],
    ["ext4 without block groups", formats.change(formats.ext("ext4"), ["u32le", 1056, 0])],
    ["ext2 that wants a journal replayed", formats.change(formats.ext("ext2"), ["u32le", 1120, 6])],
    ["xfs whose block size is not its power", formats.change(formats.xfs(), ["u32be", 4, 2048])],
    ["xfs without real-time extents", formats.change(formats.xfs(), ["u32be", 80, 0])],
    ["xfs without groups", formats.change(formats.xfs(), ["u32be", 88, 0])],
    ["xfs with more blocks than its groups", formats.change(formats.xfs(), ["u64be", 8, 65537])],
    ["btrfs that lies elsewhere", formats.change(formats.btrfs(), ["u64le", 65536 + 0x30, 4096])],
    ["btrfs with odd nodes", formats.change(formats.btrfs(), ["u32le", 65536 + 0x94, 16383])],
    ["btrfs with nodes below a sector", formats.change(formats.btrfs(), ["u32le", 65680, 32768])],
    ["f2fs whose sectors do not make a block", formats.change(formats.f2fs(), ["u32le", 1036, 4])],
    ["squashfs of version 3", formats.change(formats.squashfs(), ["u16le", 28, 3])],
    [
      "squashfs whose block is not its power",
      formats.change(formats.squashfs(), ["u16le", 22, 16]),
    ],
    ["erofs with blocks of 2 GiB", formats.change(formats.erofs(), ["u8", 1036, 31])],
    ["iso9660 without a primary descriptor", formats.change(formats.iso9660(), ["u8", 32768, 0])],
    ["vfat without tables", formats.change(formats.vfat(16), ["u8", 16, 0])],
    ["vfat with another medium", formats.change(formats.vfat(16), ["u8", 21, 0x12])],
    ["vfat with clusters of 3 sectors", formats.change(formats.vfat(16), ["u8", 13, 3])],
    ["vfat smaller than its tables", formats.change(formats.vfat(16), ["u32le", 32, 20])],
    ["vfat 32 with a strange second sector", formats.change(formats.vfat(32), ["u16le", 48, 4])],
    ["exfat with bytes where FAT has fields", formats.change(formats.exfat(), ["u8", 13, 1])],
    ["exfat with 32 MiB sectors", formats.change(formats.exfat(), ["u8", 108, 25])],
    ["ntfs with FAT's reserved sectors", formats.change(formats.ntfs(), ["u8", 14, 1])],
    ["ntfs without its file table", formats.change(formats.ntfs(), ["text", 7168, "BAAD"])],
    ["ntfs whose record was half written", formats.change(formats.ntfs(), ["u16le", 7678, 8])],
    ["luks of version 3", formats.change(formats.luks(2), ["u16be", 6, 3])],
    ["swap of version 2", formats.change(formats.swap(), ["u32le", 1024, 2])],
    ["swap without pages", formats.change(formats.swap(), ["u32le", 1028, 0])],
    ["bcache that lies elsewhere", formats.change(formats.bcache(), ["u64le", 4104, 16])],
    ["lvm whose label is a copy", copyOf(formats.lvm(1), { from: 512, to: 1024, bytes: 512 })],
    ["lvm with a wrong check", formats.change(formats.lvm(), ["u64le", 512 + 64, 2 ** 29])],
    ["md 1.2 that lies elsewhere", formats.change(formats.md("1.2"), ["u64le", 4096 + 144, 0])],
    ["md 0.90 larger than its device", formats.change(formats.md("0.90"), ["u32le", 196640, 512])],
  ];
  for (const [name, image] of broken) {
    test(name, () => expect(identifyImage(image)).toBeUndefined());
  }

  for (const [name, image] of samples) {
    test(`${name} when its superblock is cut off`, () => {
      const superblockEnd = image.findLastIndex((byte) => byte !== 0);
      const start = image.findIndex((byte) => byte !== 0);
      for (const bytes of [0, 1, start, Math.min(start + 20, superblockEnd)]) {
        expect(identifyImage(image.subarray(0, bytes))).toBeUndefined();
      }
    });
  }
});

describe("identify() with the marks of two formats", () => {
  function overlay(below: Uint8Array, above: Uint8Array): Uint8Array {
    const image = new Uint8Array(Math.max(below.length, above.length));
    image.set(below);
    for (const [at, byte] of above.entries()) if (byte !== 0) image[at] = byte;
    return image;
  }

  test("says that nobody can tell which one is meant", () => {
    const image = overlay(formats.ext("ext4", "new"), formats.btrfs("old"));
    expect(identifyImage(image)).toEqual({
      type: "ambivalent",
      label: undefined,
      uuid: undefined,
      bytes: undefined,
      unclean: [],
      signatures: ["ext4", "btrfs"],
    });
  });

  const containers = [
    ["linux_raid_member", formats.md("0.90")],
    ["linux_raid_member", formats.md("1.0")],
    ["crypto_LUKS", formats.luks(2)],
    ["LVM2_member", formats.lvm()],
    ["bcache", formats.bcache()],
  ] as const;
  for (const [type, container] of containers) {
    test(`takes a container (${type}) and not the file system seen through it`, () => {
      const inside = formats.btrfs("inside");
      expect(identifyImage(overlay(inside, container))?.type).toBe(type);
    });
  }

  test("takes no RAID for a disk whose last partition is a member of one", () => {
    const disk = formats.writeMbr(formats.md("0.90"), 0, [
      { type: 0xfd, start: 128, sectors: 384 },
    ]);
    expect(identifyImage(disk)).toBeUndefined();
  });
});

describe("identify() reads little", () => {
  const mostReads = 400;
  const mostBytes = 2 * 1024 * 1024;

  function expectBounded(image: Uint8Array, bytes: number): void {
    const { read, count } = formats.readerOf(image);
    identify(read, bytes);
    expect(count.reads).toBeLessThanOrEqual(mostReads);
    expect(count.bytes).toBeLessThanOrEqual(mostBytes);
  }

  for (const [name, image] of samples) {
    test(`for ${name}`, () => {
      const { read, count } = formats.readerOf(image);
      identify(read, image.length);
      expect(count.reads).toBeLessThanOrEqual(7);
      expect(count.bytes).toBeLessThanOrEqual(128 * 1024);
    });
  }

  test("for a disk of zeros, whatever its size", () => {
    for (const bytes of [2 ** 20, 2 ** 30, 2 ** 45]) {
      const { read, count } = formats.readerOf(new Uint8Array(0));
      const zeros = (offset: number, length: number) => {
        read(offset, length);
        return new Uint8Array(length);
      };
      expect(identify(zeros, bytes)).toBeUndefined();
      expect(count.reads).toBeLessThanOrEqual(3);
    }
  });

  test("of a root directory whose clusters are huge and full", () => {
    const boot = formats.change(formats.exfat(), ["u8", 109, 16], ["u32le", 88, 4096]);
    const { read, count } = formats.readerOf(boot);
    const full = (offset: number, length: number) => {
      const found = read(offset, length);
      return offset === 0 ? found.slice(0, length) : new Uint8Array(length).fill(0x85);
    };
    expect(identify(full, 2 ** 36)?.type).toBe("exfat");
    expect(count.bytes).toBeLessThanOrEqual(mostBytes);
  });

  test("of a record of NTFS whose attributes have no length", () => {
    const image = formats.change(formats.ntfs("label"), ["u32le", 7168 + 56 + 4, 0]);
    expect(identifyImage(image)).toMatchObject({ type: "ntfs", label: undefined });
  });

  const sample = fc.constantFrom(
    ...samples.map(([, image]) => ({
      original: image,
      used: [...image.keys()].filter((at) => image[at] !== 0),
    })),
  );
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 12 });

  test("and never throws, when some bytes are damaged and the end is cut off", () => {
    fc.assert(
      fc.property(
        sample,
        damage,
        fc.nat(),
        fc.boolean(),
        ({ original, used }, places, cut, isCut) => {
          const image = original.slice();
          // Damage where there is something to damage.
          for (const [place, byte] of places) image[used[place % used.length]!] = byte;
          const kept = isCut ? image.subarray(0, cut % image.length) : image;
          expectBounded(kept, kept.length);
          // A device that reports a larger size than it has.
          expectBounded(kept, image.length * 2);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("and never throws, when there is only noise", () => {
    const noise = fc.uint8Array({ minLength: 0, maxLength: 4096, size: "max" });
    fc.assert(
      fc.property(noise, (image) => expectBounded(image, image.length)),
      { numRuns: 150 },
    );
  });

  test("and passes on what reading throws", () => {
    const failure = Object.assign(new Error("input/output error"), { code: "EIO" });
    const read = () => {
      throw failure;
    };
    expect(() => identify(read, 2 ** 30)).toThrow(failure);
  });
});
