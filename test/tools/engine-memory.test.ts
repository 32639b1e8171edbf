// The engine's memory (native/memory.c) by itself: pieces keep their contents, whatever is
// allocated and freed.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { run, temporaryDirectory } from "./programs.ts";

const program = join(temporaryDirectory(), "engine-memory");
const sources = "build/engine/src";

beforeAll(() => {
  const engine = readdirSync(sources).find((name) => name.startsWith("quickjs-")) ?? "";
  const files = ["test/tools/engine-memory.c", "native/memory.c"];
  const flags = ["-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-isystem", join(sources, engine)];
  run(["cc", ...flags, "-O2", "-o", program, ...files]);
});

describe("the engine's memory", () => {
  for (const seed of ["1", "2", "3"])
    test(`keeps what is in it, and counts it (seed ${seed})`, () => {
      const { status, stderr } = spawnSync(program, [seed], { encoding: "utf8" });
      expect([status, stderr]).toEqual([0, ""]);
    });
});
