// The program that kills another one before a call (kill-at.c); static, since a guest may have no C
// library.

import { readFileSync } from "node:fs";
import { makeOnce } from "../../scripts/lib/cache.ts";
import { runTool } from "../../scripts/lib/tool.ts";

const source = "test/tools/kill-at.c";

/** Returns the path of the program, made once. */
export function makeKillAt(): string {
  return makeOnce({
    name: "kill-at",
    inputs: [readFileSync(source)],
    make: (path) => {
      runTool(["cc", "-Wall", "-Wextra", "-Werror", "-O2", "-static", "-o", path, source]);
    },
  });
}
