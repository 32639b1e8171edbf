import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultBackstore, parseBackstore } from "../../../src/core/options/backstore-option.ts";

describe("parseBackstore() reads words", () => {
  const cases: [string | undefined, object][] = [
    [undefined, {}],
    ["off", { off: true }],
    ["alldev", { alldev: true }],
    ["/my.bs", { path: "/my.bs" }],
    ["alldev,/sysrcd/my.bs", { alldev: true, path: "/sysrcd/my.bs" }],
    ["//a//b", { path: "/a/b" }],
    ["/a,/b", { path: "/b" }],
    ["off,alldev", { off: true, alldev: true }],
    [",alldev,, readonly ,", { alldev: true, readonly: true }],
    ["readonly,required,ask", { readonly: true, required: true, ask: true }],
    ["/dev/sdb1", { device: { kind: "path", path: "/dev/sdb1" } }],
    ["LABEL=a b", { device: { kind: "label", value: "a b" } }],
    ['LABEL="a,b",alldev', { device: { kind: "label", value: "a,b" }, alldev: true }],
    ['"/a,b"', { path: "/a,b" }],
    ['LABEL="a,b', { device: { kind: "label", value: '"a,b' } }],
    ["UUID=1A2B-3C4D,/x", { device: { kind: "uuid", value: "1A2B-3C4D" }, path: "/x" }],
    ["directory=LABEL=data", { directory: { kind: "label", value: "data" } }],
    ["directory=/dev/sdb1,ask", { directory: { kind: "path", path: "/dev/sdb1" }, ask: true }],
    ["wait=0", { waitSeconds: 0 }],
    ["wait=3600", { waitSeconds: 3600 }],
    ["base=use", { base: "use" }],
    ["base=stop,base=volatile", { base: "volatile" }],
  ];
  for (const [text, says] of cases) {
    test(`parseBackstore() reads ${JSON.stringify(text)}`, () => {
      expect(parseBackstore(text)).toEqual({
        value: { ...defaultBackstore, explicit: true, ...says },
        problems: [],
      });
    });
  }
});

describe("parseBackstore() names each word that it does not take, and takes the others", () => {
  const cases: [string, string][] = [
    ["alldevs", 'Cannot use "alldevs" in backstore: unknown word, did you mean "alldev"?'],
    ["offf", 'Cannot use "offf" in backstore: unknown word, did you mean "off"?'],
    ["read-only", 'Cannot use "read-only" in backstore: unknown word, did you mean "readonly"?'],
    ["wiat=5", 'Cannot use "wiat=5" in backstore: unknown word, did you mean "wait="?'],
    ["wait", 'Cannot use "wait" in backstore: unknown word, did you mean "wait="?'],
    [
      "my.bs",
      'Cannot use "my.bs" in backstore: it is not a known word, and a path starts with "/"',
    ],
    [
      "wait=abc",
      'Cannot use "wait=abc" in backstore: expected a whole number of seconds, at most 3600',
    ],
    [
      "wait=3601",
      'Cannot use "wait=3601" in backstore: expected a whole number of seconds, at most 3600',
    ],
    ["wait=", 'Cannot use "wait=" in backstore: expected a whole number of seconds, at most 3600'],
    [
      "wait=-1",
      'Cannot use "wait=-1" in backstore: expected a whole number of seconds, at most 3600',
    ],
    [
      "base=maybe",
      'Cannot use "base=maybe" in backstore: expected "use", "readonly", "volatile" or "stop"',
    ],
  ];
  for (const [word, problem] of cases) {
    test(`parseBackstore() does not take ${word}`, () => {
      expect(parseBackstore(`readonly,${word},alldev`)).toEqual({
        value: { ...defaultBackstore, explicit: true, alldev: true, readonly: true },
        problems: [{ message: problem, refuses: false }],
      });
    });
  }
});

describe("parseBackstore() reads a bounded number of words", () => {
  for (const count of [63, 64]) {
    test(`parseBackstore() reads ${count} words`, () => {
      const { problems } = parseBackstore("x,".repeat(count));
      expect(problems.filter(({ refuses }) => refuses)).toEqual([]);
      expect(problems).toHaveLength(count);
    });
  }

  test("parseBackstore() refuses every store where words are left out", () => {
    const { value, problems } = parseBackstore(`${"readonly,".repeat(64)}off`);
    const message = "Cannot use 65 words in backstore: at most 64 are read";
    expect(problems).toEqual([{ message, refuses: true }]);
    expect(value.off).toBe(false);
  });

  test("parseBackstore() reports few problems of a long value", () => {
    expect(parseBackstore("x,".repeat(65_536)).problems).toHaveLength(65);
  });
});

describe("parseBackstore() refuses every store where it does not take the place", () => {
  for (const word of ["/../x", "/", "/a\nb", "LABEL=", "/dev/disk/by-id/x", "/dev/../x"]) {
    test(`parseBackstore() refuses ${JSON.stringify(word)}`, () => {
      const { value, problems } = parseBackstore(`alldev,${word}`);
      const message = expect.stringMatching(/^Cannot use the (path|device) of backstore "/);
      expect(problems).toEqual([{ message, refuses: true }]);
      expect([value.path, value.device]).toEqual([undefined, undefined]);
    });
  }
});

test("parseBackstore() takes any text", () => {
  const words = fc.constantFrom(
    "off",
    ",",
    "/",
    "..",
    '"',
    "LABEL=",
    "wait=",
    "9",
    "base=",
    "use",
    "\n",
    "é",
    " ",
  );
  fc.assert(
    fc.property(fc.array(words), (list) => {
      const { value } = parseBackstore(list.join(""));
      expect(value.waitSeconds).toBeLessThanOrEqual(3600);
      expect(value.path ?? "/x").not.toMatch(/(^|\/)\.\.(\/|$)/);
    }),
    { numRuns: 1000 },
  );
});
