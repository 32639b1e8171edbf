// How far a boot walks through changes that somebody else has made.
import { expect, test } from "vitest";
import { walkChanges, walkUpper } from "../../../src/system/changes/walk-changes.ts";
import { createMemory } from "../../support/memory.ts";

test("walkUpper() and walkChanges() end in a tree without end", () => {
  const { system } = createMemory({ files: { upper: { a: {} } } });
  const status = system.linkStatus("/upper/a");
  const names = Array.from({ length: 1000 }, (_, at) => `${at}`);
  const looked = { count: 0 };
  const endless = {
    ...system,
    listBelow: () => names,
    getXattr: () => undefined,
    linkStatus() {
      looked.count++;
      return status;
    },
  };
  expect(walkUpper(endless, "/upper")).toMatchObject({ incomplete: true });
  expect(looked.count).toBeLessThanOrEqual(300_000);
  expect(walkChanges(endless, "/upper")).toMatchObject({ isIncomplete: true, entries: 300_000 });
});
