import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { literalPrefix, literalSuffix, matchGlob } from "../../../src/core/modules/glob.ts";

describe("matchGlob() matches as fnmatch does", () => {
  const cases: [string, string, boolean][] = [
    ["", "", true],
    ["", "a", false],
    ["a", "", false],
    ["*", "", true],
    ["*", "a/b.c", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["a*c", "abcbc", true],
    ["a*c*", "abd", false],
    ["*ab*ab", "abaab", true],
    ["*b", "abab", true],
    ["d0[0-9]*", "d05x", true],
    ["d0[0-9]*", "d0Ax", false],
    ["[!a]b", "cb", true],
    ["[!a]b", "ab", false],
    ["[^a]b", "cb", true],
    ["[]a]", "]", true],
    ["[a-]", "-", true],
    ["[ab", "[ab", true],
    ["[ab", "a", false],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["a\\", "a\\", true],
    ["pci:v00008086d*sv*bc0Csc03i30*", "pci:v00008086d00001E31sv1bc0Csc03i30", true],
    ["pci:v00008086d*sv*bc0Csc03i30*", "pci:v00008086d00001E31sv1bc0Csc03i20", false],
  ];
  for (const [pattern, text, expected] of cases) {
    test(`matchGlob() says ${expected} to "${pattern}" and "${text}"`, () => {
      expect(matchGlob(pattern, text)).toBe(expected);
    });
  }
});

const patterns = fc.string({ unit: fc.constantFrom(..."ab*?[]!-\\"), maxLength: 12 });
const texts = fc.string({ unit: fc.constantFrom(..."ab-[]"), maxLength: 12 });

test("matchGlob() agrees with a regular expression where there are only stars and question marks", () => {
  const simple = fc.string({ unit: fc.constantFrom(..."ab*?"), maxLength: 12 });
  fc.assert(
    fc.property(simple, texts, (pattern, text) => {
      const source = pattern.replaceAll("*", ".*").replaceAll("?", ".");
      expect(matchGlob(pattern, text)).toBe(new RegExp(`^${source}$`).test(text));
    }),
    { numRuns: 2000 },
  );
});

test("literalPrefix() and literalSuffix() are parts of all that matches", () => {
  fc.assert(
    fc.property(patterns, texts, (pattern, text) => {
      if (!matchGlob(pattern, text)) return;
      expect(text.startsWith(literalPrefix(pattern))).toBe(true);
      expect(text.endsWith(literalSuffix(pattern))).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test("matchGlob() ends on a pattern that would cost backtracking its life", () => {
  expect(matchGlob("a*".repeat(500), `${"a".repeat(4000)}b`)).toBe(true);
  expect(matchGlob(`${"a*".repeat(500)}c`, "a".repeat(4000))).toBe(false);
});
