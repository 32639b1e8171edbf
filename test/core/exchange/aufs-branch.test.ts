import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BranchName,
  isLinkName,
  isTakenOver,
  readBranchDirectory,
} from "../../../src/core/exchange/aufs-branch.ts";
import { identifyName, whiteoutOf } from "../../../src/core/exchange/whiteout-names.ts";

const named = (name: string, kind: BranchName["kind"] = "file", deviceNumber = 0): BranchName => ({
  ...{ name, kind, deviceNumber },
});

/** A directory in words: what is kept, "-" before what is deleted, "!" before what is odd. */
function tell(names: readonly BranchName[]): string[] {
  const { isOpaque, kept, deleted, oddities } = readBranchDirectory(names);
  return [
    ...(isOpaque ? ["opaque"] : []),
    ...kept,
    ...deleted.map((name) => `-${name}`),
    ...oddities.map(({ name, kind }) => `!${name}: ${kind}`),
  ];
}

const longest = "n".repeat(251);

const directories: readonly (readonly [
  is: string,
  names: readonly BranchName[],
  means: readonly string[],
])[] = [
  ["nothing", [], []],
  ["files", [named("motd"), named("ssh", "directory")], ["motd", "ssh"]],
  ["a deleted file", [named(".wh.issue")], ["-issue"]],
  [
    "the top of a branch",
    [
      named(".wh..wh.aufs"),
      named(".wh..wh.orph", "directory"),
      named(".wh..wh.plnk", "directory"),
      named("etc", "directory"),
    ],
    ["etc"],
  ],
  ["the names of aufs 1", [named(".wh..wh.plink", "directory"), named(".wh..wh..tmp")], []],
  ["a directory that hides the base's", [named(".wh..wh..opq"), named("a")], ["opaque", "a"]],
  [
    "deleted names in it, which hide nothing more",
    [named(".wh..wh..opq"), named(".wh.a"), named("b")],
    ["opaque", "b"],
  ],
  [
    "a name that is deleted and there: the whiteout comes first",
    [named("a"), named(".wh.a"), named("b")],
    ["b", "-a", "!a: hidden"],
  ],
  [
    "the same where nothing of the base shows",
    [named(".wh..wh..opq"), named("a"), named(".wh.a")],
    ["opaque", "!a: hidden"],
  ],
  ["what was left of an interrupted removal", [named(".wh..wh.dir.0007", "directory")], []],
  [
    "a directory in the place of a whiteout",
    [named(".wh.a", "directory"), named("a")],
    ["a", "!.wh.a: whiteout-of-no-file"],
  ],
  [
    "links and devices in the place of whiteouts",
    [named(".wh.a", "link"), named(".wh.b", "character"), named(".wh..wh..opq", "link")],
    [
      "!.wh.a: whiteout-of-no-file",
      "!.wh.b: whiteout-of-no-file",
      "!.wh..wh..opq: whiteout-of-no-file",
    ],
  ],
  [
    "whiteouts of no name",
    [named(".wh."), named(".wh.."), named(".wh...")],
    ["!.wh.: whiteout-of-no-name", "!.wh..: whiteout-of-no-name", "!.wh...: whiteout-of-no-name"],
  ],
  ["a file of which the name begins with dots", [named(".wh.....")], ["-...."]],
  [
    "the prefix within a name",
    [named("a.wh.b"), named(".wh"), named(".whx")],
    ["a.wh.b", ".wh", ".whx"],
  ],
  [
    "odd names",
    [
      named(".wh.two words\nand a line"),
      named(".wh.größe"),
      named(`.wh.${longest}`),
      named(".wh.\udcff"),
    ],
    ["-two words\nand a line", "-größe", `-${longest}`, "-\udcff"],
  ],
  [
    "devices: one that an overlay takes for a whiteout",
    [named("null", "character", 0x103), named("zero", "character"), named("sda", "block")],
    ["null", "sda", "!zero: looks-deleted"],
  ],
];

describe("readBranchDirectory()", () => {
  for (const [is, names, means] of directories) {
    test(`reads ${is}`, () => {
      expect(tell(names)).toEqual(means);
      const backwards = tell(names.toReversed());
      expect(backwards.toSorted()).toEqual(means.toSorted());
    });
  }

  test("gives every name one meaning, and none that leads elsewhere", () => {
    const name = fc.oneof(
      fc.string({ minLength: 1, maxLength: 9 }),
      fc.constantFrom("", ".", "..", "a", ".opq", ".wh.", "aufs").map(whiteoutOf),
      fc.string({ minLength: 1, maxLength: 9 }).map(whiteoutOf),
      fc.string({ minLength: 1, maxLength: 9 }).map((text) => whiteoutOf(whiteoutOf(text))),
    );
    const kinds = fc.constantFrom<BranchName["kind"]>("file", "directory", "link", "character");
    const anyName = fc.record({ name, kind: kinds, deviceNumber: fc.constantFrom(0, 1) });
    const anyNames = fc.uniqueArray(anyName, { selector: (one) => one.name, maxLength: 12 });
    fc.assert(
      fc.property(anyNames, (names) => {
        const { kept, deleted, oddities } = readBranchDirectory(names);
        const given = new Set(names.map((one) => one.name));
        for (const one of kept) expect(given.has(one)).toBe(true);
        for (const one of deleted) {
          expect(["", ".", ".."]).not.toContain(one);
          expect(given.has(whiteoutOf(one))).toBe(true);
          expect(kept).not.toContain(one);
        }
        for (const { name: one } of oddities) expect(kept).not.toContain(one);
        for (const one of kept) expect(one.startsWith(".wh.")).toBe(false);
      }),
    );
  });
});

test("identifyName() gives back the name of a whiteout", () => {
  for (const name of ["a", "a.wh.b", "größe", longest])
    expect(identifyName(whiteoutOf(name))).toEqual({ kind: "whiteout", of: name });
});

test("isLinkName() knows the names of aufs's links", () => {
  for (const name of ["12.7", "18446744073709551615.18446744073709551615"])
    expect(isLinkName(name)).toBe(true);
  for (const name of ["12", "12.", ".7", "12.7.3", "a.7", "12.7\n", "-1.7", " 1.7"])
    expect(isLinkName(name)).toBe(false);
});

test("isTakenOver() leaves out what overlayfs would take for its own", () => {
  for (const name of ["user.a", "security.capability", "system.posix_acl_access", "trusted.a"])
    expect(isTakenOver(name)).toBe(true);
  for (const name of ["trusted.overlay.opaque", "user.overlay.whiteout", "trusted.overlay.x"])
    expect(isTakenOver(name)).toBe(false);
});
