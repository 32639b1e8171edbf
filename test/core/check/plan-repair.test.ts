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
  '  make the directory "/dev/shm/backstore-repair-0" for what is needed meanwhile',
  `  ${what}`,
  '  remove "/dev/shm/backstore-repair-0"',
  `  write "${path}" through to the medium`,
];
const write = '  write "/m/sysrcd.bs" through to the medium';
const replayed = 'mount the xfs in "/m/sysrcd.bs" for the moment, so that its journal is replayed';
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
      'Repair "/m/sysrcd.bs" if all of it is safe to repair',
      '  repair the ext4 in "/m/sysrcd.bs" if all of it is safe to repair (e2fsck -f -p /m/sysrcd.bs)',
      write,
      'Repair all of the file system in "/m/sysrcd.bs", whatever is lost (with consent)',
      '  repair all of the ext4 in "/m/sysrcd.bs" (e2fsck -f -y /m/sysrcd.bs)',
      write,
    ],
  },
  {
    name: "a damaged xfs whose log may wait",
    repairs: ["file-system"],
    facts: { type: "xfs", mayHaveLog: true },
    expected: [
      'Repair all of the file system in "/m/sysrcd.bs", whatever is lost (with consent)',
      ...mounted("/m/sysrcd.bs", `perhaps ${replayed}`),
      '  repair all of the xfs in "/m/sysrcd.bs" (xfs_repair /m/sysrcd.bs)',
      write,
    ],
  },
  {
    name: "a damaged ext that is too large to rehearse on",
    repairs: ["file-system"],
    facts: { mayRehearse: false },
    expected: [
      'Repair all of the file system in "/m/sysrcd.bs", whatever is lost (with consent)',
      '  repair all of the ext4 in "/m/sysrcd.bs" (e2fsck -f -y /m/sysrcd.bs)',
      write,
    ],
  },
  {
    name: "the journal of such an ext",
    repairs: ["replay"],
    facts: { mayRehearse: false },
    expected: [
      'Let what waits in the journal of "/m/sysrcd.bs" take its place',
      ...mounted("/m/sysrcd.bs", replayed.replace("xfs", "ext4")),
    ],
  },
  { name: "a damaged btrfs", repairs: ["file-system"], facts: { type: "btrfs" }, expected: [] },
  {
    name: "the journal of an ext",
    repairs: ["replay"],
    expected: [
      'Let what waits in the journal of "/m/sysrcd.bs" take its place',
      '  repair the ext4 in "/m/sysrcd.bs" if all of it is safe to repair (e2fsck -f -p /m/sysrcd.bs)',
      write,
    ],
  },
  {
    name: "the log of an xfs",
    repairs: ["replay"],
    facts: { type: "xfs", mayHaveLog: true },
    expected: [
      'Let what waits in the journal of "/m/sysrcd.bs" take its place',
      ...mounted("/m/sysrcd.bs", replayed),
    ],
  },
  {
    name: "what is left, before a change of size",
    repairs: ["finish-resize", "remove-remains"],
    facts: {
      remains: ["/m/sysrcd.bs.backstore-new"],
      recovery: { steps: end, outcome: "taken back" },
    },
    expected: [
      'Remove what a command has left beside "/m/sysrcd.bs"',
      '  remove "/m/sysrcd.bs.backstore-new"',
      '  write "/m" through to the medium',
      'Take back the change of size of "/m/sysrcd.bs" that was cut short',
      '  remove "/m/sysrcd.bs.backstore-intent"',
    ],
  },
  {
    name: "a file system that is to be enlarged still, and the record of it last",
    repairs: ["finish-resize"],
    facts: { type: "xfs", recovery: { steps: end, outcome: "unfinished" } },
    expected: [
      'Finish the change of size of "/m/sysrcd.bs" that was cut short',
      ...mounted(
        "/m/sysrcd.bs",
        'mount the xfs in "/m/sysrcd.bs" for the moment, and let it fill its file',
      ),
      '  remove "/m/sysrcd.bs.backstore-intent"',
    ],
  },
  {
    name: "nothing without consent where another machine may be using it",
    repairs: ["replay", "remove-remains"],
    facts: { type: "xfs", remains: ["/m/a"], mayBeUsedElsewhere: true },
    expected: [
      'Remove what a command has left beside "/m/sysrcd.bs" (with consent)',
      '  remove "/m/a"',
      '  write "/m" through to the medium',
      'Let what waits in the journal of "/m/sysrcd.bs" take its place (with consent)',
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
