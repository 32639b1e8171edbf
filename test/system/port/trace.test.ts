import { describe, expect, test } from "vitest";
import { bugsUrl } from "../../../src/core/text/bugs.ts";
import { describeBug, translateStack } from "../../../src/system/port/trace.ts";

// Line 1 is from a.ts:1, line 2 from a.ts:5, line 3 from b.ts:2, line 4 from a.ts:6, line 5 from no
// listed file.
const lines = JSON.stringify({
  "main.js": {
    files: ["src/a.ts", "src/b.ts"],
    lines: [0, 1, 0, 4, 1, -3, -1, 4, 5, 0],
  },
  "explain-X1.js": { files: ["src/cli/commands/explain.ts"], lines: [0, 7] },
});

describe("translateStack()", () => {
  const cases: readonly (readonly [stack: string, translated: string])[] = [
    ["    at f (main.js:1:5)", "    at f (src/a.ts:1)"],
    ["    at f (main.js:2)", "    at f (src/a.ts:5)"],
    [
      "    at <anonymous> (main.js:3:1)\n    at g (main.js:4:9)",
      "    at <anonymous> (src/b.ts:2)\n    at g (src/a.ts:6)",
    ],
    ["    at h (explain-X1.js:1:1)", "    at h (src/cli/commands/explain.ts:7)"],
    ["    at f (native)", "    at f (native)"],
    ["    at f (other.js:1:5)", "    at f (other.js:1:5)"],
    ["    at f (main.js:5:1)", "    at f (main.js:5:1)"],
    ["    at f (main.js:6:1)", "    at f (main.js:6:1)"],
    ["    at f (main.js:0:1)", "    at f (main.js:0:1)"],
    ["    at f (main.js:99999999999999999999:1)", "    at f (main.js:99999999999999999999:1)"],
    [
      "    at f (constructor.js:1:1) (__proto__.js:1)",
      "    at f (constructor.js:1:1) (__proto__.js:1)",
    ],
    ["no place at all", "no place at all"],
    ["", ""],
  ];
  for (const [stack, translated] of cases) {
    test(`translateStack() makes ${JSON.stringify(translated)}`, () => {
      expect(translateStack(stack, lines)).toBe(translated);
    });
  }

  test("translateStack() leaves a stack as it is where nothing is known", () => {
    expect(translateStack("    at f (main.js:1:5)", "{}")).toBe("    at f (main.js:1:5)");
  });
});

describe("describeBug()", () => {
  const failing = (stack: string | undefined) => {
    const error = new TypeError("not a function");
    Object.defineProperty(error, "stack", { value: stack });
    return error;
  };
  const asks = `backstore: this is a bug in backstore, please report it with the lines below: ${bugsUrl}\n`;
  const cases: readonly (readonly [is: string, error: unknown, words: string])[] = [
    [
      "an error",
      failing("    at f (main.js:2)\n"),
      "TypeError: not a function\n    at f (src/a.ts:5)\n",
    ],
    ["an error without a stack", failing(undefined), "TypeError: not a function\n"],
    ["what is no error", "text", "text\n"],
    ["nothing", undefined, "undefined\n"],
  ];
  for (const [is, error, words] of cases) {
    test(`describeBug() shows ${is}`, () => {
      expect(describeBug(error, lines)).toBe(asks + words);
    });
  }

  test("describeBug() takes the end of memory for no bug", () => {
    const error = new Error("out of memory");
    error.name = "InternalError";
    expect(describeBug(error, undefined)).toBe("backstore: Cannot continue: not enough memory\n");
  });

  test("describeBug() does without the table of lines", () => {
    expect(describeBug(failing("    at f (main.js:2)\n"), undefined)).toContain("main.js:2");
  });
});
