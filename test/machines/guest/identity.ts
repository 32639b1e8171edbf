// The program that says who it is run as; built here, because a guest's base has busybox alone.

import { readFileSync } from "node:fs";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";

const source = "test/machines/guest/identity.c";

/** Returns the path of the program, made once. */
export function makeIdentity(): string {
  return makeOnce({
    name: "identity",
    inputs: [readFileSync(source)],
    make: (path) =>
      runTool(["cc", "-Wall", "-Wextra", "-Werror", "-O2", "-static", "-o", path, source]),
  });
}
