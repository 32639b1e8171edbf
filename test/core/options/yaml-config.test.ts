import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolveOptions } from "../../../src/core/options/options.ts";
import { makeYamlParser } from "../../../src/core/options/yaml-config.ts";

const file = "sysrescue.d/100.yaml";

function parse(text: string) {
  const { entries, problems } = makeYamlParser()({ file, text });
  return {
    values: entries.map(({ name, value }) => [name, value]),
    places: entries.map(({ line, column }) => [line, column]),
    problems: problems.map(({ message, line, column }) => `${line}:${column} ${message}`),
    files: new Set(problems.map((problem) => problem.file)),
  };
}

describe("makeYamlParser() takes a value as the text that was written", () => {
  const cases: [string, string][] = [
    ["data", "data"],
    ["2024", "2024"],
    ["010", "010"],
    ["0x10", "0x10"],
    ["1e3", "1e3"],
    ["1_000", "1_000"],
    [".inf", ".inf"],
    ["12:30:45", "12:30:45"],
    ["2024-01-01", "2024-01-01"],
    ["no", "no"],
    ["Off", "Off"],
    ["true", "true"],
    ['"no"', "no"],
    ["'it''s'", "it's"],
    ['"a\\tb\\u00e9\\x41"', "a\tbéA"],
    ['"a\\nb"', "a\nb"],
    ['""', ""],
    ["''", ""],
    ["", ""],
    ["~", ""],
    ["null", ""],
    ["NULL", ""],
    ["'null'", "null"],
    ["!!str null", "null"],
    ["!!int 5", "5"],
    ["!unknown x", "x"],
    ["&anchor x", "x"],
    ["my data # and a comment", "my data"],
    ["a#b", "a#b"],
    ["$(reboot) `id`", "$(reboot) `id`"],
    ["雪 é", "雪 é"],
    ["/dev/disk/by-label/a\\x20b", "/dev/disk/by-label/a\\x20b"],
    ["LABEL=a:b", "LABEL=a:b"],
    ["|\n    data", "data"],
    [">-\n    my\n    data", "my data"],
    ["my\n    data", "my data"],
  ];
  for (const [written, value] of cases) {
    test(`makeYamlParser() takes ${JSON.stringify(written)}`, () => {
      expect(parse(`global:\n  cow_label: ${written}\n  copytoram: end\n`)).toMatchObject({
        values: [
          ["cow_label", value],
          ["copytoram", "end"],
        ],
        problems: [],
      });
    });
  }
});

describe("makeYamlParser() finds the options and where they are", () => {
  const cases: {
    is: string;
    text: string;
    values: [string, string | undefined][];
    places: number[][];
  }[] = [
    { is: "nothing in an empty file", text: "", values: [], places: [] },
    { is: "nothing in comments", text: "# global:\n", values: [], places: [] },
    { is: "nothing in an empty scope", text: "---\nglobal:\n", values: [], places: [] },
    {
      is: "nothing in other scopes",
      text: "autorun:\n  cow_label: x\n  list: [1, {a: b}]\n",
      values: [],
      places: [],
    },
    {
      is: "what the manual shows",
      text: '---\nglobal:\n    copytoram: true\n    cow_label: "data"\nautorun:\n    ar_nowait: true\n',
      values: [
        ["copytoram", "true"],
        ["cow_label", "data"],
      ],
      places: [
        [3, 5],
        [4, 5],
      ],
    },
    {
      is: "a byte order mark and Windows's line ends",
      text: "\ufeffglobal:\r\n  a: x\r\n\r\n  b: y\r\n",
      values: [
        ["a", "x"],
        ["b", "y"],
      ],
      places: [
        [2, 3],
        [4, 3],
      ],
    },
    {
      is: "brackets, quoted keys and a key alone",
      text: "{global: {'cow_label': x, copytoram}}",
      values: [
        ["cow_label", "x"],
        ["copytoram", ""],
      ],
      places: [
        [1, 11],
        [1, 27],
      ],
    },
    {
      is: "aliases, each as the last anchor before it",
      text: "x: &a one\nglobal:\n  cow_label: *a\n  y: &a two\n  cow_flags: *a\n",
      values: [
        ["cow_label", "one"],
        ["y", "two"],
        ["cow_flags", "two"],
      ],
      places: [
        [3, 3],
        [4, 3],
        [5, 3],
      ],
    },
    {
      is: "the name of what another program keeps in a list",
      text: "global:\n  cow_lable: [x]\n  ? [a, b]\n  : c\n",
      values: [["cow_lable", undefined]],
      places: [[2, 3]],
    },
  ];
  for (const { is, text, values, places } of cases) {
    test(`makeYamlParser() finds ${is}`, () => {
      expect(parse(text)).toMatchObject({ values, places, problems: [] });
    });
  }
});

describe("makeYamlParser() says what is wrong and takes the rest", () => {
  const cases: {
    is: string;
    text: string;
    values?: [string, string | undefined][];
    problems: string[];
  }[] = [
    {
      is: "a list and a map for an option",
      text: "global:\n  cow_label: [a]\n  cow_flags: {a: b}\n  copytoram: y\n",
      values: [["copytoram", "y"]],
      problems: [
        "2:3 Cannot use cow_label: its value is a list, not a string",
        "3:3 Cannot use cow_flags: its value is a map, not a string",
      ],
    },
    {
      is: "aliases that name nothing or a map",
      text: "global: &g\n  cow_label: *x\n  cow_flags: *g\n",
      problems: [
        "2:3 Cannot use cow_label: its value is an alias that names nothing, not a string",
        "3:3 Cannot use cow_flags: its value is a map, not a string",
      ],
    },
    {
      is: "an option that is there twice",
      text: "global:\n  cow_label: a\n  cow_label: b\n",
      values: [
        ["cow_label", "a"],
        ["cow_label", "b"],
      ],
      problems: ['3:3 Cannot use "cow_label" twice: using the later one'],
    },
    {
      is: "the scope that is there twice",
      text: "global:\n  cow_label: a\nglobal:\n  cow_flags: b\n",
      values: [["cow_flags", "b"]],
      problems: ['3:1 Cannot use "global" twice: using the later one'],
    },
    {
      is: "a scope that is misspelt",
      text: "globla:\n  cow_label: a\n",
      problems: ['1:1 Cannot use "globla": unknown scope, did you mean "global"?'],
    },
    {
      is: "an option outside its scope",
      text: "cow_label: a\n",
      problems: ['1:1 Cannot use cow_label: it belongs under "global:", indented'],
    },
    {
      is: "a scope that is a text",
      text: "global: cow_label\n",
      problems: ['1:1 Cannot use "global": it has no options such as "cow_label: data"'],
    },
    {
      is: "a scope that is a list",
      text: "global:\n  - cow_label: a\n",
      problems: ['1:1 Cannot use "global": it has no options such as "cow_label: data"'],
    },
    {
      is: "a file that is a text",
      text: "cow_label=a\n",
      problems: ['1:1 Cannot use the file: it has no keys such as "global:"'],
    },
    {
      is: "a file that is a list",
      text: "\n- a\n",
      problems: ['2:1 Cannot use the file: it has no keys such as "global:"'],
    },
    {
      is: "a second document",
      text: "global:\n  cow_label: a\n---\nglobal:\n  cow_label: b\n",
      values: [["cow_label", "a"]],
      problems: ['3:1 Cannot use all of the file: only the part before the second "---" is used'],
    },
    {
      is: "maps that would be merged",
      text: "global:\n  <<: {cow_label: a}\n",
      values: [["<<", undefined]],
      problems: ['2:3 Cannot use "<<": merging maps is not supported, write out the options'],
    },
    {
      is: "a comment that is not UTF-8",
      text: "# caf\ufffd\nglobal:\n  cow_label: a\n",
      values: [["cow_label", "a"]],
      problems: ["1:6 Cannot read all of the file: invalid UTF-8 here"],
    },
    {
      is: "a value that is not UTF-8",
      text: "global:\n  cow_label: caf\ufffd\n  copytoram: y\n",
      values: [["copytoram", "y"]],
      problems: [
        "2:17 Cannot read all of the file: invalid UTF-8 here",
        "2:3 Cannot use cow_label: its value is not UTF-8",
      ],
    },
  ];
  for (const { is, text, values, problems } of cases) {
    test(`makeYamlParser() names ${is}`, () => {
      expect(parse(text)).toMatchObject({ values: values ?? [], problems });
    });
  }
});

describe("makeYamlParser() takes from a file with a syntax error what can be read", () => {
  const good = "  copytoram: y\n";
  const cases: [is: string, text: string, values: [string, string | undefined][]][] = [
    ["a tab", `global:\n${good}\tcow_label: a\n  cow_flags: b\n`, [["cow_flags", "b"]]],
    ["a quote left open", `global:\n  cow_label: 'a\n${good}`, []],
    [
      "a quote that ends in another line",
      `global:\n  cow_label: 'a\n${good}  cow_flags: b'\n  @x\n`,
      [],
    ],
    ["a bracket left open", `global:\n  cow_label: [a\n${good}`, []],
    ["two values in a line", `global:\n  cow_label: a: b\n${good}`, []],
    ["a reserved sign", `global:\n  cow_label: @a\n${good}`, []],
    ["an escape that is none", `global:\n  cow_label: "\\q"\n${good}`, []],
    ["a missing colon", `global:\n  cow_label\n${good}`, []],
    ["an option too deep", `global:\n  cow_label: a\n    cow_flags: b\n${good}`, []],
    [
      "options less deep",
      `global:\n    cow_label: a\n  cow_flags: b\n  ${good}`,
      [
        ["cow_label", "a"],
        ["cow_flags", "b"],
      ],
    ],
    ["an error in another scope", `autorun:\n  x: [\n  cow_label: no\nglobal:\n${good}`, []],
    ["an error behind", `global:\n${good}other:\n  cow_label: no\n  x: @a\n`, []],
    [
      "an error, and a second document",
      `global:\n  x: @a\n${good}---\nglobal:\n  cow_label: no\n`,
      [],
    ],
    ["a block of text", `global:\n  x: @a\n  cow_label: |\n    a\n${good}`, [["cow_label", "a"]]],
    [
      "backstore: off",
      `global:\n  cow_label: @a\n  backstore: off\n${good}`,
      [["backstore", "off"]],
    ],
  ];
  for (const [is, text, values] of cases)
    test(`makeYamlParser() with ${is}`, () => {
      const parsed = parse(text);
      const expected = new Map([...values, ["copytoram", "y"] as const]);
      expect(Object.fromEntries(parsed.values)).toEqual(Object.fromEntries(expected));
      expect(parsed.problems).not.toEqual([]);
    });

  for (const line of [
    "\tbackstore: off",
    "backstore: off # none",
    '  "backstore" : "off"\r',
    "      backstore: 'off'",
  ])
    test(`${JSON.stringify(line)} counts wherever it stands`, () => {
      const { values } = parse(`global:\n  cow_label: @a\n${line}\n`);
      expect(values.at(-1)).toEqual(["backstore", "off"]);
    });

  for (const line of ["# backstore: off", "backstore: offline", "xbackstore: off", "backstore:off"])
    test(`${JSON.stringify(line)} does not say off`, () => {
      expect(parse(`global:\n  cow_label: @a\n${line}\n`).values).toEqual([]);
    });
});

describe("makeYamlParser() takes nothing where nothing is right", () => {
  const cases: [string, string, string][] = [
    [
      "a tab",
      "global:\n\tcow_label: a\n",
      "2:1 Cannot use all of the file: a tab is used for indentation, but YAML allows only spaces",
    ],
    [
      "a bracket left open",
      "global:\n  cow_label: [a\n",
      "3:1 Cannot use all of the file: the indentation does not match the surrounding lines, or an earlier bracket is not closed",
    ],
    [
      "two values in a line",
      "global:\n  cow_label: a: b\n",
      '2:14 Cannot use all of the file: a second ": " where a value is expected, quote the value or fix the indentation',
    ],
    [
      "a reserved sign",
      "global:\n  cow_label: @a\n",
      "2:14 Cannot use all of the file: a string starts with a reserved character, quote it",
    ],
    [
      "an escape that is none",
      'global:\n  cow_label: "\\q"\n',
      "2:15 Cannot use all of the file: invalid escape in double quotes, use single quotes for a plain backslash",
    ],
    [
      "a bracket too many",
      "{global: {cow_label: a}}}",
      "1:25 Cannot use all of the file: unexpected character",
    ],
    [
      "a missing colon",
      "global:\n  cow_label\n",
      '1:1 Cannot use "global": it has no options such as "cow_label: data"',
    ],
    [
      "a NUL",
      "global:\n  cow_label: a\0\n",
      "2:15 Cannot use the file: it contains control characters, so it is not UTF-8 text",
    ],
    [
      "UTF-16",
      "\ufffd\ufffdg\0l\0",
      "1:4 Cannot use the file: it contains control characters, so it is not UTF-8 text",
    ],
    [
      "the parser's own marks",
      "global:\n  \u0002: \u0018\n\u001f",
      "2:3 Cannot use the file: it contains control characters, so it is not UTF-8 text",
    ],
  ];
  for (const [is, text, problem] of cases) {
    test(`makeYamlParser() tells ${is}`, () => {
      expect(parse(text)).toMatchObject({
        values: [],
        problems: [problem],
        files: new Set([file]),
      });
    });
  }
});

describe("makeYamlParser() refuses what would take too much, before it is built", () => {
  const option = "global:\n  cow_label: a\n";
  const cases: [string, string, string][] = [
    [
      "a file over 1 MiB",
      option + "#".repeat(2 ** 20),
      "1:1 Cannot use the file: it is longer than 1 MiB",
    ],
    [
      "too many words",
      `${option}x: [${"a,".repeat(10_000)}]`,
      "Cannot use the file: it contains more than 20000 tokens",
    ],
    [
      "one long text",
      `${option}x: '${"''".repeat(2 ** 16)}'`,
      "3:4 Cannot use the file: a string in it is longer than 128 KiB",
    ],
    [
      "deep brackets",
      "[".repeat(2 ** 19),
      "1:33 Cannot use the file: it is nested deeper than 32 levels",
    ],
    [
      "deep braces",
      "{a: ".repeat(2 ** 17),
      "1:129 Cannot use the file: it is nested deeper than 32 levels",
    ],
    [
      "deep lists in a line",
      "- ".repeat(2 ** 19),
      "1:65 Cannot use the file: it is nested deeper than 32 levels",
    ],
    [
      "deep keys in a line",
      "? ".repeat(2 ** 19),
      "1:65 Cannot use the file: it is nested deeper than 32 levels",
    ],
    [
      "deep values in a line",
      ": ".repeat(2 ** 19),
      "1:65 Cannot use the file: it is nested deeper than 32 levels",
    ],
    [
      "deep indentation",
      Array.from({ length: 1000 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
      "33:34 Cannot use the file: it is nested deeper than 32 levels",
    ],
    [
      "deep indentation of lists and brackets",
      `${Array.from({ length: 30 }, (_, depth) => `${" ".repeat(depth)}-`).join("\n")} [[[]]]`,
      "30:34 Cannot use the file: it is nested deeper than 32 levels",
    ],
  ];
  for (const [is, text, problem] of cases) {
    test(`makeYamlParser() refuses ${is}`, () => {
      const { values, problems } = parse(text);
      expect(values).toEqual([]);
      expect(problems).toEqual([expect.stringContaining(problem)]);
    });
  }

  const harmless: [string, string][] = [
    ["a megabyte of comment", `${option}#${"x".repeat(2 ** 20 - 100)}`],
    [
      "a script with brackets",
      `${option}x: |\n${"  [[ -f {{{ ((( [[[[ [ - - - - ? : \n".repeat(200)}`,
    ],
    ["quoted brackets", `${option}x: '${"[{- ".repeat(1000)}'`],
    ["32 levels", `${option}x: ${"[".repeat(31)}${"]".repeat(31)}`],
    ["many lists side by side", `${option}x:\n${"  - - [a, {b: c}]\n".repeat(500)}`],
    [
      "an alias to an alias's list, many times",
      `${option}x: &x [a]\n${Array.from({ length: 999 }, (_, n) => `y${n}: *x\n`).join("")}`,
    ],
    ["a value that is far to the right", `${option}x: ${" ".repeat(500)}y\n`],
  ];
  for (const [is, text] of harmless) {
    test(`makeYamlParser() takes ${is}`, () => {
      expect(parse(text)).toMatchObject({ values: [["cow_label", "a"]], problems: [] });
    });
  }
});

test("makeYamlParser() gives what resolveOptions() takes", () => {
  const { entries } = makeYamlParser()({
    file,
    text: "global:\n  cow_label: 2024\n  cow_lable: x\n",
  });
  const { options, problems } = resolveOptions([{ origin: { file }, entries }]);
  expect(options.cow_label).toEqual({ value: "2024", origin: { file, line: 2 } });
  expect(problems).toEqual([
    {
      message: 'Cannot use "cow_lable": unknown option, did you mean "cow_label"?',
      file,
      line: 3,
      column: 3,
    },
  ]);
});

test("makeYamlParser() takes any text", () => {
  const parts = fc.constantFrom(
    ..."global: |cow_label: |\n|\n  |\t|- |? |: |[|]|{|}|,|'|\"|&a |*a|!|!!map |!<x>|%YAML 1.1\n|---\n|...\n|#|>|x|\\|@|<<: ".split(
      "|",
    ),
    "|",
    "\r\n",
    "\ufeff",
    "\ufffd",
    "\0",
    "\u001f",
    "\ud800",
    "é",
  );
  let parsed = 0;
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 40 }), (list) => {
      const text = list.join("");
      const { entries, problems } = makeYamlParser()({
        file,
        text: `global:\n  cow_label: a\n${text}`,
      });
      const lines = text.split("\n").length + 2;
      if (entries.length > 0) parsed++;
      for (const { line } of [...entries, ...problems]) expect(line).toBeLessThanOrEqual(lines);
      for (const { message } of problems) expect(message).not.toContain("the YAML parser failed");
    }),
    { numRuns: 1000 },
  );
  expect(parsed).toBeGreaterThan(100);
});
