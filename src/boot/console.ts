// What is typed at the console, line by line, as standard input of PID 1 gives it. A console may be none, or go away: its
// input is at an end then, again and again, and nobody is asked any more.
import { ifPossible } from "../system/port/errors.ts";
import type { System } from "../system/port/system.ts";
import { endMachine } from "./end-machine.ts";

/** Is a console that may be listened to. */
interface Console {
  /** Gives what was typed within the time, undefined where nothing was. */
  readonly read: (timeoutMs: number) => string | undefined;
  /** Tells that nothing will be typed any more. */
  readonly isGone: () => boolean;
}

/** Starts to listen. */
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

/** Ctrl-D is an end too, and who hits it once has not gone away. */
const mostEnds = 5;

/** Waits at the console for nothing but that somebody restarts the machine or powers it off. */
export function obeyEnding(system: System, { read }: Console, timeoutMs: number): void {
  const word = read(timeoutMs)?.trim().toLowerCase();
  if (word === "r" || word === "reboot") endMachine(system, "reboot");
  if (word === "p" || word === "poweroff") endMachine(system, "poweroff");
}

/** Says how obeyEnding() is told. */
export const endingHint = "type r to restart or p to power off, and press Enter";

function readLine(system: System): string | undefined {
  // A line that was hung up gives EIO.
  return ifPossible(() => system.readLine());
}
