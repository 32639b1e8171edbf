// What in an upper directory changes nothing, on layers as values.
import { describe, expect, test } from "vitest";
import { isSameTree } from "../../../src/core/revert/same-tree.ts";
import {
  dir,
  file,
  findEntry,
  layerOf,
  link,
  type ModelEntry,
  marked,
  whiteout,
} from "../../support/layer-model.ts";

const layers = [
  dir({
    top: file("top"),
    app: marked({ opaque: "y" }, { a: file("a"), b: file("b") }),
    gone: whiteout(),
  }),
  dir({
    app: dir({ hidden: file("") }),
    gone: file(""),
    link: link("a"),
    deep: dir({ er: dir({ c: file("c") }) }),
  }),
];

function isSame(path: string, upper: ModelEntry): boolean {
  const contentAt = ({ layer, path: at }: { layer: number; path: string }) => {
    const top = layer < 0 ? upper : layers[layer];
    return top && findEntry(top, at)?.content;
  };
  return isSameTree(
    {
      upper: layerOf(upper, 1),
      lower: { layers: layers.map((one) => layerOf(one, 1)), space: "trusted" },
      isSameContent: (one, other) => contentAt(one) === contentAt(other),
    },
    path,
  );
}

const twoNames = { links: 2, inode: 1_000_000 };

describe("isSameTree()", () => {
  const cases: readonly (readonly [
    what: string,
    path: string,
    upper: ModelEntry,
    wanted: boolean,
  ])[] = [
    ["a copy", "/top", dir({ top: file("top") }), true],
    ["another content", "/top", dir({ top: file("tOp") }), false],
    ["another mode", "/top", dir({ top: file("top", { mode: 0o600 }) }), false],
    ["nothing", "/top", dir(), false],
    ["a copy of a link", "/link", dir({ link: link("a") }), true],
    ["a whiteout of what is there", "/top", dir({ top: whiteout() }), false],
    ["a whiteout of what is not there", "/gone", dir({ gone: whiteout() }), true],
    ["a directory like a file", "/top", dir({ top: dir() }), false],
    ["an empty directory", "/app", dir({ app: dir() }), true],
    ["a directory with a new file", "/app", dir({ app: dir({ new: file("") }) }), false],
    [
      "a copied directory",
      "/app",
      dir({ app: marked({ opaque: "y" }, { a: file("a"), b: file("b") }) }),
      true,
    ],
    [
      "one that lacks a file",
      "/app",
      dir({ app: marked({ opaque: "y" }, { a: file("a") }) }),
      false,
    ],
    [
      "one with a file that the base hides",
      "/app",
      dir({ app: marked({ opaque: "y" }, { a: file("a"), b: file("b"), hidden: file("") }) }),
      false,
    ],
    [
      "a copied directory in one",
      "/deep",
      dir({ deep: marked({ opaque: "y" }, { er: dir({ c: file("c") }) }) }),
      true,
    ],
    [
      "one that lacks a file in one",
      "/deep",
      dir({ deep: marked({ opaque: "y" }, { er: dir() }) }),
      false,
    ],
    [
      "a file in a hiding directory",
      "/deep/er",
      dir({ deep: marked({ opaque: "y" }, { er: dir() }) }),
      false,
    ],
    ["a file below a file", "/top/x", dir({ top: file("top") }), false],
    ["a moved directory", "/deep", dir({ deep: marked({ redirect: "/app" }) }), false],
    [
      "one without its content",
      "/top",
      dir({ top: file("top", { xattrs: { "trusted.overlay.metacopy": "" } }) }),
      false,
    ],
    ["a copy with another name", "/top", dir({ top: file("top", { links: 2 }) }), false],
    [
      "a copied directory with both names of a file",
      "/app",
      dir({ app: marked({ opaque: "y" }, { a: file("a", twoNames), b: file("b", twoNames) }) }),
      true,
    ],
    [
      "one with a file that has a name elsewhere",
      "/app",
      dir({ app: dir({ a: file("a", twoNames) }), other: file("a", twoNames) }),
      false,
    ],
    ["the top", "/", dir(), false],
  ];
  for (const [what, path, upper, wanted] of cases)
    test(`isSameTree() is ${wanted} for ${what}`, () => {
      expect(isSame(path, upper)).toBe(wanted);
    });
});
