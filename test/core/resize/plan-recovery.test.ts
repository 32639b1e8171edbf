import { expect, describe as group, test } from "vitest";
import { planRecovery, type RecoveryFacts } from "../../../src/core/resize/plan-recovery.ts";
import { describe } from "../../../src/core/steps/step.ts";
import type { ResizeRecord } from "../../../src/core/stores/resize-record.ts";
import { mebibyte } from "../../support/resize-model.ts";

const facts: RecoveryFacts = {
  store: "/m/s",
  bytes: 64 * mebibyte,
  innerBytes: 64 * mebibyte,
  appliedBytes: 32 * mebibyte,
  hasTemporary: false,
  replacement: undefined,
  hasChanges: false,
  hasHalfRecord: false,
  hasEmptyRecord: false,
  ownsScratch: true,
};
const grow: ResizeRecord = {
  operation: "grow",
  from: 64 * mebibyte,
  to: 128 * mebibyte,
  stage: "preparing",
  scratch: "/dev/shm/backstore-1-2-0",
};
const shrink: ResizeRecord = { ...grow, operation: "shrink", to: 32 * mebibyte };
const longer = { ...facts, bytes: 128 * mebibyte };

const end = [
  'remove "/dev/shm/backstore-1-2-0"',
  'remove "/m/s.backstore-intent"',
  'sync "/m" to disk',
];
const applied = [
  'write the blocks saved in "/m/s.backstore-changes" to "/m/s"',
  'sync "/m/s" to disk',
];
const cut = (size: string) => [
  'sync "/m/s" to disk',
  `truncate "/m/s" to ${size}`,
  'sync "/m/s" to disk',
];
const dropped = ['remove "/m/s.backstore-changes"'];

const cases: readonly (readonly [
  title: string,
  facts: RecoveryFacts,
  intent: ResizeRecord | undefined,
  outcome: string | undefined,
  steps: readonly string[],
])[] = [
  ["nothing beside the store", facts, undefined, undefined, []],
  [
    "changes that are no more needed",
    { ...facts, hasChanges: true },
    undefined,
    "finished",
    dropped,
  ],
  [
    "a record that was never whole",
    { ...facts, hasHalfRecord: true },
    undefined,
    "finished",
    ['remove "/m/s.backstore-intent.new"'],
  ],
  [
    "a record that a power cut left empty",
    { ...facts, hasEmptyRecord: true },
    undefined,
    "finished",
    ['remove "/m/s.backstore-intent"'],
  ],
  ["a growth of which nothing is done", facts, grow, "taken back", [...cut("64.0 MiB"), ...end]],
  ["a file that is longer", longer, grow, "taken back", [...cut("64.0 MiB"), ...end]],
  ["a shrinking of which nothing is done", facts, shrink, "taken back", end],
  [
    "changes that are not whole",
    { ...longer, hasChanges: true },
    grow,
    "taken back",
    [...cut("64.0 MiB"), ...end, ...dropped],
  ],
  [
    "whole changes of a growth",
    { ...longer, hasChanges: true },
    { ...grow, stage: "applying" },
    "finished",
    [...applied, ...end, ...dropped],
  ],
  [
    "whole changes of a shrinking",
    { ...facts, hasChanges: true },
    { ...shrink, stage: "applying" },
    "finished",
    [...applied, 'truncate "/m/s" to 32.0 MiB', 'sync "/m/s" to disk', ...end, ...dropped],
  ],
  ["a growth by the kernel", longer, { ...grow, stage: "growing" }, "unfinished", end],
  ["a growth whose file is short", facts, { ...grow, stage: "growing" }, "taken back", end],
  [
    "a shrinking by the kernel, before",
    facts,
    { ...shrink, stage: "shrinking" },
    "taken back",
    end,
  ],
  [
    "a shrinking by the kernel, after",
    { ...facts, innerBytes: 32 * mebibyte },
    { ...shrink, stage: "shrinking" },
    "finished",
    [...cut("32.0 MiB"), ...end],
  ],
  [
    "a file system that cannot be read",
    { ...facts, innerBytes: undefined },
    { ...shrink, stage: "shrinking" },
    "taken back",
    end,
  ],
  [
    "a copy that is not whole",
    { ...facts, hasTemporary: true },
    { ...shrink, stage: "copying" },
    "taken back",
    ['remove "/m/s.backstore-new"', ...end],
  ],
  [
    "a copy that is whole",
    { ...facts, hasTemporary: true, replacement: { isSame: true, bytes: 32 * mebibyte } },
    { ...shrink, stage: "replacing" },
    "finished",
    [
      'rename "/m/s.backstore-new" to "/m/s", replacing the existing file',
      'sync "/m" to disk',
      ...end,
    ],
  ],
  [
    "a copy that has its name",
    { ...facts, bytes: 32 * mebibyte },
    { ...shrink, stage: "replacing" },
    "finished",
    ['sync "/m" to disk', ...end],
  ],
  [
    "a directory that is none of ours",
    { ...facts, ownsScratch: false },
    { ...grow, scratch: "/etc" },
    "taken back",
    [...cut("64.0 MiB"), ...end.slice(1)],
  ],
];

group("planRecovery() goes on from", () => {
  for (const [title, found, intent, outcome, steps] of cases) {
    test(title, () => {
      const recovery = planRecovery(found, intent);
      expect(recovery?.outcome).toBe(outcome);
      expect(recovery?.steps.map(describe) ?? []).toEqual(steps);
    });
  }
});

group("planRecovery() believes no record that the store's own superblock contradicts", () => {
  const cases: readonly (readonly [is: string, facts: RecoveryFacts, record: ResizeRecord])[] = [
    ["a growth from one byte", facts, { ...grow, from: 1 }],
    ["a growth from half of it", facts, { ...grow, from: 32 * mebibyte }],
    ["a growth of what is no file system", { ...facts, innerBytes: undefined }, grow],
    [
      "changes after which it is larger",
      { ...facts, appliedBytes: 33 * mebibyte },
      shrinkApplied(),
    ],
    ["changes after which it is none", { ...facts, appliedBytes: undefined }, shrinkApplied()],
    [
      "a copy that is another file system",
      { ...facts, hasTemporary: true, replacement: { isSame: false, bytes: 32 * mebibyte } },
      { ...shrink, stage: "replacing" },
    ],
    [
      "a copy that is larger than its file",
      { ...facts, hasTemporary: true, replacement: { isSame: true, bytes: 33 * mebibyte } },
      { ...shrink, stage: "replacing" },
    ],
    [
      "a copy that is no file system",
      { ...facts, hasTemporary: true },
      { ...shrink, stage: "replacing" },
    ],
  ];
  for (const [is, known, record] of cases)
    test(is, () => {
      expect(() => planRecovery(known, record)).toThrow(/^Cannot believe the record/);
    });

  function shrinkApplied(): ResizeRecord {
    return { ...shrink, stage: "applying" };
  }
});
