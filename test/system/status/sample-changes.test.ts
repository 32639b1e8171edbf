// Which changes a sample finds that cannot be reached.
import { describe, expect, test } from "vitest";
import { findUnreadable } from "../../../src/system/status/sample-changes.ts";
import type { Tree } from "../../support/memory/entry.ts";
import type { Fault } from "../../support/memory/recorded.ts";
import { createMemory } from "../../support/memory.ts";

const changed: Tree = { etc: { motd: "changed\n" }, srv: { to: { a: "a\n" }, mode: "x" } };

/** Looks for changes on a machine that gives these errors. */
function sample(faults: readonly Fault[], files: Tree = changed) {
  const { system } = createMemory({ files: { ...files, upper: files }, faults });
  return findUnreadable(system, { upper: "/upper", mounts: system.mounts() });
}

describe("findUnreadable()", () => {
  test("findUnreadable() finds nothing where everything is there, or was deleted", () => {
    expect(sample([])).toBeUndefined();
    const { system } = createMemory({ files: { upper: changed } });
    expect(findUnreadable(system, { upper: "/upper", mounts: [] })).toBeUndefined();
  });

  for (const errno of ["EPERM", "ESTALE", "EIO"])
    test(`findUnreadable() finds a change that gives ${errno}, however deep`, () => {
      const faults = [{ call: "linkStatus", naming: "/srv/to/a", errno }] as const;
      expect(sample(faults)).toEqual({ path: "/srv/to/a", reason: expect.any(String) });
    });

  test("findUnreadable() does not count what only others may see", () => {
    expect(sample([{ call: "linkStatus", naming: "/srv/to/a", errno: "EACCES" }])).toBeUndefined();
    const denied = { call: "listBelow", naming: "/upper", errno: "EACCES" } as const;
    const other = { call: "linkStatus", naming: "/srv", errno: "EPERM" } as const;
    expect(sample([denied, other])).toBeUndefined();
  });

  test("findUnreadable() does not look at what something is mounted over", () => {
    const faults = [{ call: "linkStatus", naming: "/srv", errno: "EIO" }] as const;
    const { system } = createMemory({ files: { ...changed, upper: changed }, faults });
    system.mount({ source: "none", target: "/srv", type: "tmpfs" });
    expect(findUnreadable(system, { upper: "/upper", mounts: system.mounts() })).toBeUndefined();
  });

  test("findUnreadable() looks at a bounded number, nearest to the top first", () => {
    const many = Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`n${at}`, ""]));
    const faults = [
      { call: "linkStatus", naming: "/b/n899", errno: "EPERM" },
      { call: "linkStatus", naming: "/c", errno: "EPERM" },
    ] as const;
    expect(sample(faults, { a: many, b: many, c: {} })).toMatchObject({ path: "/c" });
    expect(sample(faults, { a: many, b: many })).toBeUndefined();
  });
});
