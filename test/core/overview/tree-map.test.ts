import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { growChangeTree } from "../../../src/core/overview/change-tree.ts";
import { layOutTree, type TreeMap } from "../../../src/core/overview/tree-map.ts";
import { change } from "../../support/overview.ts";

const size: Parameters<typeof layOutTree>[1] = { width: 960, height: 480, leastArea: 0 };

function layOut(files: readonly (readonly [path: string, bytes: number])[], how = size): TreeMap {
  const { add, end } = growChangeTree();
  for (const [path, bytes] of files) add(change(path, "added", bytes));
  return layOutTree(end(), how);
}

describe("layOutTree()", () => {
  test("layOutTree() draws areas that are the bytes, and add up to the whole", () => {
    const file = fc.tuple(
      fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 1e9 }),
    );
    fc.assert(
      fc.property(fc.array(file, { minLength: 1, maxLength: 40 }), fc.nat(5000), (files, least) => {
        const named = files.map(
          ([names, bytes], index) => [`/${names.join("/")}/${index}`, bytes] as const,
        );
        const all = files.reduce((sum, [, bytes]) => sum + bytes, 0);
        const map = layOut(named, { ...size, leastArea: least });
        const whole = size.width * size.height;
        for (const { width, height, bytes } of [...map.leaves, ...map.directories])
          expect((width * height) / whole).toBeCloseTo(bytes / all, 6);
        expect(map.leaves.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(all);
        for (const { x, y, width, height } of map.leaves) {
          expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
          expect(x + width).toBeLessThanOrEqual(size.width + 1e-6);
          expect(y + height).toBeLessThanOrEqual(size.height + 1e-6);
        }
      }),
    );
  });

  test("layOutTree() makes a sum of what is too small to draw", () => {
    const files = Array.from({ length: 500 }, (_, index) => [`/d/${index}`, 1] as const);
    const { leaves } = layOut([["/large", 99_500], ...files], { ...size, leastArea: 2000 });
    expect(leaves.map(({ path, bytes, paths, isSum }) => [path, bytes, paths, isSum])).toEqual([
      ["/large", 99_500, 1, false],
      ["/d", 500, 500, true],
    ]);
  });

  test("layOutTree() draws nothing of changes without bytes", () => {
    expect(layOut([["/a", 0]])).toMatchObject({ leaves: [], directories: [] });
    expect(layOut([])).toMatchObject({ leaves: [], directories: [] });
  });

  test("layOutTree() names directories from the outer to the inner", () => {
    const { directories } = layOut([["/a/b/c", 1]]);
    expect(directories.map(({ path, depth }) => [path, depth])).toEqual([
      ["/", 0],
      ["/a", 1],
      ["/a/b", 2],
    ]);
  });

  test("layOutTree() draws wider rectangles where a character is higher than wide", () => {
    const files = Array.from({ length: 16 }, (_, index) => [`/${index}`, 1] as const);
    const { leaves } = layOut(files, { width: 80, height: 20, leastArea: 0, ratio: 2 });
    const ratios = leaves.map(({ width, height }) => width / height);
    const mean = ratios.reduce((sum, ratio) => sum + ratio / ratios.length, 0);
    expect(mean).toBeGreaterThan(1.5);
  });
});
