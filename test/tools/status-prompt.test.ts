// The word of "backstore status" in a prompt, as in its manual page: the page's own lines, in the
// shells they are for, with the real program. A prompt is shown twice, because the word must be the
// present one.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { copyProgram, isRoot, run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
copyProgram(directory);

const page = readFileSync("docs/man/backstore-status.8.md", "utf8");

/** Returns the page's line for a shell: the one that sets its prompt. */
function lineOf(pattern: RegExp): string {
  const lines = page.match(new RegExp(`^ {4}${pattern.source}.*$`, "gm")) ?? [];
  expect(lines).toHaveLength(1);
  return lines[0]?.trim() ?? "";
}

/**
 * Changes what the program reports: the boot of a session in memory, which only this process sees.
 */
const booted = `mount -t tmpfs none /run; mkdir /run/backstore
echo '{"session":"volatile","problems":[]}' > /run/backstore/boot.json`;

const shells = [
  {
    name: "bash",
    line: lineOf(/PS1=/),
    argv: ["bash", "--norc", "-c"],
    before: "PS1='before> '",
    show: `printf '%s\\n' "\${PS1@P}"`,
  },
  {
    name: "zsh",
    line: lineOf(/setopt prompt_subst/),
    argv: ["zsh", "-f", "-c"],
    before: "PROMPT='before> '",
    show: 'print -P -- "$PROMPT"',
  },
] as const;

const missing: string[] = shells
  .map(({ name }) => name)
  .filter((name) => spawnSync("which", [name]).status !== 0);
if (!isRoot) missing.push("root");
const why = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;

describe.skipIf(missing.length > 0)(`backstore status --short${why}`, () => {
  for (const { name, line, argv, before, show } of shells) {
    test(`backstore status --short is in the prompt of ${name} as its manual page says`, () => {
      const script = [
        `export PATH=${directory}:$PATH`,
        before,
        line,
        "mount -t tmpfs none /run",
        show,
        booted,
        show,
      ].join("\n");
      const shown = run(["unshare", "--mount", ...argv, script]);
      expect(shown).toBe("[none] before> \n[volatile] before> \n");
    });
  }
});
