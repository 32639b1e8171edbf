import { describe, expect, test } from "vitest";
import { formatDuration } from "../../src/report/duration.ts";

describe("formatDuration()", () => {
  const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
  const cases = [
    [-5, "0 s"],
    [0, "0 s"],
    [999, "0 s"],
    [59 * second + 999, "59 s"],
    [minute, "1 min"],
    [2 * minute + 5 * second, "2 min 5 s"],
    [2 * hour + 59 * second, "2 h"],
    [2 * hour + 35 * minute, "2 h 35 min"],
    [day + 30 * minute, "1 d"],
    [2 * day + 23 * hour, "2 d 23 h"],
    [3 * day + 23 * hour, "3 d"],
  ] as const;
  for (const [milliseconds, text] of cases) {
    test(`formatDuration() makes ${JSON.stringify(text)} of ${milliseconds} ms`, () => {
      expect(formatDuration(milliseconds)).toBe(text);
    });
  }
});
