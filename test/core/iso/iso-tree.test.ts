// The trees of ISO images made byte by byte: all kinds of names, and images that are damaged.
import { describe, expect, test } from "vitest";
import { readImage } from "../../../src/core/iso/check-session.ts";
import { readJolietTree } from "../../../src/core/iso/iso-tree.ts";
import { write } from "../../support/formats.ts";
import { isoImage, sourceOf } from "../../support/iso.ts";

const files = { "boot/grub/Menu.cfg": "menu", "Live/initrd": "initrd", top: "" };

function pathsOf(image: Uint8Array): string[] | undefined {
  const found = readImage(sourceOf(image));
  return found?.tree.files.map(({ path, kind }) => `${kind} ${path}`).sort();
}

const all = ["Live", "boot", "boot/grub"].map((path) => `directory ${path}`);

describe("readImage()", () => {
  test("names files by Rock Ridge", () => {
    expect(pathsOf(isoImage({ files }))).toEqual(
      [...all, ...Object.keys(files).map((path) => `file ${path}`)].sort(),
    );
  });

  test("names files by Joliet where there is no Rock Ridge", () => {
    const image = isoImage({ files, rockRidge: false, joliet: true });
    expect(pathsOf(image)).toEqual(
      [...all, ...Object.keys(files).map((path) => `file ${path}`)].sort(),
    );
  });

  test("names files in small letters where there is neither", () => {
    const image = isoImage({ files, rockRidge: false });
    expect(pathsOf(image)).toEqual(
      [
        ...["directory boot", "directory boot/grub", "directory live"],
        ...["file boot/grub/menu.cfg", "file live/initrd", "file top"],
      ].sort(),
    );
  });

  test("reads what boots it, and how long it is", () => {
    const image = isoImage({ files });
    const { facts } = readImage(sourceOf(image)) ?? {};
    expect(facts?.blocks).toBe(image.length / 2048);
    expect(facts?.boot).toEqual([
      { firmware: "bios", block: 22, entry: 20 * 2048 + 32 },
      { firmware: "uefi", block: 23, entry: 20 * 2048 + 96 },
    ]);
    expect(facts?.implantedSum).toBeUndefined();
  });

  test("reads whether a checksum is implanted", () => {
    const image = isoImage({ files });
    const text = "ISO MD5SUM = 0;SKIPSECTORS = 15;RHLISOSTATUS=1;";
    write(image, 16 * 2048, ["text", 883, text]);
    const { facts } = readImage(sourceOf(image)) ?? {};
    expect(facts?.implantedSum).toEqual({ isSupported: true });
  });

  test("reads the tree of Joliet beside that of Rock Ridge", () => {
    const source = sourceOf(isoImage({ files, joliet: true }));
    const image = readImage(source);
    const joliet = image && readJolietTree(source, image.facts.volume);
    expect(joliet?.files.map(({ path }) => path).sort()).toEqual(
      image?.tree.files.map(({ path }) => path).sort(),
    );
  });

  const broken: readonly [what: string, at: number, bytes: readonly number[]][] = [
    ["no primary descriptor", 16 * 2048, [2]],
    ["no end of its descriptors", 18 * 2048, [0x43]],
    ["a root that is beyond its end", 16 * 2048 + 158, [0xff, 0xff]],
    ["a root that is longer than it", 16 * 2048 + 166, [0xff, 0xff, 0xff]],
    ["a record that is too short", 24 * 2048, [5]],
    ["a name that is longer than its record", 24 * 2048 + 32, [255]],
  ];
  for (const [what, at, bytes] of broken)
    test(`reads no image with ${what}`, () => {
      const image = isoImage({ files });
      image.set(bytes, at);
      expect(readImage(sourceOf(image)) === undefined).toBe(true);
    });

  test("reads no image whose directories form a circle", () => {
    const image = isoImage({ files: { "a/b": "" } });
    const at = image.indexOf(0x41, 24 * 2048) - 33;
    image.set([24], at + 2);
    expect(readImage(sourceOf(image)) === undefined).toBe(true);
  });

  test("reads no name that leads out of the image", () => {
    const image = isoImage({ files: { "a/bc": "" } });
    const text = "bc".split("").map((letter) => letter.charCodeAt(0));
    for (let at = 24 * 2048; at < 27 * 2048; at++)
      if (text.every((byte, index) => image[at + index] === byte)) image.set([0x2e, 0x2e], at);
    expect(readImage(sourceOf(image)) === undefined).toBe(true);
  });
});
