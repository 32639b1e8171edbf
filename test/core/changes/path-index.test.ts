import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openPathIndex, severalOwners } from "../../../src/core/changes/path-index.ts";

describe("openPathIndex() finds", () => {
  test("the owners of paths, as a map does", () => {
    const names = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(fc.array(fc.tuple(names, fc.integer({ min: 1, max: 3 }))), (added) => {
        const index = openPathIndex();
        const wanted = new Map<string, number>();
        for (const [name, owner] of added) {
          const path = `/etc/${name}`;
          const before = wanted.get(path);
          wanted.set(path, before === undefined || before === owner ? owner : severalOwners);
          expect(index.add(path, owner)).toBe(true);
        }
        for (const [path, owner] of wanted) expect(index.find(path)).toBe(owner);
        expect(index.find("/elsewhere")).toBe(undefined);
      }),
    );
  });

  test("each of many paths that differ in little", () => {
    const index = openPathIndex();
    const pathOf = (number: number) => `/usr/share/${number}`;
    for (let number = 0; number < 50_000; number++) index.add(pathOf(number), number + 1);
    for (let number = 0; number < 50_000; number++)
      if (index.find(pathOf(number)) !== number + 1) throw new Error(`${number} is lost`);
    expect(index.find(pathOf(50_000))).toBe(undefined);
  });

  test("another owner where one yields", () => {
    const index = openPathIndex();
    index.add("/a", 1);
    index.add("/a", 2, (owner) => owner === 1);
    expect(index.find("/a")).toBe(2);
    index.add("/a", 3, (owner) => owner === 1);
    expect(index.find("/a")).toBe(severalOwners);
  });

  test("a file by the link at the top that leads to it", () => {
    const index = openPathIndex();
    index.add("/bin/ls", 1);
    index.add("/usr/lib64/a", 2);
    index.add("/sbin/b", 3);
    const paths = ["/usr/bin/ls", "/lib64/a", "/usr/sbin/b", "/srv/bin/ls", "/library/a"];
    expect(paths.map(index.find)).toEqual([1, 2, 3, undefined, undefined]);
  });
});

test("openPathIndex() takes no more paths than there is room for", () => {
  const index = openPathIndex(2);
  expect(["/a", "/b", "/a", "/c"].map((path) => index.add(path, 1))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
