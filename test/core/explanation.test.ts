import { describe, expect, test } from "vitest";
import type { Candidate } from "../../src/core/choose-store.ts";
import { explain } from "../../src/core/explanation.ts";
import type { SessionResult } from "../../src/core/session.ts";
import type { Plan } from "../../src/core/step.ts";
import { wantsStore } from "../../src/core/store-request.ts";
import { device, medium, optionsOf } from "./devices.ts";

const store: NonNullable<SessionResult["store"]> = {
  kind: "directory",
  device: "/dev/sdb",
  type: "ext4",
  label: "store",
  uuid: undefined,
  directory: "kept",
  overlay: "",
  new: false,
};
const accepted: Candidate = {
  device: "/dev/sdb",
  type: "ext4",
  label: "store",
  uuid: undefined,
  removable: false,
  accepted: true,
  reason: 'it is labelled "store"',
};
const results = {
  persistent: { session: "persistent", reason: undefined, store, findings: [] },
  readonly: { session: "readonly", reason: "why", store, findings: [] },
  volatile: { session: "volatile", reason: "why", store: undefined, findings: [] },
} as const satisfies Record<string, SessionResult>;

function explainWith(
  commandLine: string,
  result: SessionResult,
  plan: Partial<Plan<SessionResult>> = {},
) {
  return explain({
    options: optionsOf(commandLine),
    problems: [{ message: "known", file: "100.yaml", line: 2 }],
    candidates: [accepted],
    plan: { title: "Run", steps: [], result, ...plan },
    medium: medium(device("/dev/sda", { type: "vfat", label: "RESCUE" })),
  });
}

describe("explain()", () => {
  const known = { message: "known", file: "100.yaml", line: 2 };
  const cases: readonly (readonly [
    is: string,
    commandLine: string,
    result: SessionResult,
    problems: readonly string[],
  ])[] = [
    ["nothing of a store that is used", "cow_label=store", results.persistent, []],
    [
      "why a store that was asked for is not used",
      "cow_label=store",
      results.volatile,
      ["Cannot keep changes: why"],
    ],
    [
      "why a store that was asked for is not written to",
      "cow_label=store",
      results.readonly,
      ["Cannot keep changes: why"],
    ],
    ["nothing where nobody asked", "", results.volatile, []],
    ["nothing where off was asked for", "cow_label=store backstore=off", results.volatile, []],
    [
      "nothing where readonly was asked for",
      "cow_label=store backstore=readonly",
      results.readonly,
      [],
    ],
    [
      "nothing where cow_flags=ro asked for it",
      "cow_label=store cow_flags=ro",
      results.readonly,
      [],
    ],
    [
      "why readonly became volatile",
      "cow_label=store backstore=readonly",
      results.volatile,
      ["Cannot keep changes: why"],
    ],
    [
      "what is wrong with a store that is used",
      "cow_label=store",
      { ...results.persistent, findings: ["torn"] },
      ["torn"],
    ],
    ["nothing twice", "cow_label=store", { ...results.volatile, reason: "known" }, []],
  ];
  for (const [is, commandLine, result, problems] of cases) {
    test(`explain() adds to the problems ${is}`, () => {
      expect(explainWith(commandLine, result).problems).toEqual([
        known,
        ...problems.map((message) => ({ message })),
      ]);
    });
  }

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
          description: 'make the link "/a" to "/b"',
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

describe("wantsStore()", () => {
  const cases: readonly (readonly [commandLine: string, wants: boolean])[] = [
    ["", false],
    ["cow_directory=x cow_flags=noatime", false],
    ["backstore=wait=3", false],
    ["cow_label=x", true],
    ["cow_device=/dev/sda1", true],
    ["cow_device=nonsense", true],
    ["backstore=alldev", true],
    ["backstore=/my.bs", true],
    ["backstore=LABEL=x", true],
    ["backstore=required", true],
    ["backstore=off,required cow_label=x", false],
  ];
  for (const [commandLine, wants] of cases) {
    test(`wantsStore() is ${wants} for "${commandLine}"`, () => {
      expect(wantsStore(optionsOf(commandLine))).toBe(wants);
    });
  }
});
