// What is taken out of an upper directory, on layers as values; test/tools has the kernel's overlay.
import { describe, expect, test } from "vitest";
import { decodeUtf8 } from "../../../src/core/bytes/utf.ts";
import type { ChangeKind } from "../../../src/core/changes/change.ts";
import { type ChosenReverts, chooseReverts } from "../../../src/core/revert/choose-reverts.ts";
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

/** A file that overlayfs has copied from one of the base's. */
function copyOf(handle: string, content: string): ModelEntry {
  const origin = `v0lft${"u".repeat(16)}${handle}`;
  return file(content, { xattrs: { "trusted.overlay.origin": origin } });
}

const base = dir({
  etc: dir({ a: file("a"), b: file("b"), d: dir({ c: file("c") }) }),
  gone: dir({ x: file("x") }),
  opt: dir({ old: file("old") }),
  bin: link("usr/bin"),
  usr: dir({ bin: dir({ ls: file("ls") }) }),
});

const upper = dir({
  etc: dir({
    a: file("A"),
    b: file("b"),
    new: file("new"),
    d: dir({ c: whiteout() }, { mode: 0o700 }),
  }),
  gone: whiteout(),
  never: whiteout(),
  opt: marked({ opaque: "y" }, { fresh: file("fresh") }),
  srv: dir({ www: dir({ index: file("index") }) }),
});

function choose(
  paths: readonly string[],
  { kinds = [], own = upper }: { kinds?: readonly ChangeKind[]; own?: ModelEntry } = {},
): ChosenReverts {
  const layers = {
    upper: layerOf(own),
    lower: { layers: [layerOf(base)], space: "trusted" as const },
    isSameContent: (one: { layer: number; path: string }, other: { layer: number; path: string }) =>
      [one, other]
        .map(({ layer, path }) => findEntry(layer < 0 ? own : base, path)?.content)
        .every((content, _, [first]) => content === first),
  };
  return chooseReverts(
    layers,
    { paths, kinds },
    {
      attempt: (_, read) => read(),
      tellFault: (path, reason) => {
        throw new Error(`${path}: ${reason}`);
      },
      hasHandle: ({ path }, handle) => decodeUtf8(handle) === `t${path}`,
    },
  );
}

function describeReverts({ reverts }: ChosenReverts): string[] {
  return reverts.map(
    ({ do: way, path, kind, paths, bytes }) => `${way} ${path} ${kind ?? "-"} ${paths} ${bytes}`,
  );
}

describe("chooseReverts()", () => {
  const cases: readonly (readonly [
    paths: readonly string[],
    kinds: readonly ChangeKind[],
    wanted: readonly string[],
    emptied: readonly string[],
  ])[] = [
    [["/etc/a"], [], ["remove /etc/a modified 1 1"], []],
    [["/etc/a", "/etc", "/etc/"], [], ["remove /etc - 5 5"], []],
    [["/gone"], [], ["remove /gone deleted 1 0"], []],
    [["/opt"], [], ["remove /opt replaced 2 5"], []],
    [["/opt/fresh"], [], ["remove /opt/fresh added 1 5"], []],
    [["/srv/www/index"], [], ["remove /srv/www/index added 1 5"], []],
    [["/usr/bin/ls"], [], [], []],
    [["/etc/d/c"], [], ["remove /etc/d/c deleted 1 0"], []],
    [["/"], ["same"], ["remove /never same 1 0", "remove /etc/b same 1 1"], []],
    [
      ["/"],
      ["added"],
      ["remove /etc/new added 1 3", "remove /opt/fresh added 1 5", "remove /srv added 3 5"],
      [],
    ],
    [["/etc"], ["metadata"], ["describe /etc/d metadata 1 0"], []],
    [
      ["/etc"],
      ["metadata", "deleted"],
      ["describe /etc/d metadata 1 0", "remove /etc/d/c deleted 1 0"],
      ["/etc/d"],
    ],
    [["/usr"], ["same"], [], []],
  ];
  for (const [paths, kinds, wanted, emptied] of cases)
    test(`chooseReverts() takes ${paths.join(" ")} ${kinds.join(" ")}`, () => {
      const chosen = choose(
        paths.map((path) => path.replace(/(?<=.)\/$/, "")),
        { kinds },
      );
      expect(describeReverts(chosen)).toEqual(wanted);
      expect(chosen.emptied).toEqual(emptied);
    });

  test("chooseReverts() takes all that there is, and the attributes of the top", () => {
    const chosen = choose(["/"], { own: dir({ ...upper.children }, { mode: 0o700 }) });
    expect(describeReverts(chosen)[0]).toBe("describe / metadata 1 0");
    expect(chosen.reverts.map(({ path }) => path).sort()).toEqual(
      ["/", "/etc", "/gone", "/never", "/opt", "/srv"].sort(),
    );
  });

  test("chooseReverts() takes directories out in which nothing is left", () => {
    const own = dir({
      etc: dir({ d: dir({ c: file("C") }) }),
      usr: dir({ bin: dir({}, { mode: 0 }) }),
    });
    expect(choose(["/etc/d/c"], { own }).emptied).toEqual(["/etc/d", "/etc"]);
    const [only] = choose(["/usr"], { own, kinds: ["metadata"] }).reverts;
    expect(only).toMatchObject({ path: "/usr/bin", do: "remove" });
  });

  const missing = ["/never/seen", "/etc/none"];
  for (const path of missing)
    test(`chooseReverts() finds nothing at ${path}`, () => {
      expect(choose([path], { own: dir({}) })).toMatchObject({ reverts: [], missing: [path] });
    });

  const refused: readonly (readonly [path: string, says: string])[] = [
    ["/gone/x", 'the store deletes "/gone" as a whole'],
    ["/opt/old", 'the store replaces "/opt" as a whole'],
    ["/bin/ls", '"/bin" is a symbolic link'],
  ];
  for (const [path, says] of refused)
    test(`chooseReverts() refuses ${path}`, () => {
      expect(() => choose([path])).toThrow(`Cannot revert "${path}": ${says}`);
    });

  test("chooseReverts() makes copies of what was moved independent, and no others", () => {
    const own = dir({
      etc: dir({ a: whiteout(), b: copyOf("/etc/b", "B"), moved: copyOf("/etc/a", "a") }),
    });
    expect(choose(["/etc/a"], { own }).independent).toEqual(["/etc/moved"]);
    expect(choose(["/etc/moved"], { own }).independent).toEqual([]);
  });

  test("chooseReverts() refuses what something that was moved still needs, and takes both", () => {
    const own = dir({
      etc: dir({ d: whiteout() }),
      moved: marked({ redirect: "/etc/d" }),
      part: file("", {
        xattrs: { "trusted.overlay.metacopy": "", "trusted.overlay.redirect": "/gone/x" },
      }),
      gone: dir({ x: whiteout() }),
    });
    expect(() => choose(["/etc"], { own })).toThrow(
      'Cannot revert "/etc": "/moved" was moved from "/etc/d"',
    );
    expect(() => choose(["/gone/x"], { own })).toThrow('"/part" was moved from "/gone/x"');
    expect(choose(["/etc", "/moved"], { own }).reverts.map(({ path }) => path)).toEqual([
      "/moved",
      "/etc",
    ]);
  });
});

test("an origin that names no file is none", () => {
  const own = dir({ a: file("", { xattrs: { "trusted.overlay.origin": "" } }), gone: whiteout() });
  expect(choose(["/gone"], { own }).independent).toEqual([]);
});
