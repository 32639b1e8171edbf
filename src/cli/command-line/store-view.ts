// How commands look into a store that is not in use, and tell what they cannot look at.

import { formatLine, formatPath } from "../../core/text/quoted.ts";
import { summariseProblem } from "../../report/changes.ts";
import { renderJsonLine } from "../../report/json.ts";
import type { ChangesView } from "../../system/changes/open-changes.ts";
import type { Invocation } from "./command.ts";

/** Returns who hears of paths that cannot be compared: each is told once. */
export function listenForFaults({ system }: Invocation) {
  const told = new Set<string>();
  return {
    count: () => told.size,
    tell(path: string, reason: string) {
      const line = renderFault(path, reason);
      if (!told.has(line)) system.say("stderr", line);
      told.add(line);
    },
  };
}

/** Tells of a path that cannot be looked at: among the lines of JSON, or as a warning. */
export function tellFault(
  { system, arguments: given }: Invocation,
  path: string,
  reason: string,
): void {
  if (given.switches.has("json"))
    system.say("stdout", renderJsonLine(summariseProblem(path, reason)));
  else system.say("stderr", renderFault(path, reason));
}

function renderFault(path: string, reason: string): string {
  return `${formatLine(`Warning: ${formatPath(path)}: ${reason}`)}\n`;
}

/** Returns a view of a store that is about to be changed, in a directory to mount below. */
export function viewOf(invocation: Invocation, at: string | undefined): ChangesView {
  return {
    at,
    tellIgnoredJournal: tellingJournal(invocation, " yet, so what is shown may be older"),
  };
}

/** Returns a view of a store that is only read, in a directory to mount below. */
export function readingView(invocation: Invocation, at: string | undefined): ChangesView {
  const consequence = ", so the newest changes may be missing";
  return { at, tellIgnoredJournal: tellingJournal(invocation, consequence) };
}

function tellingJournal(
  { system }: Invocation,
  consequence: string,
): ChangesView["tellIgnoredJournal"] {
  return (path) =>
    system.say(
      "stderr",
      `Warning: the journal of ${formatPath(path)} was not replayed${consequence}\n`,
    );
}
