// The help of the program, and its error messages. Pure: a report in, text out.
import { bugsUrl } from "../../core/text/bugs.ts";
import type { Failure } from "../../core/text/failure.ts";
import { wrapPair } from "../table.ts";
import { wrapWords } from "../wrap.ts";

interface CommandLine {
  readonly name: string;
  readonly summary: string;
}

interface FlagHelp {
  readonly name: string;
  readonly short: string | undefined;
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

/** A terminal of 80 columns; some begin a new line after the last one. */
const mostColumns = 79;

/** Renders the program's help: what it is, its commands, its exit statuses. */
export function renderHelp(
  commands: readonly CommandLine[],
  statuses: Readonly<Record<string, number>>,
  terminalColumns: number | undefined,
): string {
  const columns = columnsFor(terminalColumns);
  return [
    "Usage: backstore COMMAND [ARGUMENT]...",
    ...wrapWords("Keep the changes made on a live Linux system.", { columns }),
    "",
    ...commands.flatMap(({ name, summary }) => wrapPair(`  ${name.padEnd(11)}`, summary, columns)),
    "",
    ...wrapWords(
      'See "backstore COMMAND --help" or "backstore help COMMAND" for more; "backstore --version" prints the version.',
      { columns },
    ),
    "",
    ...renderStatuses(statuses, columns),
    "",
    ...wrapWords(`Report bugs: ${bugsUrl}`, { columns }),
    "",
  ].join("\n");
}

/** What the help of one command is made from. */
interface CommandHelp {
  readonly command: { readonly usage: string; readonly description: string };
  readonly flags: readonly FlagHelp[];
  /** Those that the command can have. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Renders the help of one command, flags and exit statuses included. */
export function renderCommandHelp(
  { command, flags, statuses }: CommandHelp,
  terminalColumns: number | undefined,
): string {
  const columns = columnsFor(terminalColumns);
  const rows = flags.map(({ name, short, value, help: text }) => ({
    left: `  ${short === undefined ? "   " : `-${short},`} --${name}${value ? ` ${value}` : ""}`,
    text,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  return [
    ...renderUsage(command.usage, columns),
    "",
    ...command.description
      .trim()
      .split(/\n{2,}/)
      .flatMap((paragraph) => ["", ...wrapWords(paragraph.replaceAll("\n", " "), { columns })])
      .slice(1),
    "",
    ...rows.flatMap(({ left, text }) => wrapPair(left.padEnd(width), text, columns)),
    "",
    ...renderStatuses(statuses, columns),
    "",
  ].join("\n");
}

function columnsFor(terminalColumns: number | undefined): number {
  return Math.min(terminalColumns ?? mostColumns, mostColumns);
}

/** Each form of a command on a line of its own. */
function renderUsage(usage: string, columns: number): string[] {
  return usage.split("\n").flatMap((form, index) => {
    const first = `${index === 0 ? "Usage:" : "      "} backstore `;
    return wrapWords(form, { columns, first, rest: " ".repeat(first.length) });
  });
}

/** Renders a failure as its sentence and its hint, a line each. */
export function renderFailure(failure: Failure): string {
  return `backstore: ${failure.message}\n${failure.hint === undefined ? "" : `Hint: ${failure.hint}\n`}`;
}

function renderStatuses(statuses: Readonly<Record<string, number>>, columns: number): string[] {
  const rows = [
    [0, "success"] as const,
    ...Object.entries(statuses).map(
      ([code, status]) => [status, statusMeanings[code] ?? code] as const,
    ),
  ];
  return [
    "Exit status:",
    ...rows.flatMap(([status, meaning]) =>
      wrapPair(`  ${String(status).padEnd(5)}`, meaning, columns),
    ),
  ];
}
