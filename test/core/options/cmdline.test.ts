// The tables contain what a real kernel (6.1) passed to init for the same text: as arguments and as
// environment.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatParameter,
  type Parameter,
  parseCommandLine,
} from "../../../src/core/options/cmdline.ts";
import { Failure } from "../../../src/core/text/failure.ts";

const awful = ['  quiet a=1 b= =c ==d "e f" "g=h i" j="k l" m=n"o p"q "" r="" s="t'].join("");

describe("one awful command line", () => {
  const { parameters } = parseCommandLine(awful);
  const cases: [string, string | undefined][] = [
    ["quiet", undefined],
    ["a", "1"],
    ["b", ""],
    ["=c", undefined],
    ["=", "d"],
    ["e f", undefined],
    ["g", "h i"],
    ["j", "k l"],
    ["m", 'n"o p"q'],
    ["", undefined],
    ["r", ""],
    ["s", "t"],
  ];
  for (const [index, [name, value]] of cases.entries()) {
    test(`parseCommandLine() finds ${JSON.stringify(name)} as word ${index}`, () => {
      expect(parameters[index]).toEqual({ name, value });
    });
  }
  test("parseCommandLine() finds nothing else", () => {
    expect(parameters).toHaveLength(cases.length);
  });
});

describe("parseCommandLine() reads one word", () => {
  const cases: { text: string; is: string; words: [string, string | undefined][] }[] = [
    { text: "", is: "nothing", words: [] },
    { text: " \t\n\v\f\r ", is: "white space alone", words: [] },
    {
      text: "root=/dev/sda1\n",
      is: "the newline of /proc/cmdline",
      words: [["root", "/dev/sda1"]],
    },
    { text: "a=b=c", is: "a second equals sign", words: [["a", "b=c"]] },
    {
      text: "a\\ b",
      is: "a backslash, which escapes nothing",
      words: [
        ["a\\", undefined],
        ["b", undefined],
      ],
    },
    {
      text: 'a="b\\" c"',
      is: "a backslash before a quote",
      words: [
        ["a", "b\\"],
        ['c"', undefined],
      ],
    },
    {
      text: "a='b c'",
      is: "single quotes, which mean nothing",
      words: [
        ["a", "'b"],
        ["c'", undefined],
      ],
    },
    { text: 'a="b"c', is: "a quote closed too early", words: [["a", 'b"c']] },
    { text: 'a=b" "c', is: "quotes in the middle of a value", words: [["a", 'b" "c']] },
    { text: 'a" "b=c', is: "quotes in a name", words: [['a" "b', "c"]] },
    { text: 'a="', is: "a quote that opens and ends", words: [["a", ""]] },
    { text: 'a="b c d', is: "a quote that nothing closes", words: [["a", "b c d"]] },
    {
      text: '"a=b c" d',
      is: "quotes around the whole word",
      words: [
        ["a", "b c"],
        ["d", undefined],
      ],
    },
    { text: '"a="b" c', is: "three quotes", words: [["a", 'b" c']] },
    { text: '"', is: "one quote", words: [["", undefined]] },
    { text: '"--" x', is: "a quoted end mark, which ends as well", words: [] },
    {
      text: "--=x y",
      is: "an end mark with a value, which is none",
      words: [
        ["--", "x"],
        ["y", undefined],
      ],
    },
    {
      text: "a=1 a=2",
      is: "a name twice, in its order",
      words: [
        ["a", "1"],
        ["a", "2"],
      ],
    },
    {
      text: "cow-label=a cow_label=b",
      is: "dash and underscore apart",
      words: [
        ["cow-label", "a"],
        ["cow_label", "b"],
      ],
    },
    {
      text: "cow_label=à\u00a0é 雪",
      is: "UTF-8 that the kernel's Latin-1 would cut",
      words: [
        ["cow_label", "à\u00a0é"],
        ["雪", undefined],
      ],
    },
    { text: 'l="a\nb"', is: "a newline in quotes", words: [["l", "a\nb"]] },
    { text: "l=$(reboot)`x`;y", is: "what a shell would run", words: [["l", "$(reboot)`x`;y"]] },
    {
      text: "a\u0001b c\0d e",
      is: "control characters, and NUL as the end",
      words: [
        ["a\u0001b", undefined],
        ["c", undefined],
      ],
    },
  ];
  for (const { text, is, words } of cases) {
    test(`parseCommandLine() reads ${is}`, () => {
      expect(parseCommandLine(text).parameters.map((word) => [word.name, word.value])).toEqual(
        words,
      );
    });
  }
});

describe("parseCommandLine() leaves to init what follows the end mark", () => {
  const cases: { text: string; init: string[]; count: number }[] = [
    { text: "quiet -- single", init: ["single"], count: 1 },
    {
      text: 'quiet -- backstore=off "a b" c="d e"',
      init: ["backstore=off", "a b", "c=d e"],
      count: 1,
    },
    { text: "--", init: [], count: 0 },
    { text: "a -- b -- c", init: ["b"], count: 1 },
    { text: "a --b -c", init: [], count: 3 },
  ];
  for (const { text, init, count } of cases) {
    test(`parseCommandLine() splits ${JSON.stringify(text)}`, () => {
      const line = parseCommandLine(text);
      expect(line.initArguments).toEqual(init);
      expect(line.parameters).toHaveLength(count);
    });
  }
});

describe("formatParameter() uses no more quotes than needed", () => {
  const cases: [string, string | undefined, string][] = [
    ["quiet", undefined, "quiet"],
    ["cow_label", "data", "cow_label=data"],
    ["cow_label", "my data", 'cow_label="my data"'],
    ["cow_label", "", "cow_label="],
    ["cow_label", 'a"b"', 'cow_label=a"b"'],
    ["my name", "x", '"my name=x"'],
    ["", undefined, '""'],
  ];
  for (const [name, value, text] of cases) {
    test(`formatParameter() writes ${text}`, () => {
      expect(formatParameter({ name, value })).toBe(text);
    });
  }
});

describe("formatParameter() refuses what the kernel cannot be told", () => {
  const cases: [string, string | undefined][] = [
    ["--", undefined],
    ["a=b", "c"],
    ["cow_label", 'a"b'],
    ["cow_label", 'a" "b"'],
    ["cow_label", "a\0b"],
  ];
  for (const [name, value] of cases) {
    test(`formatParameter() refuses ${JSON.stringify([name, value])}`, () => {
      expect(() => formatParameter({ name, value })).toThrow(Failure);
    });
  }
});

const awkward = fc.string({ unit: fc.constantFrom("a", "=", '"', " ", "-", "\n", "é", "\\", "_") });
const word = fc.record({ name: awkward, value: fc.option(awkward, { nil: undefined }) });

function format(parameters: readonly Parameter[]): string | undefined {
  try {
    return parameters.map(formatParameter).join(" ");
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

describe("formatParameter() and parseCommandLine()", () => {
  test("formatParameter() is undone by parseCommandLine()", () => {
    let formatted = 0;
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (parameters) => {
        const text = format(parameters);
        fc.pre(text !== undefined);
        formatted++;
        expect(parseCommandLine(text)).toEqual({ parameters, initArguments: [] });
      }),
      { numRuns: 500, maxSkipsPerRun: 1000 },
    );
    expect(formatted).toBeGreaterThan(100);
  });

  test("formatParameter() writes every name and value without quotes and control characters", () => {
    const plain = fc.string({ unit: fc.constantFrom("a", "B", "_", ",", "/", " ", "é", "$") });
    const words = fc.array(
      fc.record({
        name: plain.map((name) => `n${name}`),
        value: fc.option(plain, { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(words, (parameters) => {
        expect(parseCommandLine(format(parameters) ?? "")).toEqual({
          parameters,
          initArguments: [],
        });
      }),
    );
  });

  test("parseCommandLine() takes 4,096 bytes of noise", () => {
    const noise = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4096, maxLength: 4096 });
    fc.assert(
      fc.property(noise, (bytes) => {
        const text = String.fromCharCode(...bytes);
        const { parameters, initArguments } = parseCommandLine(text);
        const length = [
          ...parameters.map(({ name, value }) => name + (value ?? "")),
          ...initArguments,
        ].join("").length;
        expect(length).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 50 },
    );
  });
});
