// What the whole outputs in test/golden/cli do not show.
import { describe, expect, test } from "vitest";
import { explain } from "../../src/core/session/explanation.ts";
import type { SessionResult } from "../../src/core/session/session.ts";
import { renderExplanation } from "../../src/report/explanation.ts";
import { describeProblem } from "../../src/report/problem.ts";
import { device, medium, optionsOf } from "../support/devices.ts";

describe("describeProblem()", () => {
  const cases = [
    [{ message: "Cannot" }, "Cannot"],
    [{ message: "Cannot", file: "a.yaml" }, "a.yaml: Cannot"],
    [{ message: "Cannot", file: "a.yaml", line: 2 }, "a.yaml:2: Cannot"],
    [{ message: "Cannot", file: "a.yaml", line: 2, column: 5 }, "a.yaml:2:5: Cannot"],
    [{ message: "Cannot", file: "a\n\u001b[2J.yaml" }, "a\\n\\u001b[2J.yaml: Cannot"],
  ] as const;
  for (const [problem, words] of cases) {
    test(`describeProblem() says ${words}`, () => {
      expect(describeProblem(problem)).toBe(words);
    });
  }
});

describe("renderExplanation()", () => {
  const store: NonNullable<SessionResult["store"]> = {
    kind: "directory",
    device: "/dev/sdb",
    type: "ext4",
    label: "store",
    uuid: undefined,
    directory: "",
    overlay: "",
    new: false,
    lastBase: undefined,
    lastSession: undefined,
    foreignMount: undefined,
  };

  function render(result: Partial<SessionResult>): string {
    const usual = { session: "readonly", reason: "why", store, findings: [] } as const;
    const all = { ...usual, isMissed: true, ...result };
    return renderExplanation(
      explain({
        options: optionsOf("cow_label=store"),
        problems: [],
        candidates: [],
        plan: {
          title: "First",
          steps: [{ do: "make-link", path: "/a", to: "/b", optional: true }],
          result: all,
          otherwise: { title: "Second", steps: [], result: all },
        },
        medium: medium(device("/dev/sda"), {
          layout: { name: "archiso", image: "a\n\u001b[2J.sfs", nested: [] },
        }),
      }),
    );
  }

  test("renderExplanation() says read-only in sentences, and names the top of a file system", () => {
    expect(render({})).toMatch(/^Session: read-only \(why\)\nStore: "\/" on \/dev\/sdb \(ext4\)\n/);
  });

  test("renderExplanation() names a file, what is in it and what it lies on", () => {
    const file = { file: "/sysrcd.bs", hostType: "vfat", bytes: 256 << 20 };
    const text = render({
      store: { ...store, ...file, kind: "file", allocatedBytes: 0, sparse: true },
    });
    expect(text).toContain('Store: "/sysrcd.bs" on /dev/sdb (ext4 in 256.0 MiB, on vfat)\n');
  });

  test("renderExplanation() shows a name from a disk that would forge a line as what it is", () => {
    expect(render({})).toContain('Medium: /dev/sda (archiso, "a\\n\\u001b[2J.sfs")\n');
  });

  test("renderExplanation() says which step may fail, and what is done where one does", () => {
    expect(render({})).toMatch(
      /Plan: First\n {2}1\. create the link "\/a" to "\/b" \(if possible\)\nIf a step fails: Second\n$/,
    );
  });

  test("renderExplanation() leaves out what there is nothing of", () => {
    const text = render({ session: "persistent", reason: undefined });
    expect(text).not.toMatch(/Problems|Candidates/);
    expect(text).not.toMatch(/undefined|null/);
  });
});
