import { describe, expect, test } from "vitest";
import type { System } from "../../../src/system/port/system.ts";
import { isSeenIn } from "../../../src/system/takeover/seen-files.ts";
import { createMemory } from "../../support/memory.ts";

/** Makes a root of two layers, and directories that are none of it. */
function overlaid(): System {
  const { system } = createMemory({
    files: {
      low: { etc: { motd: "as it came\n", issue: "base\n" } },
      high: { etc: { motd: "changed\n", news: "new\n" } },
      work: {},
      copy: { etc: { issue: "base\n" } },
      directories: { etc: {} },
      hidden: { etc: { motd: "as it came\n" } },
      root: {},
    },
  });
  system.mount({
    source: "overlay",
    target: "/root",
    type: "overlay",
    data: "lowerdir=/low,upperdir=/high,workdir=/work",
  });
  return system;
}

describe("isSeenIn()", () => {
  const cases = [
    ["a lower layer, by a file that no other hides", "/low", true],
    ["the upper layer", "/high", true],
    ["a directory with files of the same text", "/copy", false],
    ["a directory without files", "/directories", false],
    ["a directory whose files are hidden", "/hidden", false],
  ] as const;
  for (const [name, directory, expected] of cases)
    test(`isSeenIn() tells of ${name}: ${expected}`, () => {
      expect(isSeenIn(overlaid(), { directory, root: "/root" })).toBe(expected);
    });

  test("isSeenIn() compares texts where the kernel's inode numbers are too large for it", () => {
    const system = overlaid();
    const large: System = {
      ...system,
      linkStatus: (path) => {
        const status = system.linkStatus(path);
        const isLarge = status !== undefined && path.startsWith("/root/");
        return isLarge ? { ...status, inode: 2 ** 62 + status.inode } : status;
      },
    };
    expect(isSeenIn(large, { directory: "/low", root: "/root" })).toBe(true);
    expect(isSeenIn(large, { directory: "/hidden", root: "/root" })).toBe(false);
  });
});
