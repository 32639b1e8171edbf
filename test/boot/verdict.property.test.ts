// What a verdict never is, whatever machine was booted: longer than three lines of a console,
// empty, or with anything that a terminal would obey; and a login shows the same word.
import fc from "fast-check";
import { expect, test } from "vitest";
import { describeVerdict } from "../../src/boot/verdict.ts";
import { isLossTold } from "../../src/core/session/explanation.ts";
import { describeForLogin } from "../../src/report/console/login-message.ts";
import { decide, machine } from "../support/generated-machine.ts";

const headlines = {
  persistent: /^Persistent session on .*: every change is kept/,
  readonly: /^\*\*\* READ-ONLY SESSION/,
  volatile: /^(?:\*\*\* VOLATILE SESSION|volatile session)/,
  stopped: /^Stop, because /,
  foreign: /^No store is used/,
} as const;

test("describeVerdict() tells every session in one to three lines, and what is wrong in one of them", {
  timeout: 60_000,
}, () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(machine, (given) => {
      const { explanation } = decide(given);
      const { session, problems, store } = explanation;
      const lines = describeVerdict(explanation);
      expect([1, 2, 3]).toContain(lines.length);
      expect(lines[0]).toMatch(headlines[session]);
      if (problems.length > 0) expect(lines.length).toBeGreaterThan(1);
      expect(lines.filter((line) => /[\p{Cc}\u2028\u2029\u202a-\u202e]/u.test(line))).toEqual([]);
      met.add(`${session} ${lines.length}`);
      if (session === "stopped") return;
      const [first = ""] = describeForLogin({
        ...{ session, store, details: lines.slice(1) },
        isLoss: isLossTold(explanation),
      });
      const isLoud = first.startsWith("backstore: VOLATILE") || first.includes(": READ-ONLY");
      expect(isLoud).toBe(lines[0]?.startsWith("***"));
    }),
    { numRuns: 1000 },
  );
  const kinds = [...met].map((one) => one.split(" ")[0]);
  expect(kinds).toEqual(
    expect.arrayContaining(Object.keys(headlines).filter((kind) => kind !== "foreign")),
  );
  expect([...met]).toEqual(expect.arrayContaining(["persistent 1", "persistent 3", "volatile 3"]));
});
