// The build itself: what does not change is made once, concurrent builds do not disturb each other,
// and the compiler has no complaints.
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const output = "build/again";
const engine = "build/engine";
const timeoutMs = 120_000;

afterAll(() => {
  for (const path of [output, "build/program/again"])
    rmSync(path, { recursive: true, force: true });
});

/** Builds in a separate process, and returns its status and output. */
function build(): Promise<{ status: number | null; said: string }> {
  return new Promise((ended) => {
    const child = spawn(process.execPath, [
      "scripts/build.mjs",
      "test/tools/throws-main.ts",
      output,
    ]);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
    child.on("close", (status) => ended({ status, said }));
  });
}

/** Returns when each file of the engine was made. */
function times(): string[] {
  return ["objects", "download", "compile"].flatMap((name) => {
    const path = join(engine, name);
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: "utf8" }).map((file) => join(path, file))
      : [path];
    return files.map((file) => `${file} ${statSync(file).mtimeMs}`);
  });
}

test(
  "build.mjs makes the engine once, and compiles our part without a warning",
  async () => {
    const before = times();
    expect(await build()).toEqual({ status: 0, said: "" });
    expect(times()).toEqual(before);
  },
  timeoutMs,
);

test(
  "build.mjs may run several times at once",
  async () => {
    const builds = await Promise.all([build(), build(), build()]);
    expect(builds).toEqual(Array(3).fill({ status: 0, said: "" }));
    expect(spawnSync(output).stderr.toString()).toContain("throws-main.ts:");
  },
  timeoutMs,
);
