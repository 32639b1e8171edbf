import { describe, expect, test } from "vitest";
import { describeVerdict, tellVerdict } from "../../src/boot/verdict.ts";
import type { Problem } from "../../src/core/options/option-source.ts";
import { type Explanation, explain } from "../../src/core/session/explanation.ts";
import { places } from "../../src/core/session/places.ts";
import type { SessionResult } from "../../src/core/session/session.ts";
import type { StepFailure } from "../../src/core/steps/step.ts";
import { device, medium, optionsOf } from "../support/devices.ts";
import type { Fault } from "../support/memory/recorded.ts";
import { createMemory } from "../support/memory.ts";

const missing = 'there is no device labelled "store"';
const typo: Problem = { message: "Cannot use it", file: "100.yaml", line: 2, column: 5 };

interface Told {
  readonly problems?: readonly Problem[];
  readonly failures?: readonly (typeof failure)[];
}

function explained(
  commandLine: string,
  result: Partial<SessionResult>,
  { problems = [], failures = [] }: Told = {},
): Explanation {
  return explain({
    failures,
    options: optionsOf(commandLine),
    problems,
    candidates: [],
    plan: {
      title: "The plan's title",
      steps: [],
      result: {
        session: "volatile",
        reason: undefined,
        store: undefined,
        findings: [],
        isMissed: result.session !== "persistent",
        ...result,
      },
    },
    medium: medium(device("/dev/sda")),
  });
}

const persistent = { session: "persistent" } as const;
const lost = { session: "volatile", reason: missing } as const;
const unasked = { session: "volatile", reason: "nothing is there", isMissed: false } as const;
const failure: StepFailure = {
  plan: "Run",
  step: "mount",
  message: 'Cannot mount "/dev/sdb": I/O error',
};
const loud = "*** VOLATILE SESSION: every change is lost at power-off ***";

describe("describeVerdict()", () => {
  const cases: readonly (readonly [
    is: string,
    explanation: Explanation,
    lines: readonly string[],
  ])[] = [
    [
      "one line of a session that keeps changes",
      explained("cow_label=store", persistent),
      ["The plan's title"],
    ],
    [
      "what was not taken besides",
      explained("cow_label=store", persistent, { problems: [typo] }),
      ["The plan's title", "100.yaml:2:5: Cannot use it"],
    ],
    [
      "how many more problems there are",
      explained("cow_label=store", persistent, { problems: [typo, typo, typo, typo] }),
      [
        "The plan's title",
        "100.yaml:2:5: Cannot use it",
        "100.yaml:2:5: Cannot use it (2 more in /run/backstore/boot.json)",
      ],
    ],
    [
      "quietly that nobody asked for a store",
      explained("", unasked),
      ["volatile session: changes are in memory (nothing is there)"],
    ],
    [
      "two problems of a session whose store nobody misses",
      explained("", unasked, { problems: [typo, typo] }),
      [
        "volatile session: changes are in memory (nothing is there)",
        "100.yaml:2:5: Cannot use it",
        "100.yaml:2:5: Cannot use it",
      ],
    ],
    [
      "loudly that a store is missing, and once",
      explained("cow_label=store", lost),
      [loud, missing],
    ],
    [
      "three lines at the most",
      explained("cow_label=store", lost, { problems: [typo, typo] }),
      [loud, missing, "100.yaml:2:5: Cannot use it (1 more in /run/backstore/boot.json)"],
    ],
    [
      "which step failed",
      explained(
        "cow_label=store",
        { session: "volatile", reason: "the store could not be used" },
        { failures: [failure] },
      ),
      [loud, 'the store could not be used: Cannot mount "/dev/sdb": I/O error'],
    ],
    [
      "that a store is only read",
      explained("cow_label=store", { session: "readonly", reason: "cow_flags contains ro" }),
      [
        "*** READ-ONLY SESSION: the store is used, but new changes are lost at power-off ***",
        "cow_flags contains ro",
      ],
    ],
    [
      "why nothing is run",
      explained("cow_label=store backstore=required", { session: "stopped", reason: missing }),
      ["The plan's title", missing],
    ],
  ];
  for (const [is, explanation, lines] of cases) {
    test(`describeVerdict() says ${is}`, () => {
      expect(describeVerdict(explanation)).toEqual(lines);
    });
  }
});

describe("tellVerdict()", () => {
  function tell(faults: readonly Fault[] = [], result: Partial<SessionResult> = lost) {
    const { store, memory: changes } = places;
    const memory = createMemory({ files: { sysroot: {}, [store]: {}, [changes]: {} }, faults });
    memory.system.mount({ source: "none", target: "/sysroot", type: "tmpfs" });
    memory.system.mount({ source: "none", target: changes, type: "tmpfs", data: "size=1m" });
    memory.system.writeFile(`${changes}/file`, new Uint8Array(920 << 10));
    tellVerdict(memory.system, {
      version: "1.2.3",
      explanation: explained("cow_label=store", result, { failures: [failure] }),
      failures: [failure],
      baseFailures: [],
      modules: ["one that was refused"],
      times: { started: 1, medium: 2, store: 3, mounted: 4 },
    });
    const heard = (where: string) =>
      memory.said.flatMap((one) => (one.where === where ? [one.text] : [])).join("");
    return { memory, console: heard("stderr"), log: heard("kernel") };
  }
  const lines = `backstore: ${loud}\nbackstore: ${missing}: ${failure.message}\n`;

  test("tellVerdict() tells the console, the kernel log and boot.json", () => {
    const { memory, console, log } = tell();
    expect(console).toBe(lines);
    expect(log).toBe(`<4>backstore: session volatile: ${missing}: ${failure.message}\n`);
    expect(JSON.parse(memory.system.readText("/run/backstore/boot.json"))).toMatchObject({
      version: "1.2.3",
      session: "volatile",
      reason: `${missing}: ${failure.message}`,
      failures: [failure],
      modules: ["one that was refused"],
      mounted: { type: "tmpfs" },
      times: { started: 1, medium: 2, store: 3, mounted: 4 },
      room: { totalBytes: 1 << 20, usedBytes: 920 << 10, measured: 1000 },
    });
  });

  test("tellVerdict() leaves what a login shows, of the room as well", () => {
    const { system } = tell().memory;
    const text = [
      "backstore: VOLATILE: every change is lost at power-off",
      `  ${missing}: ${failure.message}`,
      "  The memory for changes is 89 % full: 104.0 KiB of 1.0 MiB left",
      "",
    ].join("\n");
    expect(system.readText("/run/motd.d/backstore")).toBe(text);
    expect(system.readText("/run/issue.d/backstore.issue")).toBe(text);
    expect(system.status("/run/motd.d/backstore")?.mode).toBe(0o644);
  });

  test("tellVerdict() escapes for agetty what begins a code of its own", () => {
    const { system } = tell([], { ...lost, reason: 'no "\\n"' }).memory;
    expect(system.readText("/run/motd.d/backstore")).toContain('  no "\\n": ');
    expect(system.readText("/run/issue.d/backstore.issue")).toContain('  no "\\\\n": ');
  });

  test("tellVerdict() leaves nothing for logins that will not be", () => {
    const { system } = tell([], { session: "stopped", reason: missing }).memory;
    expect([system.status("/run/motd.d"), system.status("/run/issue.d")]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("tellVerdict() ends no boot where boot.json cannot be written", () => {
    const { console, log } = tell([
      { call: "appendFile", naming: "/run/backstore/boot.json.new", errno: "ENOSPC" },
    ]);
    expect(console).toBe(
      `${lines}backstore: Cannot write "/run/backstore/boot.json": no space left on device\n`,
    );
    expect(log).not.toBe("");
  });
});
