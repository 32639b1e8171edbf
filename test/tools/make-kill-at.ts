// The program that kills another one before a call (kill-at.c).

import { makeProgram } from "../../scripts/lib/c-program.ts";

/** Returns the path of the program, made once. */
export function makeKillAt(): string {
  return makeProgram("test/tools/kill-at.c");
}
