// The program that prints a guest's facts (tell.c); static, since a guest may have no C library.

import { readFileSync } from "node:fs";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";

const source = "test/machines/guest/tell.c";

/** Returns the path of the program, made once. */
export function makeTell(): string {
  return makeOnce({
    name: "tell",
    inputs: [readFileSync(source)],
    make: (path) => {
      runTool(["musl-gcc", "-Wall", "-Wextra", "-Werror", "-O2", "-static", "-o", path, source]);
    },
  });
}
