// Small programs in C that tests run, here and in guests.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { makeOnce } from "./cache.ts";
import { runTool } from "./tool.ts";

/**
 * Returns the path of the program of a source file, made once; static, since a guest may have no C
 * library.
 */
export function makeProgram(source: string, compiler: "cc" | "musl-gcc" = "cc"): string {
  const options = ["-Wall", "-Wextra", "-Werror", "-O2", "-static"];
  return makeOnce({
    name: basename(source, ".c"),
    inputs: [readFileSync(source), compiler, ...options],
    make: (path) => {
      runTool([compiler, ...options, "-o", path, source]);
    },
  });
}
