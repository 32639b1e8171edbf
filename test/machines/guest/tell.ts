// The program that prints a guest's facts (tell.c).

import { makeProgram } from "../../../scripts/lib/c-program.ts";

/** Returns the path of the program, made once. */
export function makeTell(): string {
  return makeProgram("test/machines/guest/tell.c", "musl-gcc");
}
