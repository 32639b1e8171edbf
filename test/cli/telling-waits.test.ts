// What a command shows while it waits for a program or for the disk, on machines whose clock is
// moved by what they wait for.
import { describe, expect, test } from "vitest";
import { tellingWaits } from "../../src/cli/telling-waits.ts";
import type { System } from "../../src/system/port/system.ts";
import { call, silent, terminal } from "../support/call.ts";
import type { Memory, Program } from "../support/memory.ts";
import { programs, storesMachine } from "../support/stores-machine.ts";

const clear = "\r\u001b[K";
const onTerminal = { ...terminal, errorColumns: 80 };
const create = ["create", "/mnt/ext4", "64"];

/** Makes a machine on which making a file system takes that long. */
function machine(takesMs: number): Memory {
  const mkfs: Program = (given) => ({ ...programs["mkfs.ext4"]?.(given), takesMs });
  return storesMachine({ programs: { ...programs, "mkfs.ext4": mkfs } });
}

describe("a command that waits for a program", () => {
  test("shows for how long, from a second on, and clears the line", async () => {
    const ended = await call(machine(2500), create, { terminal: onTerminal });
    expect(ended.stderr).toContain(`${clear}running mkfs.ext4: 1 s${clear}running mkfs.ext4: 1 s`);
    expect(ended.stderr).toContain(`running mkfs.ext4: 2 s${clear}`);
    expect(ended.stderr.slice(ended.stderr.lastIndexOf(clear))).not.toContain("running");
  });

  test("says it seldom where nothing can be shown in place", async () => {
    for (const seen of [silent, { ...onTerminal, isDumb: true }]) {
      const { stderr } = await call(machine(45_000), create, { terminal: seen });
      expect(stderr).not.toContain("\r");
      const lines = stderr.split("\n").filter((line) => line.startsWith("running"));
      expect(lines.slice(0, 3)).toEqual(
        [10, 20, 40].map((seconds) => `running mkfs.ext4: ${seconds} s`),
      );
    }
  });

  test("leaves it to who shows how far it is", () => {
    const memory = machine(2500);
    let calls = 0;
    const system = tellingWaits(memory.system, onTerminal);
    system.writeFile("/tmp/x", "");
    system.truncate("/tmp/x", 64 * 2 ** 20);
    const argv = ["mkfs.ext4", "-q", "/tmp/x"];
    expect(system.run(argv, { waiting: () => calls++ }).status).toBe(0);
    expect([calls > 10, memory.said]).toEqual([true, []]);
  });

  const quiet = [
    ["within a second", 900, []],
    ["with --quiet", 5000, ["--quiet"]],
    ["with -q among others", 5000, ["-fq"]],
  ] as const;
  for (const [when, takesMs, words] of quiet)
    test(`shows nothing ${when}`, async () => {
      const given = [...create, ...words];
      const ended = await call(machine(takesMs), given, { terminal: onTerminal });
      expect(ended.status).toBe(0);
      expect(ended.stderr).not.toContain("running");
    });
});

describe("a command that waits for the disk", () => {
  /** Creates a store on a machine where each part of a file takes so long to be written out. */
  async function createOn(partMs: number) {
    const memory = machine(0);
    const parts: number[] = [];
    let ms = 0;
    const system: System = {
      ...memory.system,
      uptimeMs: () => ms,
      writeOut(path, offset, length) {
        memory.system.writeOut(path, offset, length);
        parts.push(length);
        ms += partMs;
      },
    };
    const ended = await call({ ...memory, system }, create, {
      terminal: onTerminal,
    });
    return { ...ended, parts };
  }

  test("shows bytes, rate and time left", async () => {
    const { stderr, parts } = await createOn(2000);
    expect(parts.slice(0, 4)).toEqual(Array(4).fill(16 * 2 ** 20));
    expect(stderr).toContain(
      `${clear}writing to the disk: 16.0 of 64.0 MiB, 8.0 MiB/s, 6 s left${clear}`,
    );
  });

  test("shows nothing if that is fast", async () => {
    const { stderr, parts } = await createOn(1);
    expect(parts.length).toBeGreaterThan(0);
    expect(stderr).not.toContain("writing");
  });
});
