// Labels that are in a directory, or in two places.

import { describe, expect, test } from "vitest";
import { identify } from "../../../src/core/superblocks/identify.ts";
import * as formats from "../../support/formats.ts";

function labelIn(image: Uint8Array): string | undefined {
  const found = identify(formats.readerOf(image).read, image.length);
  expect(found).toBeDefined();
  return found?.label;
}

describe("identify() reads the label of vfat", () => {
  const root = { 12: (4 + 8) * 512, 16: (4 + 32) * 512, 32: (4 + 520) * 512 } as const;

  for (const kind of [12, 16, 32] as const) {
    test(`${kind} from the root directory and not from the boot sector`, () => {
      expect(labelIn(formats.vfat(kind, "ROOT", "BOOT"))).toBe("ROOT");
      expect(labelIn(formats.vfat(kind, "", "BOOT"))).toBeUndefined();
      expect(labelIn(formats.vfat(kind, "ELEVEN CHAR"))).toBe("ELEVEN CHAR");
      expect(labelIn(formats.vfat(kind, "NO NAME"))).toBeUndefined();
    });

    test(`${kind} behind other entries`, () => {
      const image = formats.vfat(kind);
      const entries = [
        { name: "\xe5ELETED", attributes: 0x08 },
        { name: "Along", attributes: 0x0f },
        { name: "DIR", attributes: 0x10 },
        { name: "FILE", attributes: 0x20 },
        { name: "NOLABEL", attributes: 0x08, cluster: 7 },
        { name: "\x05LABEL", attributes: 0x08 },
      ];
      for (const [index, { name, attributes, cluster = 0 }] of entries.entries()) {
        const at = root[kind] + index * 32;
        formats.write(image, at, ["text", 0, name.padEnd(11)], ["u8", 11, attributes]);
        formats.write(image, at, ["u16le", 26, cluster]);
      }
      expect(labelIn(image)).toBe("\ufffdLABEL");
    });

    test(`${kind} not behind the end of the directory`, () => {
      const image = formats.vfat(kind);
      formats.writeFatLabel(image, root[kind] + 32, "LATE");
      expect(labelIn(image)).toBeUndefined();
    });
  }

  function fullCluster(image: Uint8Array, at: number): void {
    for (let entry = 0; entry < 16; entry++) {
      formats.write(image, at + entry * 32, ["text", 0, "FILE       "], ["u8", 11, 0x20]);
    }
  }

  test("32 in a later cluster of the root directory", () => {
    const image = formats.vfat(32);
    fullCluster(image, root[32]);
    formats.write(image, 4 * 512, ["u32le", 8, 5], ["u32le", 20, 0x0fffffff]);
    formats.writeFatLabel(image, root[32] + 3 * 512, "FAR");
    expect(labelIn(image)).toBe("FAR");
  });

  test("32 without end in a directory that comes back to itself", () => {
    const image = formats.vfat(32);
    fullCluster(image, root[32]);
    formats.write(image, 4 * 512, ["u32le", 8, 2]);
    const { read, count } = formats.readerOf(image);
    expect(identify(read, image.length)?.label).toBeUndefined();
    expect(count.reads).toBeLessThan(210);
  });
});

describe("identify() reads the label of exfat", () => {
  test("only as far as it is long, and as none when it was deleted", () => {
    const image = formats.exfat("elevenchars");
    const entry = 32 * 512 + 64;
    expect(labelIn(formats.change(image, ["u8", entry + 1, 3]))).toBe("ele");
    const longer = formats.change(image, ["u8", entry + 1, 200], ["text", entry + 24, "x\0y\0"]);
    expect(labelIn(longer)).toBe("elevenchars");
    expect(labelIn(formats.change(image, ["u8", entry, 0x03]))).toBeUndefined();
  });
});

describe("identify() reads the label of iso9660", () => {
  const cases = [
    { plain: "PLAIN", joliet: undefined, label: "PLAIN" },
    { plain: "A".repeat(32), joliet: undefined, label: "A".repeat(32) },
    { plain: "RESCUE", joliet: "Rescue", label: "Rescue" },
    { plain: "RESCUE_900", joliet: "Rescue 900", label: "Rescue 900" },
    { plain: "J_LI_", joliet: "Jölié", label: "Jölié" },
    {
      plain: "LONGER_THAN_SIXTEEN_CHARS",
      joliet: "Longer than sixt",
      label: "Longer than sixtEEN_CHARS",
    },
    { plain: "ONE", joliet: "Another", label: "Another" },
    { plain: "", joliet: "", label: undefined },
  ];
  for (const { plain, joliet, label } of cases) {
    test(`"${plain}" with Joliet's ${JSON.stringify(joliet)} as ${JSON.stringify(label)}`, () => {
      expect(labelIn(formats.iso9660(plain, joliet))).toBe(label);
    });
  }

  test("without a Joliet descriptor that lies behind the end", () => {
    const image = formats.change(formats.iso9660("PLAIN", "Other"), ["u8", 34816, 255]);
    const moved = formats.change(image, ["bytes", 36864, image.slice(34816, 36864)]);
    expect(labelIn(formats.change(moved, ["u8", 36864, 2]))).toBe("PLAIN");
  });

  test("and the time of making where no change was recorded", () => {
    const image = formats.change(formats.iso9660(), ["text", 32768 + 830, "0".repeat(16)]);
    const found = identify(formats.readerOf(image).read, image.length);
    expect(found?.uuid).toBe("2024-01-31-10-20-30-00");
  });
});
