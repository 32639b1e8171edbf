// The completions in the shells that they are for, for every command and option.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { listCompletions } from "../../scripts/completions/completion.ts";
import { run, temporaryDirectory } from "./programs.ts";

const directory = temporaryDirectory();
const built = join(directory, "completions");
const work = join(directory, "work");

beforeAll(() => {
  run([process.execPath, "scripts/completions.mjs", built]);
  mkdirSync(join(work, "a directory"), { recursive: true });
  writeFileSync(join(work, "sysrcd.bs"), "");
});

const pages = /^(options|addon|create|install)$/m;
const types = ["btrfs", "ext2", "ext3", "ext4", "xfs"];

/** Lines to complete, and what is proposed: all of it, or at least what a pattern finds. */
const lines: readonly (readonly [string, readonly string[] | RegExp])[] = [
  ["backstore gr", ["grow"]],
  ["backstore create --type ", types],
  ["backstore create --type x", ["xfs"]],
  ["backstore create --type=x", /xfs/],
  ["backstore initramfs --compress ", ["gzip", "zstd"]],
  ["backstore install . --store ", ["max"]],
  ["backstore explain --cmdline cow_l", ["cow_label="]],
  ["backstore list --cmdline backstore=al", /alldev/],
  ["backstore help ", pages],
  ["backstore shrink sys", ["sysrcd.bs"]],
  ["backstore check sys", ["sysrcd.bs"]],
  ["backstore explain --image sys", ["sysrcd.bs"]],
  ["backstore create --directory ", /^a\\? directory\/?$/m],
  ["backstore status sys", []],
];

/** Asks bash as it asks itself: with the words of the line, broken where it breaks them. */
function askBash(line: string): string[] {
  const words = line.split(/\s+|(=)/).filter((word) => word !== undefined);
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const script = `source ${built}/backstore.bash; complete -p backstore > /dev/null || exit
    COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _backstore
    for reply in "\${COMPREPLY[@]}"; do printf '%s\\n' "$reply"; done`;
  return proposed(run(["env", "-C", work, "bash", "--norc", "-c", script]));
}

function askFish(line: string): string[] {
  const script = `source ${built}/backstore.fish; complete -C '${line}'`;
  return proposed(
    run(["env", "-C", work, `HOME=${directory}`, "fish", "--no-config", "-c", script]),
  );
}

function proposed(output: string): string[] {
  const words = output.split("\n").map((line) => line.split("\t")[0] ?? "");
  return [...new Set(words.filter((word) => word !== ""))].sort();
}

/** Types the line and a tab in an interactive zsh, and returns the line that it has then. */
function askZsh(line: string): string {
  const setup = [
    `cd ${work}; fpath=(${built} $fpath)`,
    `autoload -U compinit; compinit -u -d ${directory}/dump`,
    "show() { print; print -r -- \"LINE=[$BUFFER]\" }; zle -N show; bindkey '^X' show",
    "unsetopt beep; setopt no_auto_menu; print READY=1",
  ];
  const script = `zmodload zsh/zpty; zpty zsh zsh -f -i
    ${setup.map((one) => `zpty -w zsh ${quote(one)}`).join("\n")}
    zpty -r -m zsh out $'*\\nREADY=1*'
    zpty -w -n zsh ${quote(line)}$'\\t\\x18'
    zpty -r -m zsh out $'*\\nLINE=\\\\[*\\\\]*'
    print -r -- "$out"; zpty -d zsh`;
  const [, found = ""] =
    /LINE=\[(.*)\]/.exec(run(["timeout", "30", "zsh", "-f", "-c", script])) ?? [];
  return found;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

for (const [shell, ask] of [
  ["bash", askBash],
  ["fish", askFish],
] as const)
  describe(shell, () => {
    for (const [line, expected] of lines)
      test(`completes "${line}"`, () => {
        const found = ask(line);
        if (expected instanceof RegExp) expect(found.join("\n")).toMatch(expected);
        else expect(found).toEqual(expected);
      });

    test("knows every command, and every option of each", async () => {
      const commands = await listCompletions();
      expect(ask("backstore ")).toEqual(expect.arrayContaining(commands.map(({ name }) => name)));
      for (const { name, flags } of commands) {
        const found = ask(`backstore ${name} --`).filter((word) => word.startsWith("--"));
        expect(found).toEqual(flags.map((flag) => `--${flag.name}`).sort());
      }
    });
  });

describe("zsh", () => {
  const typed: readonly (readonly [string, string])[] = [
    ["backstore gr", "backstore grow "],
    ["backstore create --ty", "backstore create --type="],
    ["backstore create --type x", "backstore create --type xfs "],
    ["backstore create --type=b", "backstore create --type=btrfs "],
    ["backstore initramfs --compress z", "backstore initramfs --compress zstd "],
    ["backstore help opt", "backstore help options "],
    ["backstore shrink sys", "backstore shrink sysrcd.bs "],
    ["backstore check --image sys", "backstore check --image sysrcd.bs "],
    ["backstore explain --cmdline cow_l", "backstore explain --cmdline cow_label= "],
    ["backstore uninstall a", "backstore uninstall a\\ directory/"],
    ["backstore status sys", "backstore status sys"],
  ];
  for (const [line, expected] of typed)
    test(`completes "${line}"`, () => {
      expect(askZsh(line)).toBe(expected);
    });

  test("completes an option in each command that has it", async () => {
    for (const { name, flags } of await listCompletions()) {
      const wanted = flags.filter(({ name: flag }) => flag.startsWith("dry-"));
      for (const flag of wanted)
        expect(askZsh(`backstore ${name} --dry`)).toBe(`backstore ${name} --${flag.name} `);
    }
  });
});
