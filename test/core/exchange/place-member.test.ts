import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Placed,
  type Placement,
  placeMember,
} from "../../../src/core/exchange/place-member.ts";
import type { TarEntry, TarKind } from "../../../src/core/exchange/tar-entry.ts";

const file: TarEntry = {
  ...{ kind: "file", path: "", mode: 0o644, uid: 0, gid: 0 },
  modified: { seconds: 0, nanoseconds: 0 },
  ...{ bytes: 0, data: [], to: "", device: { major: 0, minor: 0 }, xattrs: [] },
};

type Member = readonly [kind: TarKind, path: string, to?: string];

/** What is made of a layer: by path, "-" a whiteout, "f" a file, "d" a directory, "o" an opaque one. */
type Changes = Map<string, "-" | "f" | "d" | "o">;

/** Does what is planned for each member, and notes what is refused. */
function apply(members: readonly Member[]): { changes: Changes; refused: string[] } {
  const changes: Changes = new Map();
  const refused: string[] = [];
  const words: Readonly<Record<string, Placed>> = {
    "-": "whiteout",
    f: "file",
    d: "directory",
    o: "directory",
  };
  const look = (path: string): Placed =>
    path === "" ? "directory" : (words[changes.get(path) ?? ""] ?? "nothing");
  for (const [kind, path, to = ""] of members) {
    const placement = placeMember({ ...file, kind, path, to }, look);
    if (placement.do === "refuse") refused.push(`${path}: ${placement.reason}`);
    if (placement.do === "place") perform(changes, placement, kind);
  }
  return { changes, refused };
}

function perform(
  changes: Changes,
  { parents, action }: Extract<Placement, { do: "place" }>,
  kind: TarKind,
): void {
  const directory = (hides: boolean) => (hides ? "o" : "d");
  for (const { path, hides } of parents) changes.set(path, directory(hides));
  switch (action.kind) {
    case "make":
      for (const below of [...changes.keys()])
        if (action.replaces && below.startsWith(`${action.path}/`)) changes.delete(below);
      changes.set(action.path, kind === "directory" ? directory(action.hides) : "f");
      return;
    case "delete":
      changes.set(action.path, "-");
      return;
    case "hide-below":
      changes.set(action.path, "o");
      return;
    case "describe":
      return;
  }
}

function tell(members: readonly Member[]): string[] {
  const { changes, refused } = apply(members);
  const lines = [...changes].map(([path, word]) => `${word} ${path}`);
  return [...lines.toSorted((one, other) => (one.slice(2) < other.slice(2) ? -1 : 1)), ...refused];
}

const layers: readonly (readonly [
  is: string,
  members: readonly Member[],
  becomes: readonly string[],
])[] = [
  [
    "a file and its directory",
    [
      ["directory", "etc"],
      ["file", "etc/motd"],
    ],
    ["d etc", "f etc/motd"],
  ],
  ["a file without its directories", [["file", "a/b/c"]], ["d a", "d a/b", "f a/b/c"]],
  ["the top", [["directory", ""]], []],
  ["a whiteout", [["file", "etc/.wh.issue"]], ["d etc", "- etc/issue"]],
  ["a whiteout at the top", [["file", ".wh.srv"]], ["- srv"]],
  [
    "an opaque directory",
    [
      ["directory", "opt"],
      ["file", "opt/.wh..wh..opq"],
    ],
    ["o opt"],
  ],
  [
    "the mark before its directory",
    [
      ["file", "opt/.wh..wh..opq"],
      ["directory", "opt"],
    ],
    ["o opt"],
  ],
  [
    "files before the mark of their directory, which does not hide them",
    [
      ["file", "opt/a"],
      ["file", "opt/.wh..wh..opq"],
    ],
    ["o opt", "f opt/a"],
  ],
  [
    "a file before its whiteout",
    [
      ["file", "a"],
      ["file", ".wh.a"],
    ],
    ["f a"],
  ],
  [
    "a file after its whiteout",
    [
      ["file", ".wh.a"],
      ["file", "a"],
    ],
    ["f a"],
  ],
  [
    "a directory before its whiteout",
    [
      ["directory", "a"],
      ["file", "a/b"],
      ["file", ".wh.a"],
    ],
    ["o a", "f a/b"],
  ],
  [
    "a directory after its whiteout",
    [
      ["file", ".wh.a"],
      ["directory", "a"],
      ["file", "a/b"],
    ],
    ["o a", "f a/b"],
  ],
  [
    "a file below a whiteout, whose directory is missing",
    [
      ["file", ".wh.a"],
      ["file", "a/b"],
    ],
    ["o a", "f a/b"],
  ],
  [
    "a whiteout twice",
    [
      ["file", ".wh.a"],
      ["file", ".wh.a"],
    ],
    ["- a"],
  ],
  [
    "a file in the place of a directory",
    [
      ["file", "a/b"],
      ["file", "a"],
    ],
    ["f a"],
  ],
  [
    "a directory in the place of a file",
    [
      ["file", "a"],
      ["directory", "a"],
    ],
    ["o a"],
  ],
  [
    "aufs's own names",
    [
      ["directory", ".wh..wh.plnk"],
      ["file", ".wh..wh.plnk/1.2"],
      ["file", ".wh..wh.aufs"],
    ],
    [],
  ],
  ["the prefix within a name", [["file", "a.wh.b"]], ["f a.wh.b"]],
  [
    "a file through a link",
    [
      ["link", "a"],
      ["file", "a/passwd"],
    ],
    ["f a", "a/passwd: below-file"],
  ],
  [
    "a whiteout through a link",
    [
      ["link", "a"],
      ["file", "a/.wh.b"],
    ],
    ["f a", "a/.wh.b: below-file"],
  ],
  [
    "a whiteout of no name",
    [
      ["file", "a/.wh."],
      ["file", "a/.wh.."],
      ["file", "a/.wh..."],
    ],
    [
      "a/.wh.: whiteout-of-no-name",
      "a/.wh..: whiteout-of-no-name",
      "a/.wh...: whiteout-of-no-name",
    ],
  ],
  ["what looks like a whiteout", [["character", "a"]], ["a: looks-deleted"]],
  ["files below a whiteout's name", [["file", ".wh.a/b"]], [".wh.a/b: below-whiteout"]],
  ["an opaque top", [["file", ".wh..wh..opq"]], [".wh..wh..opq: hides-everything"]],
  [
    "a further name",
    [
      ["file", "a"],
      ["hard-link", "b", "a"],
    ],
    ["f a", "f b"],
  ],
  [
    "further names of what is not in the layer",
    [
      ["hard-link", "b", "etc/shadow"],
      ["directory", "d"],
      ["hard-link", "c", "d"],
    ],
    ["d d", "b: name-of-no-file", "c: name-of-no-file"],
  ],
  [
    "a further name of what a link leads to",
    [
      ["link", "a"],
      ["file", "b"],
      ["hard-link", "c", "a/b"],
    ],
    ["f a", "f b", "c: name-of-no-file"],
  ],
  ["a top that is no directory", [["link", ""]], [": top-is-no-directory"]],
];

describe("placeMember()", () => {
  for (const [is, members, becomes] of layers) {
    test(`makes changes of ${is}`, () => {
      expect(tell(members)).toEqual(becomes);
    });
  }

  test("refuses to lead out of the tree", () => {
    for (const path of ["../a", "a/../../b", ".wh.a/../..", "a/.."])
      expect(() => apply([["file", path]])).toThrow(/leads out of it/);
  });

  test("does not depend on where whiteouts are in the archive", () => {
    const names = fc.constantFrom("a", "b", "a/c", "a/d", "b/c", "a/c/e");
    // Each path once, and a directory wherever something is below it.
    const anyEntries = fc.uniqueArray(names, { maxLength: 5 }).map((paths) =>
      paths.toSorted().map((path): Member => {
        const isDirectory = paths.some((other) => other.startsWith(`${path}/`));
        return [isDirectory || path === "a" || path === "b" ? "directory" : "file", path];
      }),
    );
    const anyMarks = fc.uniqueArray(
      fc.constantFrom<Member>(
        ...(["", "a/", "b/"] as const).flatMap((directory): Member[] => [
          ["file", `${directory}.wh.a`],
          ["file", `${directory}.wh.c`],
        ]),
        ...(["a/", "b/"] as const).map((directory): Member => ["file", `${directory}.wh..wh..opq`]),
      ),
      { selector: ([, path]) => path },
    );
    fc.assert(
      fc.property(anyEntries, anyMarks, (entries, marks) => {
        const before = apply([...marks, ...entries]).changes;
        const after = apply([...entries, ...marks]).changes;
        expect(visible(before)).toEqual(visible(after));
      }),
    );
  });
});

/** Without whiteouts in directories that hide all that is below anyway. */
function visible(changes: Changes): Changes {
  return new Map(
    [...changes]
      .filter(([path, word]) => {
        const parent = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
        return word !== "-" || changes.get(parent) !== "o";
      })
      .toSorted(([one], [other]) => (one < other ? -1 : 1)),
  );
}
