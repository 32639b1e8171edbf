// The program that says who it is run as; a guest's base has busybox alone.

import { makeProgram } from "../../../scripts/lib/c-program.ts";

/** Returns the path of the program, made once. */
export function makeIdentity(): string {
  return makeProgram("test/machines/guest/identity.c");
}
