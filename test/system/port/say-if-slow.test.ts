import { expect, test } from "vitest";
import { sayIfSlow } from "../../../src/system/port/say-if-slow.ts";
import { createMemory } from "../../support/memory.ts";

test("sayIfSlow() says once what takes more than a second, and nothing of what does not", () => {
  const { system, said } = createMemory();
  let now = 5000;
  const tick = sayIfSlow({ ...system, uptimeMs: () => now }, () => "looking");
  for (now of [5000, 5999]) tick();
  expect(said).toEqual([]);
  for (now of [6000, 7000]) tick();
  expect(said).toEqual([{ where: "stderr", text: "backstore: looking\n" }]);
});
