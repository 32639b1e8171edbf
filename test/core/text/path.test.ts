import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/core/text/failure.ts";
import { directoryOf, joinPath, parseInnerPath } from "../../../src/core/text/path.ts";

describe("parseInnerPath() reads a path from the top of its file system", () => {
  const cases: [string, string][] = [
    ["store", "store"],
    ["/store", "store"],
    ["//a/./b//c/", "a/b/c"],
    ["persistent_RESUCE904/x86_64", "persistent_RESUCE904/x86_64"],
    ["a b/$(id)/'\"", "a b/$(id)/'\""],
    ["...", "..."],
    ["a..b/..c", "a..b/..c"],
    ["x".repeat(255), "x".repeat(255)],
  ];
  for (const [text, path] of cases) {
    test(`parseInnerPath() reads ${JSON.stringify(text).slice(0, 40)}`, () => {
      expect(parseInnerPath(text)).toBe(path);
    });
  }
});

describe("parseInnerPath() refuses what could lead elsewhere", () => {
  const cases: [string, string, RegExp][] = [
    ["an empty path", "", /contains no name/],
    ["the top alone", "/", /contains no name/],
    ["dots alone", "./.", /contains no name/],
    ["a way up", "../../x", /lead out/],
    ["a way up inside", "a/../../x", /lead out/],
    ["a way up at the end", "a/..", /lead out/],
    ["a newline", "a\nb", /control characters/],
    ["a NUL", "a\0b", /control characters/],
    ["an escape", "\u001b[2J", /control characters/],
    ["malformed bytes", "a\ufffdb", /not UTF-8/],
    ["a name of 256 bytes", "é".repeat(128), /longer than 255 bytes/],
    ["a path beyond the kernel's", "abc/".repeat(1024), /longer than 3072 bytes/],
  ];
  for (const [is, text, reason] of cases) {
    test(`parseInnerPath() refuses ${is}`, () => {
      expect(() => parseInnerPath(text)).toThrow(Failure);
      expect(() => parseInnerPath(text)).toThrow(reason);
    });
  }
});

test("parseInnerPath() gives a path that stays inside, or a Failure", () => {
  const texts = fc.string({ unit: fc.constantFrom("a", ".", "/", " ", "\\", "é", "\n") });
  let accepted = 0;
  fc.assert(
    fc.property(texts, (text) => {
      try {
        const names = parseInnerPath(text).split("/");
        accepted++;
        expect(names.some((name) => ["", ".", ".."].includes(name))).toBe(false);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

describe("directoryOf() and joinPath() take a path apart and put it together", () => {
  const cases = [
    { path: "/sysrcd.bs", directory: "/", name: "sysrcd.bs" },
    { path: "/mnt/sysrcd.bs", directory: "/mnt", name: "sysrcd.bs" },
    { path: "/mnt/a b/x", directory: "/mnt/a b", name: "x" },
  ];
  for (const { path, directory, name } of cases) {
    test(path, () => {
      expect(directoryOf(path)).toBe(directory);
      expect(joinPath(directory, name)).toBe(path);
    });
  }
});
