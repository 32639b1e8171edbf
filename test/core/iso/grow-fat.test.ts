// A FAT file system with more room: what was in it is the same bytes.
import { describe, expect, test } from "vitest";
import type { Source } from "../../../src/core/bytes/source.ts";
import { readFatFile, readFatTree } from "../../../src/core/iso/fat-tree.ts";
import { type Fat, growFat } from "../../../src/core/iso/grow-fat.ts";
import { fatImage, sourceOf } from "../../support/iso.ts";

const name = "Live system of a long name.conf";
const text = "0123456789".repeat(130);

function fatOf(image: Uint8Array): Fat {
  const source = sourceOf(image);
  const tree = readFatTree(source);
  if (tree === undefined) throw new Error("it is not read");
  return { source, tree };
}

function textOf({ source, tree }: Fat): string {
  const file = tree.files.find(({ isDirectory }) => !isDirectory);
  const bytes = file && readFatFile(source, file, 10_000);
  return String.fromCharCode(...(bytes ?? []));
}

function entryOf(source: Source, { tree }: Fat): number[] {
  const entry = tree.files.find(({ isDirectory }) => !isDirectory)?.entry ?? 0;
  return [...(source.at(entry, 32) ?? [])];
}

describe("growFat()", () => {
  const fat = fatOf(fatImage("loader", name, text));

  test("makes the room, in whole MiB, and keeps files and their entries", () => {
    const grown = growFat(fat, 700_000);
    if (grown === undefined) throw new Error("it is not grown");
    expect(grown.source.bytes).toBe(2 ** 20);
    expect(grown.tree.freeBytes).toBeGreaterThanOrEqual(fat.tree.freeBytes + 700_000);
    expect(grown.tree.files.map(({ path }) => path)).toEqual(["LOADER", `LOADER/${name}`]);
    expect(textOf(grown)).toBe(text);
    expect(entryOf(grown.source, grown)).toEqual(entryOf(fat.source, fat));
  });

  test("takes what is behind the last entry of a table for nothing", () => {
    const image = fatImage("loader", name, text);
    image.fill(0xff, 512 + 100, 1024);
    const grown = growFat(fatOf(image), 700_000);
    expect(grown?.tree.freeBytes).toBe(growFat(fat, 700_000)?.tree.freeBytes);
  });

  test("makes none that would be of another kind", () => {
    expect(growFat(fat, 4084 * 512)).toBeUndefined();
  });
});
