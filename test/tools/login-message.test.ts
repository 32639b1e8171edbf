// What agetty shows of a message for logins: agetty itself runs, on a terminal that script(1)
// creates.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { renderIssue, renderMotd } from "../../src/report/console/login-message.ts";
import { run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();

/** Returns what agetty prints for the text of an issue file. */
function show(text: string): string {
  const file = join(directory, "backstore.issue");
  writeFileSync(file, text);
  const shown = run(["script", "-qec", `agetty --show-issue -f ${file} tty`, "/dev/null"]);
  return shown.replaceAll("\r\n", "\n");
}

describe("renderIssue()", () => {
  const cases = [
    ["plain words", 'backstore: persistent: every change is kept in "/sysrcd.bs" on /dev/sdb1'],
    ["escaped controls", 'the store "\\u001b[2J\\n" of /dev/sdb'],
    ["agetty's codes", "\\d \\n \\S{ANSI_COLOR} \\e{red} \\4{eth0} \\t \\u"],
    ["backslashes alone", "\\ \\\\ \\\\\\ end\\"],
    ["letters beyond ASCII", "Käse 日本 …"],
    ["signs that other programs obey", "%s @n $HOME `id` !! ~"],
    ["a terminal's commands", "\u001b[31mred\u009b2J\u0007"],
  ] as const;
  for (const [what, line] of cases) {
    test(`renderIssue() lets agetty show ${what} as they are`, () => {
      expect(show(renderIssue([line]))).toBe(renderMotd([line]));
    });
  }

  test("agetty would replace what renderIssue() escapes", () => {
    expect(show("\\\\s is \\s\n")).toBe("\\s is Linux\n");
  });
});
