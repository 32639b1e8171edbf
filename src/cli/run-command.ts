// The command line: finds the command, checks its arguments, runs it, and turns a failure into a
// sentence and a status.
import { exitStatus, Failure } from "../core/text/failure.ts";
import { formatQuoted } from "../core/text/quoted.ts";
import { suggest } from "../core/text/suggest.ts";
import { headOf, renderJson, renderJsonLine, summariseFailure } from "../report/json.ts";
import { renderCommandHelp, renderFailure, renderHelp } from "../report/manual/help.ts";
import { failureOfUntold } from "../system/port/errors.ts";
import { errnoOf, type System } from "../system/port/system.ts";
import { flagsOf, parseArguments, shortOf } from "./command-line/arguments.ts";
import type { Context } from "./command-line/command.ts";
import { commands, statusesOf } from "./command-table.ts";
import { answerByOldName, oldName } from "./first-generation.ts";
import { interruptible } from "./interruptible.ts";
import { tellingWaits } from "./telling-waits.ts";

/** One call of the program as a command. */
export interface Call {
  readonly system: System;
  /** The name that the program was called by. */
  readonly program?: string;
  readonly words: readonly string[];
  readonly context: Context;
}

/** Runs the command in `words` and returns the exit status; only bugs are thrown. */
export async function runCommand(given: Call): Promise<number> {
  const waiting = asksFor(given.words, quiet)
    ? given.system
    : tellingWaits(given.system, given.context.terminal);
  const system = withOutput(interruptible(waiting, given.context.isInterrupted));
  const call = { ...given, system };
  if (!asksFor(call.words, json)) return orStatus(call, () => dispatch(call));
  if (commands.find(({ name }) => name === call.words[0])?.tellsLines)
    return orStatus(
      call,
      () => dispatch(call),
      (failure) => tellFailureLine(call, failure),
    );
  let told = "";
  const holding: System = {
    ...system,
    say(where, text) {
      if (where === "stdout") told += text;
      else system.say(where, text);
    },
  };
  const tellFailure = (failure: Failure) => {
    // What was told before it failed, and the failure, are one object.
    const before: object = told === "" ? headOf(call.context.version) : JSON.parse(told);
    told = renderJson({ ...before, ...summariseFailure(failure) });
  };
  const status = await orStatus(call, () => dispatch({ ...call, system: holding }), tellFailure);
  return orStatus(call, () => {
    system.say("stdout", told);
    return status;
  });
}

/** The failure is the last of the lines. */
function tellFailureLine({ system, context }: Call, failure: Failure): void {
  const line = { ...headOf(context.version), ...summariseFailure(failure) };
  system.say("stdout", renderJsonLine(line));
}

/** Returns the status of an action; a failure of it is said, and is its status. */
async function orStatus(
  { system, words, context }: Call,
  act: () => number | Promise<number>,
  tellFailure: (failure: Failure) => void = () => {},
): Promise<number> {
  try {
    return await act();
  } catch (error) {
    const [name = ""] = words;
    const failure =
      error instanceof Failure
        ? interruptedFailure(error, context)
        : failureOfUntold(`Cannot run ${formatQuoted(`backstore ${name}`)}`, error);
    if (failure === undefined) throw error;
    system.say("stderr", renderFailure(failure));
    ifTold(() => tellFailure(failure));
    return exitStatus[failure.code];
  }
}

/** Standard output may be what has failed, and then it takes no failure either. */
function ifTold(tellFailure: () => void): void {
  try {
    tellFailure();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

/** A tool that is interrupted as well fails, and so does a question that is not answered. */
function interruptedFailure(failure: Failure, { isInterrupted }: Context): Failure {
  if (failure.code === "interrupted" || !isInterrupted()) return failure;
  return new Failure("interrupted", "Interrupted");
}

const json = /^--json$|^-[A-Za-z]*J/;
const quiet = /^--quiet$|^-[A-Za-z]*q/;

/** A failure has to be told as JSON even where the other arguments are not understood. */
function asksFor(words: readonly string[], flag: RegExp): boolean {
  const end = words.indexOf("--");
  return words.slice(0, end < 0 ? undefined : end).some((word) => flag.test(word));
}

/** What was asked for and could not be written is a failure, whatever else was done. */
function withOutput(system: System): System {
  return {
    ...system,
    say(where, text) {
      try {
        system.say(where, text);
      } catch (error) {
        if (errnoOf(error) === undefined) throw error;
        // As util-linux says it.
        const reason = error instanceof Error && "reason" in error ? error.reason : error;
        throw new Failure("tool", `write error: ${reason}`);
      }
    },
  };
}

async function dispatch({ system, program, words, context }: Call): Promise<number> {
  const [name, ...rest] = words;
  if (program === oldName) {
    const answer = answerByOldName(system, words);
    if (answer !== undefined) return answer;
  }
  const { columns } = context.terminal;
  if (name === "--version" || name === "-V") return tellVersion(system, context);
  if (name === undefined || name === "--help" || name === "-h") {
    system.say(name === undefined ? "stderr" : "stdout", renderHelp(commands, exitStatus, columns));
    return name === undefined ? exitStatus.usage : 0;
  }
  const entry = commands.find((one) => one.name === name);
  if (!entry) throw unknownCommand(name);
  const command = await entry.load();
  const parsed = parseArguments(command, rest);
  if (parsed.switches.has("version")) return tellVersion(system, context);
  if (parsed.switches.has("help")) {
    const flags = flagsOf(command).map((flag) => ({ ...flag, short: shortOf(flag.name) }));
    const statuses = statusesOf(entry);
    system.say("stdout", renderCommandHelp({ command, flags, statuses }, columns));
    return 0;
  }
  return command.run({ system, arguments: parsed, context });
}

function tellVersion(system: System, { version }: Context): number {
  system.say("stdout", `backstore ${version}\n`);
  return 0;
}

function unknownCommand(name: string): Failure {
  const isOption = name.startsWith("-");
  const known = isOption ? ["--help", "--version"] : commands.map((one) => one.name);
  const meant = suggest(name, known);
  const suggestion = meant === undefined ? "" : `, did you mean "${meant}"?`;
  return new Failure(
    "usage",
    `Cannot run ${formatQuoted(name)}: unknown ${isOption ? "option" : "command"}${suggestion}`,
    isOption && meant === undefined
      ? 'options follow the command; see "backstore --help"'
      : 'see "backstore --help"',
  );
}
