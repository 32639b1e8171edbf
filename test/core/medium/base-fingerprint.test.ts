// Images built by hand; test/tools/fingerprint.test.ts asks mksquashfs and mkfs.erofs.
import { describe, expect, test } from "vitest";
import { readFingerprint } from "../../../src/core/medium/base-fingerprint.ts";
import * as formats from "../../support/formats.ts";

/** Makes an image of 20,000 bytes, which is the size in its superblock. */
function squashfs(change: (image: Uint8Array, view: DataView) => void = () => {}): Uint8Array {
  const image = new Uint8Array(20_000).fill(7);
  image.set(formats.squashfs().subarray(0, 96));
  const view = new DataView(image.buffer);
  view.setUint32(8, 1_700_000_000, true);
  view.setBigUint64(40, 20_000n, true);
  change(image, view);
  return image;
}

function erofs(change: (view: DataView) => void = () => {}): Uint8Array {
  const image = new Uint8Array(4096);
  image.set(formats.erofs().subarray(0, 4096));
  const view = new DataView(image.buffer);
  view.setBigUint64(1024 + 24, 1_700_000_000n, true);
  change(view);
  return image;
}

function fingerprint(image: Uint8Array, type = "squashfs"): string | undefined {
  return readFingerprint((offset, length) => image.slice(offset, offset + length), type);
}

describe("readFingerprint()", () => {
  test("readFingerprint() tells when a squashfs was made and how large it is", () => {
    expect(fingerprint(squashfs())).toMatch(/^squashfs-1700000000-20000-[0-9a-f]{8}-[0-9a-f]{8}$/);
  });

  test("readFingerprint() tells when an erofs was made and how large it is", () => {
    expect(fingerprint(erofs(), "erofs")).toMatch(/^erofs-1700000000-\d+-[0-9a-f]{8}$/);
  });

  const others: readonly (readonly [is: string, image: Uint8Array])[] = [
    ["time", squashfs((_, view) => view.setUint32(8, 1_700_000_001, true))],
    ["number of inodes", squashfs((_, view) => view.setUint32(4, 9, true))],
    ["size", squashfs((_, view) => view.setBigUint64(40, 19_999n, true))],
    ["table", squashfs((image) => image.set([8], 15_000))],
  ];
  for (const [is, image] of others)
    test(`readFingerprint() differs by the ${is}`, () => {
      expect(fingerprint(image)).not.toBe(fingerprint(squashfs()));
      expect(fingerprint(image)).toMatch(/^squashfs-/);
    });

  test("readFingerprint() reads no more than some kilobytes", () => {
    let most = 0;
    const image = squashfs();
    readFingerprint((offset, length) => {
      most = Math.max(most, length);
      return image.slice(offset, offset + length);
    }, "squashfs");
    expect(most).toBeLessThanOrEqual(64 * 1024);
  });

  const broken: readonly (readonly [is: string, image: Uint8Array, type: string])[] = [
    ["nothing", new Uint8Array(0), "squashfs"],
    ["another format", erofs(), "squashfs"],
    ["a squashfs that is cut", squashfs().slice(0, 19_000), "squashfs"],
    ["a size that is none", squashfs((_, view) => view.setBigUint64(40, 12n, true)), "squashfs"],
    [
      "a size beyond all numbers",
      squashfs((_, view) => view.setBigUint64(40, 2n ** 64n - 1n, true)),
      "squashfs",
    ],
    ["nothing", new Uint8Array(0), "erofs"],
    ["another format", squashfs(), "erofs"],
  ];
  for (const [is, image, type] of broken)
    test(`readFingerprint() gives none of ${is} as ${type}`, () => {
      expect(fingerprint(image, type)).toBe(undefined);
    });
});
