// Commands that are interrupted before each of their calls: they end with a sentence, leave nothing,
// and say so.
import { describe, expect, test } from "vitest";
import type { System } from "../../src/system/port/system.ts";
import { type Called, call, ext4 } from "../support/call.ts";
import { createMemory } from "../support/memory.ts";

const program = () => ({});

/** Creates a store on a machine where somebody interrupts before the call of that number. */
async function createUntil(number: number): Promise<Called & { names: string[]; calls: number }> {
  const memory = createMemory({
    files: { mnt: {} },
    disks: [{ name: "sda", content: ext4("data") }],
    programs: { "mkfs.ext4": program },
  });
  memory.system.mount({ source: "/dev/sda", target: "/mnt", type: "ext4" });
  let calls = 0;
  const counted = Object.fromEntries(
    Object.entries(memory.system).map(([name, act]) => [
      name,
      typeof act !== "function"
        ? act
        : (...given: unknown[]) => {
            calls++;
            return (act as (...all: unknown[]) => unknown)(...given);
          },
    ]),
  ) as unknown as System;
  const ended = await call({ ...memory, system: counted }, ["create", "/mnt", "64"], {
    isInterrupted: () => calls >= number,
  });
  return { ...ended, names: memory.system.list("/mnt"), calls };
}

describe("a command that is interrupted", () => {
  test("ends, leaves nothing and says so, whenever that is", async () => {
    const { calls } = await createUntil(Number.POSITIVE_INFINITY);
    expect(calls).toBeGreaterThan(20);
    const sentences = new Set<string>();
    for (let number = 0; number < calls; number++) {
      const { status, stdout, stderr, names } = await createUntil(number);
      if (status === 0) continue;
      expect([status, stdout]).toEqual([130, ""]);
      expect(names.filter((name) => name !== "lost+found")).toEqual([]);
      sentences.add(stderr);
    }
    expect([...sentences].sort()).toEqual([
      "backstore: Interrupted\n",
      'backstore: Interrupted: nothing is left of "/mnt/sysrcd.bs"\n',
    ]);
  });
});
