// The lines typed at the console, on standard input of PID 1. A console may be missing, or go away:
// then its input ends, again and again, and nobody is asked any more.
import { ifPossible } from "../system/port/errors.ts";
import type { System } from "../system/port/system.ts";
import { endMachine } from "./end-machine.ts";

/** A console that may be read. */
interface Console {
  /** Returns what was typed within the time, undefined if nothing was. */
  readonly read: (timeoutMs: number) => string | undefined;
  /** Returns whether nothing will be typed any more. */
  readonly isGone: () => boolean;
}

/** Starts to read. */
export function openConsole(system: System): Console {
  let ends = 0;
  return {
    isGone: () => ends >= mostEnds,
    read(timeoutMs) {
      if (ends >= mostEnds || !system.waitForInput(timeoutMs)) return undefined;
      const line = readLine(system);
      ends = line === undefined ? ends + 1 : 0;
      return line;
    },
  };
}

/** Ctrl-D is an end too, and a user who presses it once is still there. */
const mostEnds = 5;

/** Waits at the console until the user restarts the machine or powers it off. */
export function obeyEnding(system: System, { read }: Console, timeoutMs: number): void {
  const word = read(timeoutMs)?.trim().toLowerCase();
  if (word === "r" || word === "reboot") endMachine(system, "reboot");
  if (word === "p" || word === "poweroff") endMachine(system, "poweroff");
}

/** The instructions for obeyEnding(). */
export const endingHint = "type r to restart or p to power off, and press Enter";

function readLine(system: System): string | undefined {
  // A line that was hung up gives EIO.
  return ifPossible(() => system.readLine());
}
