// How commands look into a store that is not in use, and tell what they cannot compare.

import { formatLine, formatPath } from "../../core/text/quoted.ts";
import type { ChangesView } from "../../system/changes/open-changes.ts";
import type { Invocation } from "./command.ts";

/** Returns who hears of paths that cannot be compared: each is told once. */
export function listenForFaults({ system }: Invocation) {
  const told = new Set<string>();
  return {
    count: () => told.size,
    tell(path: string, reason: string) {
      const line = formatLine(`Warning: ${formatPath(path)}: ${reason}`);
      if (!told.has(line)) system.say("stderr", `${line}\n`);
      told.add(line);
    },
  };
}

/** Returns a view of a store that changes nothing, in a directory to mount below. */
export function viewOf({ system }: Invocation, at: string | undefined): ChangesView {
  return {
    at,
    tellIgnoredJournal: (path) =>
      system.say(
        "stderr",
        `Warning: the journal of ${formatPath(path)} was not replayed yet, so what is shown may be older\n`,
      ),
  };
}
