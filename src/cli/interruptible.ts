// A System whose next call fails once the command is interrupted, as if the kernel had refused it:
// what was begun is then undone in the ways in which failures are.
import { Failure } from "../core/text/failure.ts";
import type { System } from "../system/port/system.ts";

/** Returns a System of which one call fails when somebody interrupts; those that undo do not. */
export function interruptible(system: System, isInterrupted: () => boolean): System {
  let isTold = false;
  const check = () => {
    if (isTold || !isInterrupted()) return;
    isTold = true;
    throw new Failure("interrupted", "Interrupted");
  };
  const calls = Object.entries(system).map(([name, call]) => [
    name,
    name === "say" || name === "readLine" || typeof call !== "function"
      ? call
      : (...given: readonly unknown[]) => {
          check();
          const answer = call(...given);
          // A terminal interrupts the tool as well; what comes next undoes what that has failed at.
          if (name === "run") check();
          return answer;
        },
  ]);
  // The same names, and functions of the same types.
  return Object.fromEntries(calls) as System;
}
