import { describe, expect, test } from "vitest";
import {
  asMarks,
  compareModel,
  dir,
  file,
  link,
  type ModelEntry,
  marked,
  other,
  whiteout,
} from "../../support/layer-model.ts";

type Children = ModelEntry["children"];

/** "modified file /etc/hosts 3 of 2", or with where it was moved from. */
function tellAll(upper: ModelEntry, lower: readonly ModelEntry[]): string[] {
  return compareModel({ upper, lower }).changes.map(
    ({ kind, type, path, bytes, baseBytes, from }) =>
      `${kind} ${type} ${path} ${bytes}/${baseBytes}${from === undefined ? "" : ` from ${from}`}`,
  );
}

const opaque = { opaque: "y" };
const later = { modified: { seconds: 2000, nanoseconds: 5 } };
const acl = { xattrs: { "system.posix_acl_access": "acl" } };

describe("compareLayers() tells", () => {
  const cases: readonly (readonly [
    is: string,
    upper: Children,
    base: Children,
    told: readonly string[],
  ])[] = [
    ["nothing of an empty store", {}, { a: file("a") }, []],
    ["a new file", { a: file("abc") }, {}, ["added file /a 3/0"]],
    ["another content", { a: file("abc") }, { a: file("ab") }, ["modified file /a 3/2"]],
    ["a content of one length", { a: file("b") }, { a: file("a") }, ["modified file /a 1/1"]],
    ["another mode", { a: file("a", { mode: 0o600 }) }, { a: file("a") }, ["metadata file /a 1/1"]],
    ["another owner", { a: file("a", { uid: 7 }) }, { a: file("a") }, ["metadata file /a 1/1"]],
    ["another group", { a: file("a", { gid: 7 }) }, { a: file("a") }, ["metadata file /a 1/1"]],
    ["another time", { a: file("a", later) }, { a: file("a") }, ["metadata file /a 1/1"]],
    ["an attribute more", { a: file("a", acl) }, { a: file("a") }, ["metadata file /a 1/1"]],
    ["an attribute less", { a: file("a") }, { a: file("a", acl) }, ["metadata file /a 1/1"]],
    [
      "an attribute's value",
      { a: file("a", { xattrs: { "user.b": "x" } }) },
      { a: file("a", { xattrs: { "user.b": "y" } }) },
      ["metadata file /a 1/1"],
    ],
    [
      "a copy that is like the base's",
      { a: file("a", { xattrs: asMarks({ origin: "o" }) }) },
      { a: file("a") },
      ["same file /a 1/1"],
    ],
    [
      "an access control list that xfs shows twice as the same",
      { a: file("a", { xattrs: { ...acl.xattrs, "trusted.SGI_ACL_FILE": "acl" } }) },
      { a: file("a", acl) },
      ["same file /a 1/1"],
    ],
    [
      "a time without nanoseconds as the same",
      { a: file("a", { modified: { seconds: 1000, nanoseconds: 9 } }) },
      { a: file("a") },
      ["same file /a 1/1"],
    ],
    ["another target", { a: link("b") }, { a: link("cc") }, ["modified link /a 1/2"]],
    ["the same target", { a: link("b") }, { a: link("b") }, ["same link /a 1/1"]],
    [
      "another device",
      { a: other("block", { deviceNumber: 1 }) },
      { a: other("block", { deviceNumber: 2 }) },
      ["modified block /a 0/0"],
    ],
    ["another type", { a: link("b") }, { a: file("abc") }, ["type link /a 1/3"]],
    [
      "a directory in the place of a file",
      { a: dir({ b: file("b") }) },
      { a: file("abc") },
      ["type directory /a 0/3", "added file /a/b 1/0"],
    ],
    [
      "a file in the place of a directory",
      { a: file("b") },
      { a: dir({ b: file("b") }) },
      ["type file /a 1/0"],
    ],
    ["what is deleted", { a: whiteout() }, { a: file("abc") }, ["deleted file /a 0/3"]],
    ["a deleted directory", { a: whiteout() }, { a: dir() }, ["deleted directory /a 0/0"]],
    ["a mark for nothing", { a: whiteout() }, {}, ["same whiteout /a 0/0"]],
    [
      "a mark of the second form",
      { a: file("", { xattrs: asMarks({ whiteout: "" }) }) },
      { a: file("abc") },
      ["deleted file /a 0/3"],
    ],
    [
      "a file with content that is marked so",
      { a: file("b", { xattrs: asMarks({ whiteout: "" }) }) },
      { a: file("b") },
      ["same file /a 1/1"],
    ],
    [
      "files in directories that have not changed",
      { a: dir({ b: dir({ c: file("c") }, later) }, later) },
      { a: dir({ b: dir() }) },
      ["added file /a/b/c 1/0"],
    ],
    [
      "a directory's attributes before its files",
      { a: dir({ b: file("b") }, { mode: 0o700 }) },
      { a: dir({ b: file("c") }) },
      ["metadata directory /a 0/0", "modified file /a/b 1/1"],
    ],
    ["an empty copy of a directory", { a: dir() }, { a: dir() }, ["same directory /a 0/0"]],
    ["a new directory", { a: dir() }, {}, ["added directory /a 0/0"]],
    [
      "files before subdirectories, by name",
      { a: dir({ x: file("x") }), b: dir({ x: file("x") }), c: file("c"), d: file("d") },
      { a: dir(), b: dir() },
      ["added file /c 1/0", "added file /d 1/0", "added file /a/x 1/0", "added file /b/x 1/0"],
    ],
    [
      "a replaced directory, and all in it as added",
      { a: marked(opaque, { b: file("b") }) },
      { a: dir({ b: file("b"), c: file("c") }) },
      ["replaced directory /a 0/0", "added file /a/b 1/0"],
    ],
    [
      "a new directory that is marked as opaque",
      { a: marked(opaque, { b: file("b") }) },
      {},
      ["added directory /a 0/0", "added file /a/b 1/0"],
    ],
    [
      "a directory with marks of the second form as merged",
      { a: marked({ opaque: "x" }, { b: file("", { xattrs: asMarks({ whiteout: "y" }) }) }) },
      { a: dir({ b: file("b") }) },
      ["deleted file /a/b 0/1"],
    ],
    [
      "a moved directory",
      { a: whiteout(), b: marked({ redirect: "a" }, { c: file("d") }) },
      { a: dir({ c: file("c") }) },
      ["deleted directory /a 0/0", "added directory /b 0/0 from /a", "modified file /b/c 1/1"],
    ],
    [
      "a directory that was moved into another",
      { a: whiteout(), b: marked({}, { x: marked({ redirect: "/a" }, { c: whiteout() }) }) },
      { a: dir({ c: file("c") }), b: dir() },
      ["deleted directory /a 0/0", "added directory /b/x 0/0 from /a", "deleted file /b/x/c 0/1"],
    ],
    [
      "a directory that was moved over another",
      { a: whiteout(), b: marked({ redirect: "a" }) },
      { a: dir({ c: file("c") }), b: dir({ d: file("d") }) },
      ["deleted directory /a 0/0", "replaced directory /b 0/0 from /a"],
    ],
    [
      "a directory that was moved and came back",
      { a: marked({ redirect: "/a" }, { c: file("d") }) },
      { a: dir({ c: file("c") }) },
      ["modified file /a/c 1/1"],
    ],
    [
      "a directory in a moved one that was moved out",
      {
        a: whiteout(),
        b: marked({ redirect: "a" }, { c: whiteout() }),
        d: marked({ redirect: "/a/c" }),
      },
      { a: dir({ c: dir({ e: file("e") }) }) },
      [
        "deleted directory /a 0/0",
        "added directory /b 0/0 from /a",
        "deleted directory /b/c 0/0",
        "added directory /d 0/0 from /a/c",
      ],
    ],
    [
      "attributes without content",
      { a: file("", { bytes: 3, mode: 0o600, xattrs: asMarks({ metacopy: "" }) }) },
      { a: file("abc") },
      ["metadata file /a 0/3"],
    ],
    [
      "a moved file without its content",
      {
        a: whiteout(),
        b: file("", { bytes: 3, xattrs: asMarks({ metacopy: "", redirect: "/a" }) }),
      },
      { a: file("abc") },
      ["deleted file /a 0/3", "added file /b 0/0 from /a"],
    ],
    [
      "a file without its content over another",
      {
        a: whiteout(),
        b: file("", { bytes: 3, xattrs: asMarks({ metacopy: "", redirect: "/a" }) }),
      },
      { a: file("abc"), b: file("def") },
      ["deleted file /a 0/3", "modified file /b 0/3"],
    ],
    [
      "the bytes of a file with several names once",
      { a: file("abc", { inode: 1e9, links: 3 }), b: file("abc", { inode: 1e9, links: 3 }) },
      {},
      ["added file /a 3/0", "added file /b 0/0"],
    ],
    [
      "what a file with holes takes",
      { a: file("", { bytes: 1e12, allocatedBytes: 8192 }) },
      {},
      ["added file /a 8192/0"],
    ],
    [
      "marks of users as attributes like any",
      { a: dir({ b: file("b") }, { xattrs: asMarks({ opaque: "y" }, "user") }) },
      { a: dir({ b: file("c") }) },
      ["metadata directory /a 0/0", "modified file /a/b 1/1"],
    ],
    [
      "an attribute that has the name of a mark in an overlay within",
      { a: file("a", { xattrs: { "trusted.overlay.overlay.opaque": "y" } }) },
      { a: file("a") },
      ["metadata file /a 1/1"],
    ],
  ];
  for (const [is, upper, base, told] of cases)
    test(`compareLayers() tells ${is}`, () => {
      expect(tellAll(dir(upper), [dir(base)])).toEqual(told);
    });
});

describe("compareLayers() compares with several layers", () => {
  const cases: readonly (readonly [
    is: string,
    upper: Children,
    lower: readonly Children[],
    told: readonly string[],
  ])[] = [
    [
      "the topmost of them",
      { a: file("b") },
      [{ a: file("b") }, { a: file("c") }],
      ["same file /a 1/1"],
    ],
    ["one below", { a: file("c") }, [{}, { a: file("c") }], ["same file /a 1/1"]],
    [
      "nothing below a whiteout",
      { a: file("c") },
      [{ a: whiteout() }, { a: file("c") }],
      ["added file /a 1/0"],
    ],
    [
      "whiteouts of what they removed",
      { a: whiteout() },
      [{ a: whiteout() }],
      ["same whiteout /a 0/0"],
    ],
    [
      "directories that show through each other",
      { d: dir({ a: file("1"), b: file("2"), c: file("3") }) },
      [{ d: dir({ a: file("1") }) }, { d: dir({ b: file("2") }) }],
      ["same file /d/a 1/1", "same file /d/b 1/1", "added file /d/c 1/0"],
    ],
    [
      "nothing below an opaque directory",
      { d: dir({ a: file("1"), b: file("2") }) },
      [{ d: marked(opaque, { a: file("1") }) }, { d: dir({ b: file("2") }) }],
      ["same file /d/a 1/1", "added file /d/b 1/0"],
    ],
    [
      "nothing below a file that hides a directory",
      { d: dir({ a: file("1") }) },
      [{ d: file("f") }, { d: dir({ a: file("1") }) }],
      ["type directory /d 0/1", "added file /d/a 1/0"],
    ],
    [
      "no file below a directory",
      { d: dir({ a: file("1") }) },
      [{ d: dir() }, { d: file("f") }, { d: dir({ a: file("1") }) }],
      ["added file /d/a 1/0"],
    ],
    [
      "what a lower layer has moved",
      { b: dir({ c: file("c") }) },
      [{ a: whiteout(), b: marked({ redirect: "a" }) }, { a: dir({ c: file("c") }) }],
      ["same file /b/c 1/1"],
    ],
    [
      "what was moved twice",
      { x: dir({ y: dir({ c: file("c") }) }) },
      [
        { x: dir({ y: marked({ redirect: "/b" }) }), b: whiteout() },
        { b: marked({ redirect: "/p/a" }) },
        { p: dir({ a: dir({ c: file("c") }) }) },
      ],
      ["same file /x/y/c 1/1"],
    ],
    [
      "a path whose directories were moved below",
      { x: marked({ redirect: "/p/q/r" }, { c: file("c") }) },
      [
        { p: marked({ redirect: "/o" }, { q: dir({ r: dir() }) }) },
        { o: dir({ q: marked({ redirect: "n" }) }) },
        { o: dir({ n: dir({ r: dir({ c: file("c") }) }) }) },
      ],
      ["added directory /x 0/0 from /p/q/r", "same file /x/c 1/1"],
    ],
    [
      "what an absolute redirect finds although its new place is opaque",
      { x: marked({ redirect: "/p/q" }, { c: file("c") }) },
      [
        { p: marked(opaque, { q: marked({ redirect: "/o" }) }) },
        { o: dir({ c: file("c") }), p: dir({ q: dir({ c: file("d") }) }) },
      ],
      ["added directory /x 0/0 from /p/q", "same file /x/c 1/1"],
    ],
    [
      "nothing beside an opaque directory on the way",
      { x: marked({ redirect: "/p/q" }, { c: file("c") }) },
      [{ p: marked(opaque, { q: dir() }) }, { p: dir({ q: dir({ c: file("c") }) }) }],
      ["added directory /x 0/0 from /p/q", "added file /x/c 1/0"],
    ],
    [
      "the content that a lower layer has of a file",
      { a: file("abc") },
      [
        { a: file("", { bytes: 3, xattrs: asMarks({ metacopy: "", redirect: "/b" }) }) },
        { b: file("", { bytes: 3, xattrs: asMarks({ metacopy: "" }) }) },
        { b: file("abc") },
      ],
      ["same file /a 3/3"],
    ],
    [
      "the length of a file whose content is below",
      { a: whiteout() },
      [{ a: file("", { bytes: 5000, xattrs: asMarks({ metacopy: "" }) }) }, { a: file("abc") }],
      ["deleted file /a 0/5000"],
    ],
    [
      "redirects in a circle, which end with the layers",
      { a: dir({ c: file("c") }) },
      [
        { a: marked({ redirect: "/b" }), b: marked({ redirect: "/a" }) },
        { a: marked({ redirect: "/b" }), b: marked({ redirect: "/a" }) },
        { a: dir({ c: file("c") }) },
      ],
      ["same file /a/c 1/1"],
    ],
  ];
  for (const [is, upper, lower, told] of cases)
    test(`compareLayers() compares with several layers: ${is}`, () => {
      expect(
        tellAll(
          dir(upper),
          lower.map((children) => dir(children)),
        ),
      ).toEqual(told);
    });
});

describe("compareLayers() tells what it cannot compare", () => {
  const bad = "overlayfs does not follow its redirect";
  const cases: readonly (readonly [is: string, upper: Children, faults: readonly string[]])[] = [
    ["a redirect that leads up", { x: marked({ redirect: "/../a" }) }, [`/x: ${bad} "/../a"`]],
    ["a relative path", { x: marked({ redirect: "a/b" }) }, [`/x: ${bad} "a/b"`]],
    ["an empty redirect", { x: marked({ redirect: "" }) }, [`/x: ${bad} ""`]],
    ["a path with an empty name", { x: marked({ redirect: "/a//b" }) }, [`/x: ${bad} "/a//b"`]],
    [
      "a file without its content",
      { x: file("", { bytes: 3, xattrs: asMarks({ metacopy: "" }) }) },
      ["/x: the base does not have its content, which the store does not have either"],
    ],
  ];
  for (const [is, upper, faults] of cases)
    test(`compareLayers() tells what it cannot compare: ${is}`, () => {
      const base = dir({ a: dir({ b: file("b") }) });
      expect(compareModel({ upper: dir(upper), lower: [base] }).faults).toEqual(faults);
    });
});

describe("compareLayers() tells what is below a path", () => {
  const upper = dir({
    etc: dir({ a: file("1"), ssh: dir({ key: file("22") }), old: whiteout() }, { mode: 0o700 }),
    usr: whiteout(),
    opt: marked(opaque, { b: file("3") }),
    mv: marked({ redirect: "/src" }, { c: file("4") }),
  });
  const base = dir({
    etc: dir({ a: file("0"), old: file("5") }),
    usr: dir({ bin: dir() }),
    opt: dir({ b: file("3") }),
    src: dir({ c: file("4") }),
  });
  const cases: readonly (readonly [under: string, told: readonly string[]])[] = [
    [
      "/etc",
      [
        "metadata /etc",
        "modified /etc/a",
        "deleted /etc/old",
        "added /etc/ssh",
        "added /etc/ssh/key",
      ],
    ],
    ["/etc/ssh", ["added /etc/ssh", "added /etc/ssh/key"]],
    ["/etc/a", ["modified /etc/a"]],
    ["/usr/bin/sh", ["deleted /usr"]],
    ["/opt/b", ["added /opt/b"]],
    ["/mv/c", ["same /mv/c"]],
    ["/src/c", []],
    ["/etc/a/b", ["modified /etc/a"]],
  ];
  for (const [under, told] of cases)
    test(`compareLayers() tells what is below ${under}`, () => {
      const names = under.slice(1).split("/");
      const { changes } = compareModel({ upper, lower: [base] }, names);
      expect(changes.map(({ kind, path }) => `${kind} ${path}`)).toEqual(told);
    });
});

test("compareLayers() takes marks of users where the overlay does", () => {
  const upper = dir({ a: dir({ b: file("b") }, { xattrs: asMarks({ opaque: "y" }, "user") }) });
  const base = dir({ a: dir({ b: file("b") }) });
  const { changes } = compareModel({ upper, lower: [base], space: "user" });
  expect(changes.map(({ kind, path }) => `${kind} ${path}`)).toEqual(["replaced /a", "added /a/b"]);
});

test("compareLayers() tells the top only if it differs in more than its time", () => {
  const base = dir({});
  const kinds = (upper: ModelEntry) => compareModel({ upper, lower: [base] }).changes;
  expect(kinds(dir({}, later))).toEqual([]);
  expect(kinds(dir({}, { mode: 0o700 })).map(({ kind, path }) => `${kind} ${path}`)).toEqual([
    "metadata /",
  ]);
});
