// The files of a small FAT file system, and menus in it that get another length.
import { describe, expect, test } from "vitest";
import type { Source } from "../../../src/core/bytes/source.ts";
import {
  type EfiPartition,
  planTextWrites,
  toPatches,
} from "../../../src/core/iso/efi-partition.ts";
import { readFatFile, readFatTree } from "../../../src/core/iso/fat-tree.ts";
import { patchSource } from "../../../src/core/iso/patches.ts";
import { fatImage, sourceOf } from "../../support/iso.ts";

const name = "Live system of a long name.conf";

function partitionOf(image: Uint8Array): EfiPartition {
  const source = sourceOf(image);
  const tree = readFatTree(source);
  if (tree === undefined) throw new Error("it is not read");
  return { block: 0, source, tree };
}

function textOf(source: Source): string | undefined {
  const file = readFatTree(source)?.files.find(({ path }) => path === `LOADER/${name}`);
  const bytes = file && readFatFile(source, file, 10_000);
  return bytes && String.fromCharCode(...bytes);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

describe("readFatTree()", () => {
  test("reads long names, and how much is free", () => {
    const { tree, source } = partitionOf(fatImage("loader", name, "title\n"));
    expect(tree.files.map(({ path }) => path)).toEqual(["LOADER", `LOADER/${name}`]);
    expect(textOf(source)).toBe("title\n");
    expect(tree.freeBytes).toBe((64 - 3) * 512 - 2 * 512);
  });

  test("reads contents of several clusters", () => {
    const text = "0123456789".repeat(130);
    expect(textOf(sourceOf(fatImage("loader", name, text)))).toBe(text);
  });

  const broken: readonly [what: string, at: number, bytes: readonly number[]][] = [
    ["a chain that leads nowhere", 512 + 4, [0x0f, 0x50]],
    ["a directory that is in itself", 1536 + 3 * 32 + 11, [0x10]],
    ["a table beyond its end", 22, [0xff, 0xff]],
  ];
  for (const [what, at, bytes] of broken)
    test(`reads none with ${what}`, () => {
      const image = fatImage("loader", "a.conf", "title\n");
      image.set(bytes, at);
      if (what.includes("itself")) image.set([2], 1536 + 3 * 32 + 26);
      expect(readFatTree(sourceOf(image))).toBeUndefined();
    });
});

describe("planTextWrites()", () => {
  const [from, to] = ["title a\noptions b\n", "title a\ninitrd c\noptions b c\n"];

  test("makes of a text the new one by writes between which it is the old or the new one", () => {
    const partition = partitionOf(fatImage("loader", name, from));
    const writes = planTextWrites(partition, {
      ...{ path: `LOADER/${name}`, from: bytesOf(from), to: bytesOf(to) },
    });
    const padded = from.padEnd(to.length, "\n");
    const { source } = partition;
    const patches = toPatches(source, writes ?? []);
    const seen = patches.map((_, count) =>
      textOf(patchSource(source, patches.slice(0, count + 1), source.bytes)),
    );
    expect(seen).toEqual([from, padded, to]);
  });

  test("plans nothing where the clusters have no room", () => {
    const partition = partitionOf(fatImage("loader", name, "a".repeat(510)));
    const change = { from: bytesOf("a".repeat(510)), to: bytesOf("a".repeat(513)) };
    expect(planTextWrites(partition, { path: `LOADER/${name}`, ...change })).toBeUndefined();
  });
});
