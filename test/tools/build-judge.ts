// Builds a judge: a program of its own, since it mounts in a name space of its own.
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll } from "vitest";
import { inNamespace } from "./namespaces.ts";

/** Builds test/tools/NAME.ts before the tests of a group, and returns the words that run it. */
export function buildJudge(name: string, directory: string): readonly string[] {
  const judge = join(directory, `${name}.mjs`);
  beforeAll(async () => {
    await build({
      entryPoints: [`test/tools/${name}.ts`],
      outfile: judge,
      ...{ bundle: true, platform: "node", format: "esm", logLevel: "warning" },
    });
  });
  return [...inNamespace, process.execPath, judge];
}
