// Waiting for the kernel, on a machine in memory whose clock runs during waits.
import { expect, test } from "vitest";
import { waitUntil } from "../../../src/system/port/wait-until.ts";
import { createMemory } from "../../support/memory.ts";

test("waitUntil() asks at once, and waits no longer than it takes", () => {
  const { system } = createMemory();
  const start = system.uptimeMs();
  expect(waitUntil(system, 1000, () => true)).toBe(true);
  expect(system.uptimeMs()).toBe(start);
  expect(waitUntil(system, 1000, () => system.uptimeMs() >= start + 50)).toBe(true);
  expect(system.uptimeMs() - start).toBeLessThan(100);
});

test("waitUntil() gives up when the time is over, having asked once more", () => {
  const { system } = createMemory();
  const end = system.uptimeMs() + 100;
  const asked: number[] = [];
  const isDone = () => {
    asked.push(system.uptimeMs());
    return false;
  };
  expect(waitUntil(system, 100, isDone)).toBe(false);
  expect(asked.at(-1)).toBeGreaterThanOrEqual(end);
});
