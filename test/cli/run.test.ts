// Calls of "backstore run" that are refused before anything is mounted; test/tools/run.test.ts runs
// programs.
import { describe, expect, test } from "vitest";
import { call } from "../support/call.ts";
import { createMemory } from "../support/memory.ts";

describe("backstore run", () => {
  for (const [words, says, status] of [
    [["--readonly"], '"--readonly" needs "--store"', 2],
    [["--volatile", "--store", "/s"], '"--volatile" cannot be used with "--store"', 2],
    [["--readonly", "--volatile"], '"--volatile" cannot be used with', 2],
    [["--json"], '"--json" needs "--dry-run"', 2],
    [["ls", "-l"], 'unknown option "-l"', 2],
    [["--", "ls", "-l"], "the base is not named", 2],
    [["--base", "/none"], 'Cannot use "/none" as a base: no such file', 4],
    [["--base", "/text"], 'Cannot use "/text" as a base: it is not a file system', 4],
  ] as const)
    test(`refuses "${words.join(" ")}"`, async () => {
      const memory = createMemory({ files: { text: "x\n" } });
      const told = await call(memory, ["run", ...words], { isRoot: true });
      expect(told.stderr).toContain(says);
      expect(told.status).toBe(status);
    });

  test("needs root", async () => {
    const told = await call(createMemory(), ["run", "--base", "/"]);
    expect(told.stderr).toContain("only root can mount it");
    expect(told.status).toBe(3);
  });
});
