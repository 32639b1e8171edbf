// The progress of what takes long before a session starts, on one line of the console.

import type { System } from "../system/port/system.ts";

/** What is smaller is over before anybody could read a line about it. */
const smallestToldBytes = 16 * 2 ** 20;

/** Returns a listener that says how far an activity is ("copying the base into memory"). */
export function sayProgress(
  system: System,
  activity: string,
): (doneBytes: number, allBytes: number) => void {
  let said: number | undefined;
  return (doneBytes, allBytes) => {
    const percent = Math.floor((doneBytes / allBytes) * 100);
    if (allBytes < smallestToldBytes || percent === said) return;
    system.say("stderr", `\rbackstore: ${activity}: ${percent} % `);
    said = percent;
  };
}
