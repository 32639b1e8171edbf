// Modules of ours in TypeScript, for scripts that Node runs.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");

/** Returns what the TypeScript module `path` exports, a path from the top. */
export async function load(path) {
  mkdirSync(join(root, "build"), { recursive: true });
  const work = mkdtempSync(join(root, "build/load-"));
  try {
    const outfile = join(work, "module.mjs");
    await build({
      absWorkingDir: root,
      entryPoints: [path],
      bundle: true,
      platform: "node",
      packages: "external",
      format: "esm",
      outfile,
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
