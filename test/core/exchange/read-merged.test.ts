import { describe, expect, test } from "vitest";
import { type Merged, readMerged } from "../../../src/core/exchange/read-merged.ts";
import {
  asMarks,
  dir,
  file,
  layerOf,
  link,
  type ModelEntry,
  marked,
  other,
  whiteout,
} from "../../support/layer-model.ts";

/** An entry in words, with the number of the layer that its content is in. */
function tell({ carried, content }: Merged): string {
  const path = carried.path || "/";
  switch (carried.kind) {
    case "directory":
      return `${carried.isOpaque ? "opaque " : ""}${path}${path === "/" ? "" : "/"}${tellNames(carried.entry)}`;
    case "file":
      return `${path}${content === undefined ? "" : ` from ${content.layer}:${content.path}`}${tellNames(carried.entry)}`;
    case "name":
      return `${path} is ${carried.of}`;
    case "whiteout":
      return `no ${path}`;
    case "left-out":
      return `not ${path}: ${carried.reason}`;
  }
}

function tellNames({ xattrs }: Pick<ModelEntry, "xattrs">): string {
  return xattrs.size === 0 ? "" : ` (${[...xattrs.keys()].join(" ")})`;
}

interface Case {
  readonly is: string;
  /** From the top down; `kept` of them. */
  readonly layers: readonly ModelEntry["children"][];
  readonly kept?: number;
  readonly only?: readonly string[];
  readonly lines: readonly string[];
}

const shared = { inode: 1_000_000, links: 2 };
const metacopy = { bytes: 4, xattrs: asMarks({ metacopy: "" }) };

const cases: readonly Case[] = [
  {
    is: "what one layer changes",
    layers: [
      {
        etc: dir({
          b: file("b", {
            xattrs: { "user.x": "1", "trusted.SGI_ACL_FILE": "x", ...asMarks({ origin: "o" }) },
          }),
          a: file("a", shared),
          c: file("a", shared),
          gone: whiteout(),
          null: other("character", { deviceNumber: 259 }),
          pipe: other("fifo"),
        }),
        bin: link("usr/bin"),
      },
      { etc: dir({ a: file("old") }) },
    ],
    lines: [
      "/",
      "/bin",
      "/etc/",
      "/etc/a from 0:/etc/a",
      "/etc/b from 0:/etc/b (user.x)",
      "/etc/c is /etc/a",
      "no /etc/gone",
      "/etc/null",
      "/etc/pipe",
    ],
  },
  {
    is: "whiteouts of the second form, and directories that hide or replace others",
    layers: [
      {
        a: marked({ opaque: "x" }, { gone: file("", { xattrs: asMarks({ whiteout: "" }) }) }),
        b: marked({ opaque: "y" }, { new: file("n"), useless: whiteout() }),
        c: dir({ new: file("n") }),
        d: dir(),
      },
      { a: dir(), b: dir({ old: file("o") }), c: file("no directory"), d: dir() },
    ],
    lines: [
      "/",
      "/a/",
      "no /a/gone",
      "opaque /b/",
      "/b/new from 0:/b/new",
      "/c/",
      "/c/new from 0:/c/new",
      "/d/",
    ],
  },
  {
    is: "two layers as one",
    kept: 2,
    layers: [
      {
        a: dir({ top: file("t", shared), gone: whiteout() }),
        again: dir({ new: file("n") }),
        hides: marked({ opaque: "y" }, { top: file("t") }),
      },
      {
        a: dir({ gone: file("g"), low: file("l", shared), other: file("l", shared) }),
        again: whiteout(),
        hides: dir({ low: file("l") }),
        low: dir({ deleted: whiteout() }),
      },
      { a: dir({ base: file("b") }), again: dir({ old: file("o") }), hides: dir(), low: dir() },
    ],
    lines: [
      "/",
      "/a/",
      "no /a/gone",
      "/a/low from 1:/a/low",
      "/a/other is /a/low",
      "/a/top from 0:/a/top",
      "opaque /again/",
      "/again/new from 0:/again/new",
      "opaque /hides/",
      "/hides/top from 0:/hides/top",
      "/low/",
      "no /low/deleted",
    ],
  },
  {
    is: "content that is in the base",
    layers: [
      {
        a: file("", metacopy),
        lost: file("", metacopy),
        moved: file("", {
          ...metacopy,
          xattrs: asMarks({ metacopy: "", redirect: "/dir/old" }),
        }),
      },
      { a: file("base"), dir: dir({ old: file("base") }) },
    ],
    lines: ["/", "/a from 1:/a", "not /lost: gone", "/moved from 1:/dir/old"],
  },
  {
    is: "a directory that was moved, whole",
    layers: [
      {
        a: whiteout(),
        b: marked({ redirect: "a" }, { mine: file("m"), gone: whiteout(), sub: dir() }),
      },
      { a: dir({ gone: file("g"), kept: file("k"), sub: dir({ deep: file("d") }) }), b: dir() },
    ],
    lines: [
      "/",
      "no /a",
      "opaque /b/",
      "/b/kept from 1:/a/kept",
      "/b/mine from 0:/b/mine",
      "/b/sub/",
      "/b/sub/deep from 1:/a/sub/deep",
    ],
  },
  {
    is: "only what is wanted, with the directories above",
    only: ["/etc/net", "/opaque/in"],
    layers: [
      {
        etc: dir({ net: dir({ a: file("a") }), network: file("n"), other: file("o") }),
        opaque: marked({ opaque: "y" }, { in: file("i"), out: file("o") }),
        var: dir({ log: file("l") }),
      },
      { opaque: dir({ base: file("b") }) },
    ],
    lines: [
      "/",
      "/etc/",
      "/etc/net/",
      "/etc/net/a from 0:/etc/net/a",
      "/opaque/",
      "/opaque/in from 0:/opaque/in",
    ],
  },
  { is: "nothing", layers: [{}, { a: file("a") }], lines: ["/"] },
];

describe("readMerged()", () => {
  for (const { is, layers, kept = 1, only, lines } of cases)
    for (const most of [1, 100])
      test(`reads ${is}, ${most === 1 ? "name by name" : "all names at once"}`, () => {
        const stack = layers.map((children) => layerOf(dir(children), most));
        const read = readMerged({ layers: stack, space: "trusted", kept, only });
        expect([...read].map(tell)).toEqual(lines);
      });

  test("reads nothing where there is no upper directory", () => {
    const gone = { look: () => undefined, lookAll: () => [], list: () => [] };
    expect([...readMerged({ layers: [gone], space: "trusted", kept: 1 })]).toEqual([]);
  });
});
