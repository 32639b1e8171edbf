// The plans for findings that can be repaired, as text; and that nothing that loses data is planned
// without consent.
import { expect, describe as group, test } from "vitest";
import type { CheckFinding, RepairKind } from "../../../src/core/check/check-finding.ts";
import {
  planRepairs,
  type Repaired,
  type RepairFacts,
} from "../../../src/core/check/plan-repair.ts";
import { describe, type Plan } from "../../../src/core/steps/step.ts";

const facts: RepairFacts = {
  path: "/m/sysrcd.bs",
  type: "ext4",
  scratch: "/dev/shm/backstore-repair-0",
  recovery: undefined,
  remains: [],
  mayHaveLog: false,
  mayRehearse: true,
  mayBeUsedElsewhere: false,
};

function finding(repair: RepairKind): CheckFinding {
  return { severity: "error", store: "x", sentence: "it is so", repair };
}

function tell({ title, steps, result, otherwise }: Plan<Repaired>): string[] {
  return [
    `${title}${result.needsConsent ? " (with consent)" : ""}`,
    ...steps.map((step) => `  ${step.optional ? "perhaps " : ""}${describe(step)}`),
    ...(otherwise === undefined ? [] : tell(otherwise)),
  ];
}

const mounted = (path: string, what: string) => [
  '  create the temporary directory "/dev/shm/backstore-repair-0"',
  `  ${what}`,
  '  remove "/dev/shm/backstore-repair-0"',
  `  sync "${path}" to disk`,
];
const write = '  sync "/m/sysrcd.bs" to disk';
const replayed = 'mount the xfs file system in "/m/sysrcd.bs" temporarily to replay its journal';
const end = [{ do: "remove-file", path: "/m/sysrcd.bs.backstore-intent" }] as const;

const cases: readonly {
  readonly name: string;
  readonly repairs: readonly RepairKind[];
  readonly facts?: Partial<RepairFacts>;
  readonly expected: readonly string[];
}[] = [
  {
    name: "a damaged ext",
    repairs: ["replay", "file-system"],
    expected: [
      'Repair "/m/sysrcd.bs" if everything can be repaired safely',
      '  repair the ext4 file system in "/m/sysrcd.bs" if everything can be repaired safely (e2fsck -f -p /m/sysrcd.bs)',
      write,
      'Repair the file system in "/m/sysrcd.bs" completely, even if data is lost (with consent)',
      '  repair the ext4 file system in "/m/sysrcd.bs" completely (e2fsck -f -y /m/sysrcd.bs)',
      write,
    ],
  },
  {
    name: "a damaged xfs whose log may wait",
    repairs: ["file-system"],
    facts: { type: "xfs", mayHaveLog: true },
    expected: [
      'Repair the file system in "/m/sysrcd.bs" completely, even if data is lost (with consent)',
      ...mounted("/m/sysrcd.bs", `perhaps ${replayed}`),
      '  repair the xfs file system in "/m/sysrcd.bs" completely (xfs_repair /m/sysrcd.bs)',
      write,
    ],
  },
  {
    name: "a damaged ext that is too large to rehearse on",
    repairs: ["file-system"],
    facts: { mayRehearse: false },
    expected: [
      'Repair the file system in "/m/sysrcd.bs" completely, even if data is lost (with consent)',
      '  repair the ext4 file system in "/m/sysrcd.bs" completely (e2fsck -f -y /m/sysrcd.bs)',
      write,
    ],
  },
  {
    name: "the journal of such an ext",
    repairs: ["replay"],
    facts: { mayRehearse: false },
    expected: [
      'Replay the journal of "/m/sysrcd.bs"',
      ...mounted("/m/sysrcd.bs", replayed.replace("xfs", "ext4")),
    ],
  },
  { name: "a damaged btrfs", repairs: ["file-system"], facts: { type: "btrfs" }, expected: [] },
  {
    name: "the journal of an ext",
    repairs: ["replay"],
    expected: [
      'Replay the journal of "/m/sysrcd.bs"',
      '  repair the ext4 file system in "/m/sysrcd.bs" if everything can be repaired safely (e2fsck -f -p /m/sysrcd.bs)',
      write,
    ],
  },
  {
    name: "the log of an xfs",
    repairs: ["replay"],
    facts: { type: "xfs", mayHaveLog: true },
    expected: ['Replay the journal of "/m/sysrcd.bs"', ...mounted("/m/sysrcd.bs", replayed)],
  },
  {
    name: "what is left, before a change of size",
    repairs: ["finish-resize", "remove-remains"],
    facts: {
      remains: ["/m/sysrcd.bs.backstore-new"],
      recovery: { steps: end, outcome: "taken back" },
    },
    expected: [
      'Remove what an interrupted command left beside "/m/sysrcd.bs"',
      '  remove "/m/sysrcd.bs.backstore-new"',
      '  sync "/m" to disk',
      'Undo the interrupted resize of "/m/sysrcd.bs"',
      '  remove "/m/sysrcd.bs.backstore-intent"',
    ],
  },
  {
    name: "a file system that is to be enlarged still, and the record of it last",
    repairs: ["finish-resize"],
    facts: { type: "xfs", recovery: { steps: end, outcome: "unfinished" } },
    expected: [
      'Complete the interrupted resize of "/m/sysrcd.bs"',
      ...mounted(
        "/m/sysrcd.bs",
        'mount the xfs file system in "/m/sysrcd.bs" temporarily and grow it to fill its file',
      ),
      '  remove "/m/sysrcd.bs.backstore-intent"',
    ],
  },
  {
    name: "nothing without consent where another machine may be using it",
    repairs: ["replay", "remove-remains"],
    facts: { type: "xfs", remains: ["/m/a"], mayBeUsedElsewhere: true },
    expected: [
      'Remove what an interrupted command left beside "/m/sysrcd.bs" (with consent)',
      '  remove "/m/a"',
      '  sync "/m" to disk',
      'Replay the journal of "/m/sysrcd.bs" (with consent)',
      ...mounted("/m/sysrcd.bs", replayed),
    ],
  },
  {
    name: "nothing where nothing is left any more",
    repairs: ["remove-remains", "finish-resize"],
    expected: [],
  },
];

group("planRepairs()", () => {
  for (const { name, repairs, facts: more, expected } of cases) {
    test(`planRepairs() plans ${name}`, () => {
      const plans = planRepairs(repairs.map(finding), { ...facts, ...more });
      expect(plans.flatMap(tell)).toEqual(expected);
    });
  }
});
