import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change } from "../../../src/core/changes/change.ts";
import {
  type ChangeNode,
  changeGroups,
  growChangeTree,
  pruneTree,
} from "../../../src/core/overview/change-tree.ts";
import { change } from "../../support/overview.ts";

function grow(changes: Iterable<Change>): { tree: ChangeNode; sums: object } {
  const { add, end, sums } = growChangeTree();
  for (const one of changes) add(one);
  return { tree: end(), sums };
}

/** Adds up what the leaves of a tree are, and checks every directory on the way. */
function addUp(node: ChangeNode): Record<string, { bytes: number; paths: number }> {
  const sums = Object.fromEntries(changeGroups.map((group) => [group, { bytes: 0, paths: 0 }]));
  if (node.group !== undefined) sums[node.group] = { bytes: node.bytes, paths: node.paths };
  for (const child of node.children ?? [])
    for (const [group, { bytes, paths }] of Object.entries(addUp(child))) {
      sums[group]!.bytes += bytes;
      sums[group]!.paths += paths;
    }
  const all = Object.values(sums);
  expect(all.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(node.bytes);
  expect(all.reduce((sum, { paths }) => sum + paths, 0)).toBe(node.paths);
  return sums;
}

function countNodes({ children = [] }: ChangeNode): number {
  return children.reduce((sum, child) => sum + 1 + countNodes(child), 0);
}

function listLeaves(node: ChangeNode, above = ""): string[] {
  const path = node.name === "" ? "" : `${above}/${node.name ?? "*"}`;
  if (node.children !== undefined) return node.children.flatMap((child) => listLeaves(child, path));
  return [`${path} ${node.group} ${node.bytes} ${node.paths}`];
}

describe("growChangeTree()", () => {
  test("growChangeTree() has each change in its directory, and what has no bytes in sums", () => {
    const { tree, sums } = grow([
      change("/a", "modified", 3),
      change("/etc", "added", 0),
      change("/etc/b", "same", 5),
      change("/etc/deep/c", "deleted", 7),
      change("/etc/deep/link", "added", 0),
      change("/var/d", "metadata", 2),
    ]);
    expect(listLeaves(tree)).toEqual([
      "/a changed 3 1",
      "/etc/b same 5 1",
      "/etc/deep/c deleted 7 1",
      "/etc/deep/* added 0 1",
      "/var/d changed 2 1",
      "/* added 0 1",
    ]);
    expect(addUp(tree)).toEqual(sums);
  });

  test("growChangeTree() of nothing is empty", () => {
    expect(grow([]).tree).toEqual({ name: "", bytes: 0, paths: 0, children: [] });
  });

  test("growChangeTree() loses nothing, whatever the changes are", () => {
    const name = fc.constantFrom("a", "b", "c", "", "..", "*");
    const kind = fc.constantFrom<Change["kind"][]>("added", "modified", "deleted", "same", "type");
    const path = fc
      .array(name, { minLength: 1, maxLength: 40 })
      .map((names) => `/${names.join("/")}`);
    const changes = fc.array(
      fc.tuple(path, kind, fc.nat(1000)).map(([at, of, bytes]) => change(at, of, bytes)),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(changes, fc.nat(2000), (list, least) => {
        const { tree, sums } = grow(list);
        expect(addUp(tree)).toEqual(sums);
        expect(addUp(pruneTree(tree, least))).toEqual(sums);
      }),
    );
  });

  test("growChangeTree() stays small while a hundred thousand changes go through it", () => {
    function* many(): Generator<Change> {
      for (let index = 0; index < 60_000; index++)
        yield change(`/one/${index}`, "added", 1000 + (index % 7));
      for (let index = 0; index < 60_000; index++)
        yield change(`/many/${Math.floor(index / 3)}/${index}`, "modified", index % 50);
    }
    const { tree, sums } = grow(many());
    expect(countNodes(tree)).toBeLessThan(10_000);
    expect(addUp(tree)).toEqual(sums);
    expect(tree.paths).toBe(120_000);
  });

  test("growChangeTree() keeps what is large among all that is small", () => {
    function* many(): Generator<Change> {
      for (let index = 0; index < 9000; index++) yield change(`/d/${index}`, "added", 10);
      yield change("/d/large", "added", 1_000_000);
      for (let index = 9000; index < 18_000; index++) yield change(`/d/${index}`, "added", 10);
    }
    expect(listLeaves(pruneTree(grow(many()).tree, 5000))).toEqual([
      "/d/large added 1000000 1",
      "/d/* added 180000 18000",
    ]);
  });
});

describe("pruneTree()", () => {
  test("pruneTree() makes a sum of a small directory in the one above", () => {
    const { tree } = grow([
      change("/large", "added", 100),
      change("/small/a", "added", 3),
      change("/small/b", "deleted", 4),
      change("/var/kept", "same", 50),
      change("/var/little", "same", 1),
    ]);
    expect(listLeaves(pruneTree(tree, 10))).toEqual([
      "/large added 100 1",
      "/var/kept same 50 1",
      "/var/* same 1 1",
      "/* added 3 1",
      "/* deleted 4 1",
    ]);
  });
});
