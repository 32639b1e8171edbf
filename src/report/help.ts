// The help of the program, and its error messages. Pure: a report in, text out.
import { bugsUrl } from "../core/text/bugs.ts";
import type { Failure } from "../core/text/failure.ts";

interface CommandLine {
  readonly name: string;
  readonly summary: string;
}

interface FlagHelp {
  readonly name: string;
  readonly value?: string;
  readonly help: string;
}

const statusMeanings: Record<string, string> = {
  bug: "a bug in backstore",
  usage: "invalid command line",
  tool: "a tool or the kernel failed",
  "not-found": "nothing was found",
  "in-use": "in use by something else",
  damaged: "damaged",
  "no-room": "not enough room",
  unsafe: "refused because it would not be safe",
  volatile: "the session is not persistent",
  interrupted: "interrupted",
};

/** Renders the program's help: what it is, its commands, its exit statuses. */
export function renderHelp(
  commands: readonly CommandLine[],
  statuses: Readonly<Record<string, number>>,
): string {
  return [
    "Usage: backstore COMMAND [ARGUMENT]...",
    "Keep the changes made on a live Linux system.",
    "",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`),
    "",
    'See "backstore COMMAND --help" for more; "backstore --version" prints the version.',
    "",
    ...renderStatuses(statuses),
    "",
    `Report bugs: ${bugsUrl}`,
    "",
  ].join("\n");
}

/** Renders the help of one command, flags and exit statuses included. */
export function renderCommandHelp(help: {
  readonly command: { readonly usage: string; readonly description: string };
  readonly flags: readonly FlagHelp[];
  readonly statuses: Readonly<Record<string, number>>;
}): string {
  const rows = help.flags.map(({ name, value, help: text }) => ({
    left: `--${name}${value ? ` ${value}` : ""}`,
    text,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  return [
    `Usage: backstore ${help.command.usage}`,
    "",
    help.command.description.trim(),
    "",
    ...rows.map(({ left, text }) => `  ${left.padEnd(width)}${text}`),
    "",
    ...renderStatuses(help.statuses),
    "",
  ].join("\n");
}

/** Renders a failure as its sentence and its hint, a line each. */
export function renderFailure(failure: Failure): string {
  return `backstore: ${failure.message}\n${failure.hint === undefined ? "" : `Hint: ${failure.hint}\n`}`;
}

function renderStatuses(statuses: Readonly<Record<string, number>>): string[] {
  return [
    "Exit status:",
    "  0    success",
    ...Object.entries(statuses).map(
      ([code, status]) => `  ${String(status).padEnd(5)}${statusMeanings[code] ?? code}`,
    ),
  ];
}
