import { describe, expect, test } from "vitest";
import { parseAvailableMemory, parseUnwritten } from "../../../src/core/kernel/memory.ts";

describe("parseAvailableMemory()", () => {
  const cases: readonly (readonly [text: string, bytes: number | undefined])[] = [
    [
      "MemTotal:  503012 kB\nMemFree:  1 kB\nMemAvailable:     412345 kB\nBuffers: 0 kB\n",
      422241280,
    ],
    ["MemAvailable: 0 kB\n", 0],
    ["MemTotal: 5 kB\n", undefined],
    ["MemAvailable: many kB\n", undefined],
    ["", undefined],
  ];
  for (const [text, bytes] of cases) {
    test(`parseAvailableMemory() reads ${JSON.stringify(text)}`, () => {
      expect(parseAvailableMemory(text)).toBe(bytes);
    });
  }
});

test("parseUnwritten() adds up what waits and what is on its way", () => {
  expect(parseUnwritten("Dirty:  3 kB\nWriteback:\t 4 kB\nWritebackTmp: 5 kB\n")).toBe(7 * 1024);
  expect(parseUnwritten("Dirty: many kB\n")).toBe(0);
  expect(parseUnwritten("")).toBe(0);
});
