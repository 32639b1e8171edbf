// How the end of a repair tool is interpreted: a table of exit statuses and of the real tools'
// output.
import { describe, expect, test } from "vitest";
import { Failure } from "../../../src/core/text/failure.ts";
import { repairFileSystem } from "../../../src/system/steps/repair-steps.ts";
import { checkerMachine, type Ending } from "../../support/checker-machine.ts";

const alert =
  "ALERT: The filesystem has valuable metadata changes in a log which is being\nignored because the -n option was used.\n";
const safely = { path: "/s", type: "ext4", thoroughly: false } as const;
const repairs: readonly {
  readonly name: string;
  readonly step: Parameters<typeof repairFileSystem>[1];
  readonly programs: Readonly<Record<string, Ending>>;
  /** What was called, and how it failed. */
  readonly calls: readonly string[];
  readonly failure?: readonly [code: string, part: string];
}[] = [
  {
    name: "does what the rehearsal has shown to be enough",
    step: safely,
    programs: { e2image: {}, e2fsck: { status: 1 } },
    calls: ["e2image -r /s /tmp/x/copy", "e2fsck -f -p /tmp/x/copy", "e2fsck -f -p /s"],
  },
  {
    name: "leaves alone what the rehearsal has not set right",
    step: safely,
    programs: { e2image: {}, e2fsck: { status: 4 } },
    calls: ["e2image -r /s /tmp/x/copy", "e2fsck -f -p /tmp/x/copy"],
    failure: ["damaged", "without the risk of losing data"],
  },
  {
    name: "leaves alone what cannot be rehearsed",
    step: safely,
    programs: { e2image: { status: 1 }, e2fsck: {} },
    calls: ["e2image -r /s /tmp/x/copy"],
    failure: ["damaged", "without the risk of losing data"],
  },
  {
    name: "needs e2image",
    step: safely,
    programs: { e2fsck: {} },
    calls: [],
    failure: ["tool", '"e2image" is not installed'],
  },
  {
    name: "says yes to everything when it is to be thorough",
    step: { ...safely, thoroughly: true },
    programs: { e2fsck: { status: 1 } },
    calls: ["e2fsck -f -y /s"],
  },
  {
    name: "tells that not even that was enough",
    step: { ...safely, thoroughly: true },
    programs: { e2fsck: { status: 5 } },
    calls: ["e2fsck -f -y /s"],
    failure: ["damaged", "e2fsck could not repair all of it"],
  },
  {
    name: "tells of a tool that failed",
    step: { ...safely, thoroughly: true },
    programs: { e2fsck: { status: 8, stderr: "e2fsck: out of memory\n" } },
    calls: ["e2fsck -f -y /s"],
    failure: ["tool", '"e2fsck" says "e2fsck: out of memory" (status 8)'],
  },
  {
    name: "does not throw the log of an xfs away",
    step: { path: "/s", type: "xfs", thoroughly: true },
    programs: { xfs_repair: { status: 2, stderr: alert } },
    calls: ["xfs_repair /s"],
    failure: ["damaged", "its log cannot be replayed and is not discarded"],
  },
  {
    name: "repairs an xfs",
    step: { path: "/s", type: "xfs", thoroughly: true },
    programs: { xfs_repair: {} },
    calls: ["xfs_repair /s"],
  },
  {
    name: "does not repair a btrfs",
    step: { path: "/s", type: "btrfs", thoroughly: true },
    programs: { btrfs: {} },
    calls: [],
    failure: ["unsafe", "no tool can do that safely"],
  },
];

describe("repairFileSystem()", () => {
  for (const { name, step, programs, calls, failure } of repairs) {
    test(`repairFileSystem() ${name}`, () => {
      const { system, asked } = checkerMachine(programs);
      let found: readonly string[] | undefined;
      try {
        repairFileSystem(system, step);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        found = [error.code, error.message];
      }
      expect(asked).toEqual(calls);
      expect(found).toEqual(failure && [failure[0], expect.stringContaining(failure[1])]);
    });
  }
});
