// Reasons are data: every sentence of the program can be reworded, and nothing is decided
// differently. Generated machines are decided on, booted and queried by the program as it is and by
// one with other words (support/reworded.ts); everything but sentences has to be the same.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as boots from "./boot/start.ts";
// @ts-expect-error The same module, reworded.
import * as otherBoots from "./boot/start.ts?reworded";
import * as calls from "./support/call.ts";
// @ts-expect-error The same module, reworded.
import * as otherCalls from "./support/call.ts?reworded";
import { type MachineOf, makeMachine, machine as withDisks } from "./support/generated-disks.ts";
import * as decisions from "./support/generated-machine.ts";
// @ts-expect-error The same module, reworded.
import * as otherDecisions from "./support/generated-machine.ts?reworded";
import { createMemory } from "./support/memory.ts";

const decide: typeof decisions.decide = otherDecisions.decide;
const start: typeof boots.start = otherBoots.start;
const call: typeof calls.call = otherCalls.call;

/** Removes the sentences from a decision, and the sizes of what contains sentences. */
function wordless(value: unknown): unknown {
  if (typeof value === "string") return /\s/.test(value) ? "words" : value;
  if (Array.isArray(value)) return value.map(wordless);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, wordless(one)]));
}

describe("a program with other words", () => {
  test("decides on the same session, by the same steps", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(decisions.machine, (given) => {
        const [usual, other] = [decisions.decide(given), decide(given)];
        expect(wordless(other)).toEqual(wordless(usual));
        expect(other.plan.title).not.toBe(usual.plan.title);
      }),
      { numRuns: 300 },
    );
  });

  test("boots into the same session", { timeout: 120_000 }, () => {
    const bootWith = (run: typeof start, given: MachineOf) => {
      const { verdict, console, system, ...ended } = run(given.cmdline, makeMachine(given));
      const { times, peakBytes, ...told } = verdict as Record<string, unknown>;
      return { ...ended, ...told, lines: console.split("\n").length };
    };
    fc.assert(
      fc.property(withDisks, (given) => {
        expect(wordless(bootWith(start, given))).toEqual(wordless(bootWith(boots.start, given)));
      }),
      { numRuns: 40 },
    );
  });

  for (const words of [["explain"], ["list"], ["check"], ["status"]]) {
    test(`"backstore ${words.join(" ")}" ends in the same way`, { timeout: 120_000 }, async () => {
      const callWith = async (run: typeof call, given: MachineOf) => {
        const memory = createMemory({ ...makeMachine(given), programs: boots.checkers });
        const { status, stdout, stderr } = await run(memory, [...words, "--json"], {
          isRoot: true,
        });
        return [status, stderr === "", JSON.parse(stdout || "{}")];
      };
      await fc.assert(
        fc.asyncProperty(withDisks, async (given) => {
          const [usual, other] = [await callWith(calls.call, given), await callWith(call, given)];
          expect(wordless(other)).toEqual(wordless(usual));
        }),
        { numRuns: 20 },
      );
    });
  }
});
