import { describe, expect, test } from "vitest";
import type { Candidate } from "../../../src/core/devices/candidate.ts";
import {
  describeCheck,
  type ExplainedProblem,
  explain,
} from "../../../src/core/session/explanation.ts";
import type { SessionResult } from "../../../src/core/session/session.ts";
import type { CheckedStore, StoreCheck } from "../../../src/core/steps/check-steps.ts";
import type { Plan } from "../../../src/core/steps/step.ts";
import { device, medium, optionsOf } from "../../support/devices.ts";

const store: NonNullable<SessionResult["store"]> = {
  kind: "directory",
  device: "/dev/sdb",
  type: "ext4",
  label: "store",
  uuid: undefined,
  directory: "kept",
  overlay: "",
  new: false,
  lastBase: undefined,
  lastSession: undefined,
  foreignMount: undefined,
};
const accepted: Candidate = {
  device: "/dev/sdb",
  type: "ext4",
  label: "store",
  uuid: undefined,
  removable: false,
  model: undefined,
  bytes: 1000,
  accepted: true,
  reason: 'it is labelled "store"',
};
const results = {
  persistent: {
    session: "persistent",
    reason: undefined,
    store,
    findings: [],
    isMissed: false,
  },
  readonly: { session: "readonly", reason: "why", store, findings: [], isMissed: true },
  volatile: { session: "volatile", reason: "why", store: undefined, findings: [], isMissed: true },
} as const satisfies Record<string, SessionResult>;

function explainWith(
  commandLine: string,
  result: SessionResult,
  plan: Partial<Plan<SessionResult>> = {},
  executed: Pick<Parameters<typeof explain>[0], "failures" | "checks"> = {},
) {
  return explain({
    ...executed,
    options: optionsOf(commandLine),
    problems: [{ message: "known", file: "100.yaml", line: 2 }],
    candidates: [accepted],
    plan: { title: "Run", steps: [], result, ...plan },
    medium: medium(device("/dev/sda", { type: "vfat", label: "RESCUE" })),
  });
}

describe("explain()", () => {
  test("explain() adds nothing to the problem of an option that refuses every store, and marks it", () => {
    const refusal = { message: "not a place", isRefusal: true } as const;
    const { problems } = explain({
      options: optionsOf(""),
      problems: [refusal],
      candidates: [],
      plan: { title: "Run", steps: [], result: { ...results.volatile, isRefused: true } },
      medium: { reason: "none" },
    });
    expect(problems).toEqual([{ message: "not a place", isReason: true }]);
  });

  test("explain() does not mention behind another initramfs what only ours cannot do", () => {
    const facts = {
      options: optionsOf(""),
      problems: [{ message: "findroot", isOfInitramfs: true } as const],
      candidates: [],
      plan: { title: "Run", steps: [], result: { ...results.volatile, isMissed: false } },
      medium: { reason: "none" },
    };
    const live = {
      root: "/root",
      family: "archiso",
      layers: ["/run/archiso/sfs/airootfs"],
      upper: "/run/archiso/cowspace/upperdir",
      unnamed: [],
      traces: { metacopy: false, redirect: false, incomplete: false },
      medium: undefined,
    } as const;
    expect(explain(facts).problems).toEqual([{ message: "findroot" }]);
    expect(explain({ ...facts, live }).problems).toEqual([]);
  });

  const known = { message: "known", file: "100.yaml", line: 2 };
  const cases: readonly (readonly [
    is: string,
    commandLine: string,
    result: SessionResult,
    problems: readonly ExplainedProblem[],
  ])[] = [
    ["nothing of a store that is used", "cow_label=store", results.persistent, []],
    [
      "why a store that was asked for is not used",
      "cow_label=store",
      results.volatile,
      [{ message: "Cannot keep changes: why", isReason: true }],
    ],
    [
      "why a store that was asked for is not written to",
      "cow_label=store",
      results.readonly,
      [{ message: "Cannot keep changes: why", isReason: true }],
    ],
    ["nothing of what nobody misses", "", { ...results.volatile, isMissed: false }, []],
    [
      "nothing where readonly was asked for",
      "cow_label=store backstore=readonly",
      { ...results.readonly, isMissed: false },
      [],
    ],
    [
      "what is wrong with a store that is used",
      "cow_label=store",
      { ...results.persistent, findings: ["torn"] },
      [{ message: "torn" }],
    ],
  ];
  for (const [is, commandLine, result, problems] of cases) {
    test(`explain() adds to the problems ${is}`, () => {
      expect(explainWith(commandLine, result).problems).toEqual([known, ...problems]);
    });
  }

  test("explain() tells with the reason which step failed, and what can be done about it", () => {
    const optional = {
      plan: "Keep",
      step: "make-directory",
      message: "Cannot make the directory",
    } as const;
    const cause = {
      plan: "Keep",
      step: "mount",
      message: "Cannot mount",
      hint: "see why: dmesg",
    } as const;
    const later = { plan: "Run", step: "show-inside", message: "Cannot show" } as const;
    const executed = { failures: [optional, cause, later] };
    const { reason, problems } = explainWith("cow_label=store", results.readonly, {}, executed);
    expect(reason).toBe("why: Cannot mount (see why: dmesg)");
    expect(problems).toContainEqual({ message: `Cannot keep changes: ${reason}`, isReason: true });
    const whole = explainWith("cow_label=store", results.readonly, {}, { failures: [later] });
    expect(whole.reason).toBe("why");
  });

  test("explain() tells that SystemRescue's configuration is not whole, if the plan was completed", () => {
    const message = "The configuration of SystemRescue is missing";
    const failed = (plan: string) => ({
      failures: [{ plan, step: "make-configuration", message } as const],
    });
    const told = (plan: string) => explainWith("", results.persistent, {}, failed(plan)).problems;
    expect(told("Run")).toEqual([known, { message }]);
    expect(told("Keep")).toEqual([known]);
  });

  test("explain() tells what came of the last check, and of every check what a person should know", () => {
    const step = {
      path: "/dev/sdb",
      type: "ext4",
      because: "it was not cleanly unmounted",
      hasErrors: false,
      store: "the store",
      remedy: "do this",
      scratch: "/s",
      base: "/base",
    };
    const checks = [
      { step, check: { result: "unchecked", says: "no checker is here" } },
      { step, check: { result: "clean", tool: "e2fsck" } },
    ] as const;
    const { check, problems } = explainWith("", results.persistent, {}, { checks });
    expect(check).toEqual({ result: "clean", tool: "e2fsck" });
    expect(problems).toEqual([
      known,
      {
        message:
          "The ext4 file system of the store was not checked although it was not cleanly unmounted: no checker is here",
      },
    ]);
    expect("check" in explainWith("", results.persistent)).toBe(false);
  });

  test("explain() accepts no candidate where no store is used", () => {
    expect(explainWith("cow_label=store", results.volatile).candidates).toEqual([
      {
        ...accepted,
        accepted: false,
        reason: 'it is labelled "store", but its store could not be used',
      },
    ]);
    expect(explainWith("cow_label=store", results.readonly).candidates).toEqual([accepted]);
  });

  test("explain() tells the plan, each step in data and in words, and its fallback", () => {
    const { plan } = explainWith("", results.persistent, {
      steps: [{ do: "make-link", path: "/a", to: "/b", optional: true }],
      otherwise: { title: "Run otherwise", steps: [], result: results.volatile },
    });
    expect(plan).toEqual({
      title: "Run",
      steps: [
        {
          do: "make-link",
          path: "/a",
          to: "/b",
          optional: true,
          description: 'create the link "/a" to "/b"',
        },
      ],
      otherwise: { title: "Run otherwise", steps: [] },
    });
  });

  test("explain() names the medium, or why it is not known", () => {
    expect(explainWith("", results.volatile).medium).toEqual({
      device: "/dev/sda",
      type: "vfat",
      label: "RESCUE",
      layout: "archiso",
      image: "sysresccd/x86_64/airootfs.sfs",
    });
    const { medium: missing } = explain({
      options: optionsOf(""),
      problems: [],
      candidates: [],
      plan: { title: "Run", steps: [], result: results.volatile },
      medium: { reason: "not seen" },
    });
    expect(missing).toEqual({ reason: "not seen" });
  });
});

describe("describeCheck()", () => {
  const step: CheckedStore["step"] = {
    path: "/dev/sdb",
    type: "ext4",
    because: "it was not cleanly unmounted",
    hasErrors: false,
    store: 'the store "kept" of /dev/sdb',
    remedy: "run: this",
    scratch: "/s",
    base: "/base",
  };
  const noted = { ...step, because: "the kernel recorded errors in it", hasErrors: true };
  const cases: readonly {
    readonly check: StoreCheck;
    readonly step?: CheckedStore["step"];
    readonly session?: "readonly";
    readonly told?: string;
  }[] = [
    { check: { result: "clean", tool: "e2fsck" } },
    {
      check: { result: "clean", tool: "btrfs", says: "checksum verify failed" },
      told: 'The ext4 file system of the store "kept" of /dev/sdb has a corrupt block with a good second copy: btrfs says "checksum verify failed" ("btrfs scrub" repairs it)',
    },
    {
      check: { result: "repaired", tool: "e2fsck", says: "Inode 12 ref count is 3.  FIXED." },
      told: 'The ext4 file system of the store "kept" of /dev/sdb was repaired because it was not cleanly unmounted: e2fsck says "Inode 12 ref count is 3.  FIXED."',
    },
    {
      check: { result: "repaired", tool: "e2fsck" },
      step: noted,
      told: 'The ext4 file system of the store "kept" of /dev/sdb was repaired because the kernel recorded errors in it: e2fsck found nothing else',
    },
    {
      check: { result: "unchecked", says: "neither initramfs nor base has a checker for ext4" },
      told: 'The ext4 file system of the store "kept" of /dev/sdb was not checked although it was not cleanly unmounted: neither initramfs nor base has a checker for ext4',
    },
    {
      check: { result: "unchecked", tool: "e2fsck", says: "e2fsck took longer than 60 seconds" },
      step: noted,
      session: "readonly",
    },
    {
      check: { result: "damaged", tool: "e2fsck", says: "bad magic number" },
      session: "readonly",
    },
    // Nothing is said of a store that is not written to.
    { check: { result: "unchecked", says: "there was no time" }, session: "readonly" },
  ];
  for (const { check, step: asked = step, session = "persistent", told } of cases)
    test(`describeCheck() tells ${told ?? `nothing of a store that is ${check.result} in a ${session} session`}`, () => {
      expect(describeCheck({ check, step: asked }, session)).toBe(told);
    });
});
