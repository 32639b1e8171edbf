// What a tool says, in a sentence of ours: nothing in it is obeyed by a terminal.
import { expect, test } from "vitest";
import { reasonLineOf } from "../../../src/system/port/tool.ts";

const cases: readonly (readonly [is: string, output: string, shown: string])[] = [
  ["nothing", "", ""],
  ["a line", "resize2fs: No space\n", "resize2fs: No space"],
  ["the last of some", "one\ntwo\n\n", "two"],
  ["quotes as they are", 'cannot open "a"\n', 'cannot open "a"'],
  [
    "an escape of a terminal",
    "label \u001b]0;x\u0007\u001b[2J\n",
    "label \\u001b]0;x\\u0007\\u001b[2J",
  ],
  ["what overwrites a line", "all is lost\rall is well\n", "all is well"],
  ["what turns text around", "a\u202eb\u009bc\n", "a\\u202eb\\u009bc"],
  ["a line without end", "x".repeat(1_000_000), `${"x".repeat(400)}…`],
];
for (const [is, output, shown] of cases)
  test(`reasonLineOf() shows ${is}`, () => {
    expect(reasonLineOf("cp", output)).toBe(shown);
  });
