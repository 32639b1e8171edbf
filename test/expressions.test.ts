// Every regular expression of src/ on long texts that are bad for it: one that takes quadratic time
// on 60 KB of a value stops a boot for minutes. What is new is found by itself.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "rolldown/parseAst";
import { describe, expect, test } from "vitest";

const source = join(import.meta.dirname, "../src");

interface Expression {
  readonly file: string;
  readonly pattern: string;
  readonly flags: string;
}

const expressions = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .sort()
  .flatMap(findExpressions);

describe("regular expressions", () => {
  test("none is made of a text", () => {
    expect(expressions.length).toBeGreaterThan(90);
    expect(expressions.filter(({ pattern }) => pattern === "")).toEqual([]);
  });

  for (const { file, pattern, flags } of expressions)
    test(`/${pattern}/${flags} of ${file} takes linear time`, () => {
      const texts = badTexts(pattern, 20_000);
      const times = texts.map((text) => timeOf({ pattern, flags }, text));
      const slowest = times.indexOf(Math.max(...times));
      const again = timeOf({ pattern, flags }, texts[slowest] ?? "");
      // Quadratic time is hundreds of milliseconds here, linear time well below one.
      const least = Math.min(times[slowest] ?? 0, again);
      expect(least, JSON.stringify(texts[slowest]?.slice(0, 40))).toBeLessThan(60);
      const longest = badTexts(pattern, 100_000)[slowest] ?? "";
      expect(timeOf({ pattern, flags }, longest)).toBeLessThan(1000);
    });

  test("the known ones that took minutes are found out", () => {
    const known = [
      String.raw`\n+$`,
      String.raw`^\s*(\d{1,16})(?:\.(\d{1,9}))?\s*([a-z]*)\s*$`,
      String.raw`\[[^\]]*\]|-`,
      String.raw`^(.*?)(\d*)$`,
      String.raw`^\d+\.\d+[\w.+~-]*$`,
    ];
    for (const pattern of known) {
      const texts = badTexts(pattern, 20_000);
      const isSlow = texts.some((text) => timeOf({ pattern, flags: "" }, text) > 60);
      expect(isSlow, pattern).toBe(true);
    }
  });
});

function timeOf({ pattern, flags }: Omit<Expression, "file">, text: string): number {
  const expression = new RegExp(pattern, flags);
  const began = performance.now();
  text.replace(expression, "");
  return performance.now() - began;
}

const units = [" ", "\n", "\t", "a", "A", "0", ".", ",", ":", "=", "-", "/", '"', "\\", "[", "("];

/**
 * Makes texts of so many characters: what the expression begins with, one of its parts or a
 * character again and again, and an end that it does not accept.
 */
function badTexts(pattern: string, length: number): string[] {
  const parts = findLiterals(pattern);
  const repeated = [...new Set([...units, ...parts, ...parts.map((part) => `${part}\n`)])];
  const beginnings = ["", "1", "0.0", ...parts];
  return beginnings.flatMap((beginning) =>
    repeated.flatMap((unit) =>
      ["\u0001", "\n\u0001!"].map(
        (end) => beginning + unit.repeat(Math.ceil(length / unit.length)) + end,
      ),
    ),
  );
}

/** Finds the texts that stand in a pattern as they are. */
function findLiterals(pattern: string): string[] {
  const plain = pattern
    .replace(/\\[nt]/g, " ")
    .replace(/\\[dDwWsSbBux]|\[[^\]]*\]|\(\?[:!=<]+|[()^$*+?|{}.]/g, "\0")
    .replace(/\\(.)/g, "$1");
  return [...new Set(plain.split("\0"))].filter((part) => part !== "").slice(0, 8);
}

interface Node {
  readonly type?: string;
  readonly start?: number;
  readonly end?: number;
  readonly regex?: { readonly pattern: string; readonly flags: string };
  readonly callee?: { readonly name?: string };
}

function findExpressions(file: string): Expression[] {
  const found: Expression[] = [];
  visit(parseAst(readFileSync(join(source, file), "utf8"), { lang: "ts" }), (node) => {
    if (node.regex) found.push({ file, ...node.regex });
    if (node.type === "NewExpression" && node.callee?.name === "RegExp")
      found.push({ file, pattern: "", flags: "" });
  });
  return found;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (typeof value !== "object" || value === null) return;
  if ("type" in value) see(value as Node);
  for (const inner of Object.values(value)) visit(inner, see);
}
