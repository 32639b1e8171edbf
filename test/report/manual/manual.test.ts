import { describe, expect, test } from "vitest";
import { renderManualPage } from "../../../src/report/manual/manual.ts";

const page = `# backstore-try(8)

## NAME

backstore-try - try it

## DESCRIPTION

A *stick* with **backstore**(8) and \`sysrescue.d/*.yaml\`
has all that <https://backstore.example/issues> needs.

### More

- one thing
- another thing, with words that
  go on

1. first
2. second

    backstore try --now \\
        *.img

\`--now\`, \`-n\`
: At once, and not in a moment
  as is the custom.
`;

describe("renderManualPage()", () => {
  test("indents and breaks as man(1) does, without marks", () => {
    expect(renderManualPage(page, 50).split("\n")).toEqual([
      "backstore-try(8)",
      "",
      "NAME",
      "       backstore-try - try it",
      "",
      "DESCRIPTION",
      "       A stick with backstore(8) and",
      "       sysrescue.d/*.yaml has all that",
      "       https://backstore.example/issues needs.",
      "",
      "   More",
      "       - one thing",
      "       - another thing, with words that go on",
      "",
      "       1. first",
      "       2. second",
      "",
      "           backstore try --now \\",
      "               *.img",
      "",
      "       --now, -n",
      "            At once, and not in a moment as is",
      "            the custom.",
      "",
    ]);
  });

  test("makes lines of 78 characters where there is more room, or any length", () => {
    const long = `# a(8)\n\n${"word ".repeat(60).trim()}\n`;
    for (const columns of [undefined, 80, 300]) {
      const lines = renderManualPage(long, columns).split("\n");
      expect(Math.max(...lines.map(({ length }) => length))).toBe(76);
    }
  });

  test("ends where a terminal is narrower than what lines begin with", () => {
    for (const columns of [1, 2, 8, 13])
      expect(renderManualPage(page, columns).replaceAll(/\s/g, "")).toContain("Atonce,andnotina");
  });
});
