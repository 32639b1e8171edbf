// What every session must report, whatever its scenario is about: three lines at most on the
// console, one in the kernel log, and the same word at a login, before and after it.

import type { BootResult } from "./boot-request.ts";

/** The first line of a verdict on the console, for each kind of session. */
const headline =
  /^backstore: (?:Persistent session |\*\*\* READ-ONLY SESSION|\*\*\* VOLATILE SESSION|volatile session: |Stop, )/;

const loginWords: Readonly<Record<string, RegExp>> = {
  persistent: /^backstore: persistent: /,
  readonly: /^backstore: READ-ONLY: /,
  volatile: /^backstore: (?:VOLATILE|volatile): /,
};

/**
 * Returns what is wrong with the reports of a running session; empty if it has reported everything,
 * once and briefly.
 */
export function compareTold(session: string, { console, facts }: BootResult): string[] {
  // If a screen is the console, the serial line does not show it.
  const isElsewhere = /\bconsole=tty0\b/.test(facts.text("cmdline") ?? "");
  return [
    ...(isElsewhere ? [] : compareConsole(console)),
    ...compareKernelLog(session, facts.text("kernel-log") ?? ""),
    ...compareLogins(session, facts.text("motd"), facts.text("issue")),
  ];
}

/** What systemd puts before a line of a unit on the console, after resetting the terminal or not. */
const unitOf = /^.*\[ *[\d.]+\] [\w-]+\[\d+\]: /;

/** A boot that stopped and then continued has two verdicts. */
function compareConsole(console: string): string[] {
  const lines = console
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r") + 1).replace(unitOf, ""));
  const starts = lines.flatMap((line, index) => (headline.test(line) ? [index] : []));
  if (starts.length === 0) return ["the console tells no verdict"];
  return starts.flatMap((start) => {
    const rest = lines.slice(start + 1);
    const end = rest.findIndex((line) => !line.startsWith("backstore: "));
    const count = 1 + (end < 0 ? rest.length : end);
    return count > 3 ? [`the verdict takes ${count} lines of the console`] : [];
  });
}

function compareKernelLog(session: string, log: string): string[] {
  const said = [...log.matchAll(/^\[ *[\d.]+\] backstore: (.*)$/gm)].map(([, text = ""]) => text);
  const others = said.filter(
    (text) => !/^(?:session stopped\b|waiting for an answer at the console$)/.test(text),
  );
  const isOne = others.length === 1 && new RegExp(`^session ${session}\\b`).test(others[0] ?? "");
  return isOne ? [] : [`the kernel log has ${JSON.stringify(said)}`];
}

function compareLogins(
  session: string,
  motd: string | undefined,
  issue: string | undefined,
): string[] {
  if (motd === undefined) return ["there is no /run/motd.d/backstore"];
  return [
    ...(loginWords[session]?.test(motd) ? [] : [`a login is told: ${JSON.stringify(motd)}`]),
    ...(issue === motd.replaceAll("\\", "\\\\")
      ? []
      : [
          `before a login is told: ${JSON.stringify(issue)}, and after it: ${JSON.stringify(motd)}`,
        ]),
  ];
}
