import { describe, expect, test } from "vitest";
import type { Carried } from "../../../src/core/exchange/carried.ts";
import { type BranchEnd, readBranch } from "../../../src/core/exchange/read-branch.ts";
import { readUpper } from "../../../src/core/exchange/read-upper.ts";
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

/** An entry in words. */
function tell(carried: Carried): string {
  const path = carried.path === "" ? "/" : carried.path;
  switch (carried.kind) {
    case "directory":
      return `${carried.isOpaque ? "opaque " : ""}directory ${path}${tellAttributes(carried.entry)}`;
    case "file":
      return `${carried.entry.kind} ${path}${tellAttributes(carried.entry)}`;
    case "name":
      return `name ${path} of ${carried.of}`;
    case "whiteout":
      return `no ${path}`;
    case "left-out":
      return `not ${path}: ${carried.reason}`;
  }
}

function tellAttributes({ xattrs }: Pick<ModelEntry, "xattrs">): string {
  return xattrs.size === 0 ? "" : ` (${[...xattrs.keys()].join(" ")})`;
}

type Children = ModelEntry["children"];
const mark = file("");
const shared = { inode: 1_000_000, links: 3 };

describe("readBranch()", () => {
  function read(children: Children, most = 100): { lines: string[]; end: BranchEnd } {
    const walk = readBranch(layerOf(dir(children), most));
    const lines: string[] = [];
    for (;;) {
      const step = walk.next();
      if (step.done) return { lines, end: step.value };
      lines.push(tell(step.value));
    }
  }

  const branches: readonly (readonly [is: string, children: Children, lines: readonly string[]])[] =
    [
      ["an empty branch", {}, ["directory /"]],
      [
        "a whole store of the first generation",
        {
          ".wh..wh.aufs": mark,
          ".wh..wh.orph": dir({ "0001": file("open and deleted") }),
          ".wh..wh.plnk": dir({ "12.1000000": file("x", shared) }),
          etc: dir({
            ".wh.issue": mark,
            motd: file("x", shared),
            second: file("x", shared),
            ssh: dir({ ".wh..wh..opq": mark, key: file("k", { mode: 0o600 }) }),
          }),
          bin: link("usr/bin"),
        },
        [
          "directory /",
          "link /bin",
          "directory /etc",
          "no /etc/issue",
          "file /etc/motd",
          "name /etc/second of /etc/motd",
          "opaque directory /etc/ssh",
          "file /etc/ssh/key",
        ],
      ],
      [
        "what makes no sense",
        {
          ".wh.a": dir({ b: file("b") }),
          a: file("a"),
          ".wh.c": mark,
          c: dir({ d: file("d") }),
          zero: whiteout(),
        },
        [
          "directory /",
          "no /c",
          "not /.wh.a: whiteout-of-no-file",
          "not /c: hidden",
          "not /zero: looks-deleted",
          "file /a",
        ],
      ],
      [
        "attributes, but for those that overlayfs would take for its own",
        {
          a: file("a", { xattrs: { "user.a": "1", ...asMarks({ metacopy: "" }) } }),
          b: dir({}, { xattrs: asMarks({ opaque: "y" }, "user") }),
        },
        ["directory /", "file /a (user.a)", "directory /b"],
      ],
    ];
  for (const [is, children, lines] of branches) {
    test(`reads ${is}`, () => {
      expect(read(children).lines).toEqual(lines);
    });
  }

  test("finds a whiteout that is listed long after its file", () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`f${at}`, file("f")]));
    expect(read({ ...many, ".wh.f8": mark }, 2).lines).toContain("not /f8: hidden");
  });

  test("says that the top hides the base", () => {
    expect(read({ ".wh..wh..opq": mark, a: file("a") }).end.hidesBase).toBe(true);
    expect(read({ a: dir({ ".wh..wh..opq": mark }) }).end.hidesBase).toBe(false);
  });

  test("counts files with further names in the base", () => {
    const links = dir({ "1.2": file("x"), "3.4": file("y"), other: file("z") });
    expect(read({ ".wh..wh.plnk": links }).end.looseFiles).toBe(2);
    expect(read({ ".wh..wh.plnk": link("/etc") }).end.looseFiles).toBe(0);
    expect(read({}).end.looseFiles).toBe(0);
  });
});

describe("readUpper()", () => {
  const read = (children: Children) => [...readUpper(layerOf(dir(children)), "trusted")].map(tell);

  const uppers: readonly (readonly [is: string, children: Children, lines: readonly string[]])[] = [
    [
      "files before directories, and names in order",
      { b: dir({ z: file("z") }), a: dir({}), c: other("fifo"), d: link("x") },
      ["directory /", "fifo /c", "link /d", "directory /a", "directory /b", "file /b/z"],
    ],
    [
      "whiteouts in both forms",
      { a: whiteout(), b: file("", { xattrs: asMarks({ whiteout: "y" }) }) },
      ["directory /", "no /a", "no /b"],
    ],
    [
      "an opaque directory, and no whiteouts in it",
      { a: marked({ opaque: "y" }, { b: whiteout(), c: file("c") }) },
      ["directory /", "opaque directory /a", "file /a/c"],
    ],
    [
      "attributes, but for overlayfs's own",
      { a: file("a", { xattrs: { "user.b": "1", ...asMarks({ origin: "o" }) } }) },
      ["directory /", "file /a (user.b)"],
    ],
    [
      "further names",
      { a: dir({ b: file("x", shared) }), c: file("x", shared) },
      ["directory /", "file /c", "directory /a", "name /a/b of /c"],
    ],
    ["a name that is a whiteout elsewhere", { ".wh.a": file("") }, ["directory /", "file /.wh.a"]],
  ];
  for (const [is, children, lines] of uppers) {
    test(`reads ${is}`, () => {
      expect(read(children)).toEqual(lines);
    });
  }

  test("takes no notice of a mark at the top", () => {
    const [top] = readUpper(layerOf(marked({ opaque: "y" }, { a: whiteout() })), "trusted");
    expect(top).toMatchObject({ kind: "directory", path: "", isOpaque: false });
  });

  test("refuses what is not whole without the base", () => {
    const metacopy = { a: file("", { xattrs: asMarks({ metacopy: "" }) }) };
    expect(() => read(metacopy)).toThrow(/"\/a": its content is in the base/);
    expect(() => read({ b: marked({ redirect: "/c" }) })).toThrow(/"\/b": it was moved/);
  });
});
