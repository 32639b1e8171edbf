// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are GRUB's variables
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { literalOf, parseGrubScript, type Statement } from "../../../src/core/menus/grub-script.ts";

function parse(text: string): readonly Statement[] {
  const reading = parseGrubScript(text);
  if ("fault" in reading) throw new Error(reading.fault);
  return reading.statements;
}

/** Shows commands as lists of words, blocks as lists of commands in them. */
function show(text: string): unknown[] {
  const showAll = (statements: readonly Statement[]): unknown[] =>
    statements.map(({ words, blocks }) => [
      ...words.map((word) => text.slice(word.from, word.to)),
      ...blocks.map(showAll),
    ]);
  return showAll(parse(text));
}

const cases: readonly [what: string, text: string, shown: unknown[]][] = [
  ["nothing", "", []],
  ["commands on lines and behind semicolons", "a b\nc; d\n", [["a", "b"], ["c"], ["d"]]],
  ["lines that end as in DOS", "a b\r\nc\r\n", [["a", "b"], ["c"]]],
  ["comments", "a # b\n# c\n  # d\ne#f", [["a"], ["e#f"]]],
  ["a block without a space before it", 'menuentry "x"{set}', [["menuentry", '"x"', [["set"]]]]],
  ["a comment in the line of a brace", "m {# c\na\n}", [["m", [["a"]]]]],
  ["quotes of both kinds in a word", `a'b c'"d e"f`, [[`a'b c'"d e"f`]]],
  ["a translated string", 'a $"b c"', [["a", '$"b c"']]],
  ["an escaped quote", 'a "b\\"c" \\"', [["a", '"b\\"c"', '\\"']]],
  ["a command over two lines", "linux /a \\\n  b", [["linux", "/a", "b"]]],
  ["a word over two lines", "li\\\nnux", [["li\\\nnux"]]],
  ["a variable in braces", "a ${b}c $d", [["a", "${b}c", "$d"]]],
  ["conditions", "if a; then b; else c; fi", [["a"], ["b"], ["c"]]],
  [
    "a loop",
    "for x in 1 2; do a $x; done",
    [
      ["for", "x", "in", "1", "2"],
      ["a", "$x"],
    ],
  ],
  ["a brace that closes nothing", "a\n}\nb", [["a"], ["b"]]],
  [
    "submenus",
    "submenu x {\nmenuentry y {\na\n}\n}",
    [["submenu", "x", [["menuentry", "y", [["a"]]]]]],
  ],
];

describe("parseGrubScript()", () => {
  for (const [what, text, shown] of cases)
    test(`parseGrubScript() reads ${what}`, () => {
      expect(show(text)).toEqual(shown);
    });

  test("parseGrubScript() tells which branch of a condition a command is in", () => {
    const text = "if a; then b; elif c; then d; else e; fi; f; if g; then h; fi";
    expect(parse(text).map(({ words, branches }) => [literalOf(words[0]), ...branches])).toEqual([
      ["a", "0.0"],
      ["b", "0.0"],
      ["c", "0.1"],
      ["d", "0.1"],
      ["e", "0.2"],
      ["f"],
      ["g", "1.0"],
      ["h", "1.0"],
    ]);
  });

  for (const [fault, text] of [
    ["quote", 'a "b'],
    ["quote", "a 'b\n"],
    ["brace", "menuentry x {\na\n"],
    ["depth", "{".repeat(1000)],
    ["depth", "if a; then ".repeat(1000)],
  ] as const)
    test(`parseGrubScript() refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(parseGrubScript(text)).toEqual({ fault });
    });

  test("parseGrubScript() finds words where they are, whatever the text is", () => {
    const piece = fc.constantFrom(
      ..."ab$\"'\\{};#\n\r \t()&|=".split(""),
      ...["${a}", "if ", "fi\n", "menuentry x {\n", "\\\n"],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const text = pieces.join("");
        const reading = parseGrubScript(text);
        if ("fault" in reading) return;
        const visit = (statements: readonly Statement[], from: number, to: number) => {
          for (const statement of statements) {
            expect(statement.from).toBeGreaterThanOrEqual(from);
            expect(statement.to).toBeLessThanOrEqual(to);
            for (const word of statement.words) {
              expect(word.to).toBeGreaterThan(word.from);
              expect(" \t\n;{}".includes(text[word.from] ?? "")).toBe(false);
            }
            for (const block of statement.blocks) visit(block, statement.from, statement.to);
          }
        };
        visit(reading.statements, 0, text.length);
      }),
      { numRuns: 2000 },
    );
  });
});
