// The completion for zsh, by its own _arguments.
import type { CompletedCommand, CompletedFlag, Kind, KindOfMachine } from "./completion.ts";

const head = `#compdef backstore
# Written by scripts/completions.mjs from the table of commands.

_backstore_devices() {
  local -a devices
  devices=(\${(f)"$(lsblk --noheadings --raw --paths --output NAME 2> /dev/null)"})
  compadd "$@" -a devices
}

_backstore_labels() {
  local -a labels
  labels=(\${(f)"$(lsblk --noheadings --output LABEL 2> /dev/null | sed 's/ *$//; /^$/d')"})
  compadd "$@" -a labels
}

# Those that are mounted in the usual places: nothing is mounted for a completion.
_backstore_stores() {
  local -a stores
  stores=(/run/{backstore/host,archiso/bootmnt}/*.bs(N) /{mnt,media}/*/*.bs(N) /{,run/}media/*/*/*.bs(N))
  compadd "$@" -a stores
  _files
}

_backstore_media() {
  _backstore_devices "$@"
  _files
}
`;

/** Renders the whole script. */
export function renderZsh(commands: readonly CompletedCommand[]): string {
  return `${head}
_backstore() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join("\n")}
  )
  _arguments -C \\
    '(- *)'{-h,--help}'[print this help and exit]' \\
    '(- *)'{-V,--version}'[print the version and exit]' \\
    '1:command:{ _describe command commands }' \\
    '*::argument:->arguments'
  [[ $state == arguments ]] || return
  case $words[1] in
${commands.map(renderCommand).join("\n")}
  esac
}

_backstore "$@"
`;
}

function renderCommand({ name, flags, operands }: CompletedCommand): string {
  const words = [
    ...flags.map(renderFlag),
    ...operands.map((one, index) => quote(`${index + 1}:${one.name}:${renderKind(one.kind)}`)),
  ];
  return `    ${name})\n      _arguments -s -S \\\n${words.map((word) => `        ${word}`).join(" \\\n")} ;;`;
}

function renderFlag({ name, short, help, repeated, value, kind }: CompletedFlag): string {
  const what = `[${help.replace(/[[\]\\]/g, "\\$&")}]`;
  if (value !== undefined)
    return quote(
      `${repeated ? "*" : ""}--${name}=${what}:${value.replaceAll("|", " or ")}:${renderKind(kind)}`,
    );
  if (short === undefined) return quote(`--${name}${what}`);
  return `'(-${short} --${name})'{-${short},--${name}}${quote(what)}`;
}

const byKind: Readonly<Record<KindOfMachine, string>> = {
  file: "_files",
  directory: "_files -/",
  device: "_backstore_devices",
  label: "_backstore_labels",
  store: "_backstore_stores",
  medium: "_backstore_media",
  any: " ",
};

function renderKind(kind: Kind): string {
  return typeof kind === "string" ? byKind[kind] : `(${kind.words.join(" ")})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
