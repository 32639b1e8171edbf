// Before all tests: the executables that tests run are built once, and only if their sources have
// changed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

interface Program {
  readonly entry: string;
  readonly output: string;
  readonly sources: readonly string[];
}

const host = [
  "native",
  "scripts/boot-options-document.ts",
  "scripts/build.mjs",
  "scripts/engine.mjs",
  "scripts/engine-sources.json",
  "scripts/manual-pages.ts",
  "package.json",
  "package-lock.json",
];
const programs: readonly Program[] = [
  {
    entry: "src/main.ts",
    output: "dist/backstore",
    sources: ["src", "initramfs", "docs/man", "docs/boot-json.md"],
  },
  {
    entry: "test/system/port/contract-main.ts",
    output: "build/contract",
    sources: [
      "src/core",
      "src/system",
      "test/system/port/contract-main.ts",
      "test/system/port/contract.ts",
      "test/system/port/contract",
    ],
  },
  {
    entry: "test/tools/throws-main.ts",
    output: "build/throws",
    sources: ["src/core", "src/system", "test/tools/throws-main.ts"],
  },
  {
    entry: "test/tools/import-main.ts",
    output: "build/import-changes",
    sources: ["src/core", "src/system", "test/tools/import-main.ts"],
  },
  {
    entry: "test/tools/next-main.ts",
    output: "build/do-next",
    sources: ["src/core", "src/system", "test/tools/next-main.ts"],
  },
  {
    entry: "test/tools/checkers-main.ts",
    output: "build/checkers",
    sources: ["src/core", "src/system", "test/tools/checkers-main.ts"],
  },
];

/** Builds the programs unless the tests need none; vitest calls it before the first test. */
export function setup(): void {
  if (needsNoProgram(process.argv.slice(2).filter((word) => word.startsWith("test/")))) return;
  buildPrograms();
}

/** Builds what is missing or was made from other sources; returns whether all of it is there. */
export function buildPrograms(): boolean {
  return programs.map(buildIfChanged).every((isBuilt) => isBuilt);
}

/** Tests of core run on Node alone, and are run often while writing. */
function needsNoProgram(patterns: readonly string[]): boolean {
  return patterns.length > 0 && patterns.every((pattern) => pattern.startsWith("test/core"));
}

function buildIfChanged({ entry, output, sources }: Program): boolean {
  const stamp = join("build/stamps", output.replaceAll("/", "-"));
  const key = digestOf([...host, ...sources]);
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === key) return true;
  const done = spawnSync(process.execPath, ["scripts/build.mjs", entry, output], {
    encoding: "utf8",
  });
  if (done.status === 0) {
    mkdirSync("build/stamps", { recursive: true });
    writeFileSync(stamp, key);
    return true;
  }
  // No test may pass on an outdated executable; those that need none still run.
  rmSync(output, { force: true });
  process.stderr.write(
    `Cannot build ${output}: tests that run it will fail\n${done.stdout}${done.stderr}`,
  );
  return false;
}

function digestOf(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths.flatMap(filesBelow)) hash.update(`${path}\0`).update(readFileSync(path));
  return hash.digest("hex");
}

function filesBelow(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
