// The completion for fish.
import type { CompletedCommand, CompletedFlag, Kind, KindOfMachine } from "./completion.ts";

const head = `# Written by scripts/completions.mjs from the table of commands.

function __backstore_command
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    test (count $words) -gt 1; and test $words[2] = $argv[1]
end

function __backstore_no_command
    test (count (commandline --tokenize --cut-at-cursor --current-process)) -eq 1
end

function __backstore_labels
    lsblk --noheadings --output LABEL 2>/dev/null | string trim --right | string match --regex '.+'
end

# Those that are mounted in the usual places: nothing is mounted for a completion.
function __backstore_stores
    set -l stores /run/{backstore/host,archiso/bootmnt}/*.bs /{mnt,media}/*/*.bs /{,run/}media/*/*/*.bs
    string join \\n $stores
end

complete --command backstore --no-files
complete --command backstore --condition __backstore_no_command --short-option h --long-option help --description 'print this help and exit'
complete --command backstore --condition __backstore_no_command --short-option V --long-option version --description 'print the version and exit'
`;

/** Renders the whole script. */
export function renderFish(commands: readonly CompletedCommand[]): string {
  return `${[head, ...commands.map(renderCommand)].join("\n")}\n`;
}

function renderCommand({ name, summary, flags, operands }: CompletedCommand): string {
  const first = operands[0]?.kind ?? "any";
  return [
    `complete --command backstore --condition __backstore_no_command --arguments ${name} --description ${quote(summary)}`,
    ...flags.map((flag) => `${start(name)} ${renderFlag(flag)}`),
    ...(first === "any" ? [] : [`${start(name)} ${renderKind(first)}`]),
  ].join("\n");
}

function start(name: string): string {
  return `complete --command backstore --condition '__backstore_command ${name}'`;
}

function renderFlag({ name, short, help, value, kind }: CompletedFlag): string {
  const letter = short === undefined ? "" : `--short-option ${short} `;
  const what = `${letter}--long-option ${name} --description ${quote(help)}`;
  if (value === undefined) return what;
  const takesFiles = renderKind(kind).startsWith("--force-files");
  const parameter = takesFiles ? "--require-parameter" : "--exclusive";
  return `${what} ${parameter} ${renderKind(kind)}`.trimEnd();
}

const byKind: Readonly<Record<KindOfMachine, string>> = {
  file: "--force-files",
  directory: "--arguments '(__fish_complete_directories)'",
  device: "--arguments '(lsblk --noheadings --raw --paths --output NAME 2>/dev/null)'",
  label: "--arguments '(__backstore_labels)'",
  store: "--force-files --arguments '(__backstore_stores)'",
  medium:
    "--force-files --arguments '(lsblk --noheadings --raw --paths --output NAME 2>/dev/null)'",
  any: "",
};

function renderKind(kind: Kind): string {
  return typeof kind === "string" ? byKind[kind] : `--arguments ${quote(kind.words.join(" "))}`;
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
