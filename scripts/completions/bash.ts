// The completion for bash, which needs no package beside bash.
import type { CompletedCommand, CompletedFlag, Kind, KindOfMachine } from "./completion.ts";

const head = `# bash completion for backstore. Written by scripts/completions.mjs from the table of commands.

_backstore_words() {
  local IFS=$'\\n' word words
  mapfile -t words < <(compgen -W "$1" -- "$current")
  for word in "\${words[@]}"; do COMPREPLY+=("$(printf %q "\${word#"$prefix"}")"); done
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2> /dev/null
}

_backstore_files() {
  local files
  mapfile -t files < <(compgen "$1" -- "$current")
  COMPREPLY+=("\${files[@]}")
  compopt -o filenames 2> /dev/null
}

_backstore_devices() {
  _backstore_words "$(lsblk --noheadings --raw --paths --output NAME 2> /dev/null)"
}

_backstore_labels() {
  _backstore_words "$(lsblk --noheadings --output LABEL 2> /dev/null | sed 's/ *$//; /^$/d')"
}

# Those that are mounted in the usual places: nothing is mounted for a completion.
_backstore_stores() {
  local pattern
  for pattern in /run/{backstore/host,archiso/bootmnt} /mnt/'*' /media/'*' /media/'*/*' /run/media/'*/*'; do
    _backstore_words "$(compgen -G "$pattern/*.bs")"
  done
  _backstore_files -f
}
`;

/** Renders the whole script. */
export function renderBash(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name);
  return `${head}
_backstore() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command=\${COMP_WORDS[1]-} index=0 word operands=0 prefix=
  COMPREPLY=()
  # bash breaks words at "=", and puts what is proposed behind it.
  if [[ $current == = ]]; then
    current= index=$((COMP_CWORD - 1))
  elif [[ $previous == = ]]; then
    index=$((COMP_CWORD - 2))
  fi
  if ((index > 0)); then
    previous=\${COMP_WORDS[index]}
    if [[ $previous != -* ]]; then
      prefix=$previous= current=$previous=$current previous=\${COMP_WORDS[index - 1]}
    fi
  fi
  if ((COMP_CWORD == 1)); then
    _backstore_words ${quoteLines([...names, "--help", "--version"])}
    return
  fi
  case "$command $previous" in
${commands.flatMap(({ name, flags }) => flags.filter(hasValue).map((flag) => renderValue(name, flag))).join("\n")}
  esac
  if [[ $current == -* ]]; then
    case $command in
${commands.map(({ name, flags }) => `      ${name}) _backstore_words ${quoteLines(flags.flatMap(wordsOf))} ;;`).join("\n")}
    esac
    return
  fi
  for ((index = 2; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "$command $word" in
      ${commands
        .flatMap(({ name, flags }) =>
          flags.filter(hasValue).map((flag) => `"${name} --${flag.name}"`),
        )
        .join(" | ")})
        if [[ \${COMP_WORDS[index + 1]} == = ]]; then ((index += 2)); else ((index += 1)); fi ;;
      *" -"*) ;;
      *) ((operands += 1)) ;;
    esac
  done
  case "$command $operands" in
${commands.flatMap(renderOperands).join("\n")}
  esac
} &&
  complete -F _backstore backstore
`;
}

function hasValue({ value }: CompletedFlag): boolean {
  return value !== undefined;
}

function wordsOf({ name, short }: CompletedFlag): string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

function renderValue(command: string, { name, kind }: CompletedFlag): string {
  return `    "${command} --${name}") ${renderKind(kind)}; return ;;`;
}

function renderOperands({ name, operands }: CompletedCommand): string[] {
  return operands.map(({ kind }, index) => `    "${name} ${index}") ${renderKind(kind)} ;;`);
}

const byKind: Readonly<Record<KindOfMachine, string>> = {
  file: "_backstore_files -f",
  directory: "_backstore_files -d",
  device: "_backstore_devices",
  label: "_backstore_labels",
  store: "_backstore_stores",
  medium: "_backstore_devices; _backstore_files -f",
  any: ":",
};

function renderKind(kind: Kind): string {
  return typeof kind === "string" ? byKind[kind] : `_backstore_words ${quoteLines(kind.words)}`;
}

function quoteLines(words: readonly string[]): string {
  return `$'${words.join("\\n")}'`;
}
