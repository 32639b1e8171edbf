// The command line: finds the command, checks its arguments, runs it, and turns a failure into a
// sentence and a status.
import { exitStatus, Failure } from "../core/text/failure.ts";
import { formatQuoted } from "../core/text/quoted.ts";
import { nearest } from "../core/text/suggest.ts";
import { renderCommandHelp, renderFailure, renderHelp } from "../report/help.ts";
import type { System } from "../system/port/system.ts";
import { flagsOf, parseArguments } from "./command-line/arguments.ts";
import type { Context } from "./command-line/command.ts";
import { commands } from "./command-table.ts";
import { answerByOldName, oldName } from "./first-generation.ts";

/** One call of the program as a command. */
export interface Call {
  readonly system: System;
  /** The name that the program was called by. */
  readonly program?: string;
  readonly words: readonly string[];
  readonly context: Context;
}

/** Runs the command in `words` and returns the exit status; only bugs are thrown. */
export async function runCommand(call: Call): Promise<number> {
  try {
    return await dispatch(call);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    call.system.say("stderr", renderFailure(error));
    return exitStatus[error.code];
  }
}

async function dispatch({ system, program, words, context }: Call): Promise<number> {
  const [name, ...rest] = words;
  if (program === oldName) {
    const answer = answerByOldName(system, words);
    if (answer !== undefined) return answer;
  }
  if (name === "--version") {
    system.say("stdout", `backstore ${context.version}\n`);
    return 0;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    system.say(name === undefined ? "stderr" : "stdout", renderHelp(commands, exitStatus));
    return name === undefined ? exitStatus.usage : 0;
  }
  const entry = commands.find((one) => one.name === name);
  if (!entry) {
    const meant = nearest(
      name,
      commands.map((one) => one.name),
    );
    throw new Failure(
      "usage",
      `Cannot run ${formatQuoted(name)}: unknown command${meant ? `, did you mean "${meant}"?` : ""}`,
      'see "backstore --help"',
    );
  }
  const command = await entry.load();
  const parsed = parseArguments(command, rest);
  if (parsed.switches.has("help")) {
    system.say(
      "stdout",
      renderCommandHelp({ command, flags: flagsOf(command), statuses: exitStatus }),
    );
    return 0;
  }
  return command.run({ system, arguments: parsed, context });
}
