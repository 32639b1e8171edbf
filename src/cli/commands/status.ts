// backstore status: what the running session keeps, checked against what the kernel shows.

import { exitStatus } from "../../core/text/failure.ts";
import { formatWord, renderStatus, summariseStatus } from "../../report/status.ts";
import { usage } from "../command-line/arguments.ts";
import type { Command, Invocation } from "../command-line/command.ts";
import { learnStatus } from "../command-line/learn-status.ts";
import { quietFlag, tell } from "../command-line/tell.ts";

/** Reports what the running session keeps. */
export const command: Command = {
  name: "status",
  usage: "status [OPTION]...",
  description: `Shows what the running session keeps: persistent (every change), read-only (the store is used, but
new changes are lost at power-off) or volatile (changes are in memory); then the store, the medium,
the room that is left and how fast it is used up, and any problems. What the boot reported is
compared with what the kernel shows now. The exit status is 0 only for a persistent session.`,
  flags: [
    { name: "json", help: "print JSON (docs/status-json.md)" },
    { name: "short", help: "print one word, for a shell prompt" },
    quietFlag,
  ],
  operands: [],
  run,
};

function run(invocation: Invocation): number {
  const { system, arguments: given, context } = invocation;
  const isShort = given.switches.has("short");
  if (isShort && given.switches.has("json"))
    throw usage(command, '"--json" and "--short" cannot be used together');
  const report = learnStatus(system, context.version);
  tell(invocation, {
    text: () =>
      isShort ? `${formatWord(report.word)}\n` : renderStatus(report, context.terminal.columns),
    json: () => summariseStatus(report),
  });
  return report.word === "persistent" ? 0 : exitStatus.volatile;
}
