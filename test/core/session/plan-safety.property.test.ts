// What no plan of a boot does, whatever it is made for: write to a device that was not chosen, is
// damaged or hibernated, or is only inspected.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Device } from "../../../src/core/devices/device.ts";
import { places } from "../../../src/core/session/places.ts";
import type { SessionResult } from "../../../src/core/session/session.ts";
import { describe, type Plan, type Step } from "../../../src/core/steps/step.ts";
import type { StoreFinding } from "../../../src/core/stores/found-store.ts";
import { superblockOf } from "../../../src/core/stores/seen-store.ts";
import { identifyStore } from "../../../src/core/stores/store-directory.ts";
import type { Superblock } from "../../../src/core/superblocks/superblock.ts";
import { decide, type Machine, machine } from "../../support/generated-machine.ts";

/**
 * Every kind of step that a session may have; one that creates or checks file systems would have to
 * be considered.
 */
const kinds = [
  ...["make-directory", "make-directory-like", "make-link", "write-file", "write-record"],
  ...["confirm-file", "confirm-store", "unmount"],
  // A growth of the chosen store's file that was interrupted at its beginning is undone.
  ...["sync-file", "truncate", "remove-file", "remove-scratch"],
  ...["mount", "bind", "mount-image", "mount-file", "mount-overlay", "show-inside"],
  "mount-srm",
  ...["ensure-room", "make-ballast"],
  // Below /run.
  "make-configuration",
  // Of the chosen store, before it is mounted.
  "check-store",
];

function chainOf(plan: Plan<SessionResult>): Plan<SessionResult>[] {
  return plan.otherwise ? [plan, ...chainOf(plan.otherwise)] : [plan];
}

/**
 * Returns whether a path is in the store's own place when a step is done: a step that names such a
 * path changes the store.
 */
function isInStore(path: string): boolean {
  return [places.store, places.host].some((place) => path.startsWith(`${place}/`));
}

function changesStore(step: Step): boolean {
  switch (step.do) {
    case "make-directory":
    case "make-directory-like":
    case "make-link":
    case "write-file":
    case "overwrite-file":
    case "write-record":
    case "truncate":
    case "remove-file":
    case "remove-scratch":
      return isInStore(step.path);
    case "mount":
      return !step.readonly && step.type !== "tmpfs";
    case "mount-file":
      return !step.readonly;
    case "ensure-room":
    case "make-ballast":
      return true;
    case "check-store":
      return true;
    case "mount-overlay":
      return isInStore(step.upper) || isInStore(step.work);
    default:
      return false;
  }
}

/**
 * Returns sources that are mounted read-only by one step of a plan and for writing by another, and
 * places that are mounted on twice. No step can mount again what is mounted: the types of its flags
 * do not allow it.
 */
function findRemounts(steps: readonly Step[]): string[] {
  const mounts = steps.filter((step) => step.do === "mount");
  const writable = mounts.filter(({ readonly }) => !readonly).map(({ source }) => source);
  const used = new Set<string>();
  const twice: string[] = [];
  for (const step of steps) {
    if (!("target" in step)) continue;
    if (step.do === "unmount") used.delete(step.target);
    else if (used.has(step.target)) twice.push(step.target);
    else used.add(step.target);
  }
  return [
    ...mounts.filter(({ readonly, source }) => readonly && writable.includes(source)).map(describe),
    ...twice,
  ];
}

/** Mounts of a disk or of memory by which somebody would get rights. */
function findOpenMounts(steps: readonly Step[]): string[] {
  return steps
    .filter((step) => step.do === "mount")
    .filter(({ flags = [] }) => !flags.includes("nosuid") || !flags.includes("nodev"))
    .map(describe);
}

function diskOf({ disk, path }: Device): string {
  return disk ?? path;
}

const worst = ["errors", "hibernated", "suspended"] as const;

/**
 * Returns the reasons against writing to the store that was chosen, found without the planner's own
 * rules.
 */
function findReasonsAgainst(finding: StoreFinding, devices: readonly Device[]): string[] {
  if (finding.kind === "none") return ["there is none"];
  const { device, file, directory: facts } = finding;
  const isMended = ({ superblock }: Pick<Device, "superblock">) =>
    superblock?.type.startsWith("ext") === true;
  const speaks = (reason: string, one: Pick<Device, "superblock">) =>
    reason !== "errors" || one !== (file ?? device) || !isMended(one);
  const beside = devices.filter((one) => diskOf(one) === diskOf(device));
  const has = (superblock: Superblock | undefined, reason: (typeof worst)[number]) =>
    superblock?.unclean.includes(reason) === true;
  return [
    ...worst.filter((reason) => has(device.superblock, reason) && speaks(reason, device)),
    ...worst.filter((reason) => has(file?.superblock, reason) && file && speaks(reason, file)),
    ...beside
      .filter((one) => has(one.superblock, "hibernated") || has(one.superblock, "suspended"))
      .map(() => "a sleeper on its disk"),
    ...(file?.intent?.includes('"applying"') ? ["half resized"] : []),
    ...(file?.intent === "{" ? ["an intent that nobody can read"] : []),
    ...(device.superblock?.type === "iso9660" ? ["a disc"] : []),
    ...(identifyStore(facts).kind === "refused" ? ["no store"] : []),
    ...(facts.exists && facts.record?.includes('"format":2') ? ["a newer format"] : []),
    ...(facts.room?.usableBytes === 0 && facts.room.ballastBytes === 0 ? ["no room"] : []),
  ];
}

/**
 * Returns why a store has to be checked before it is written to, found without the planner's own
 * rules.
 */
function findReasonsToCheck(finding: StoreFinding): string[] {
  if (finding.kind === "none") return [];
  const { directory: facts } = finding;
  const { type = "", unclean = [] } = superblockOf(finding) ?? {};
  const state = identifyStore(facts);
  const isOpen = state.kind === "store" && facts.record?.includes('"state":"open"') === true;
  return [
    ...unclean.filter((one) => ["journal", "orphans", "dirty", "errors"].includes(one)),
    ...(facts.ignoredJournal ? ["a pending log"] : []),
    ...(["btrfs", "f2fs"].includes(type) && isOpen ? ["an open session"] : []),
  ];
}

/** Returns mounts of the store for writing that no check precedes. */
function findUnchecked(finding: StoreFinding, steps: readonly Step[]): string[] {
  if (findReasonsToCheck(finding).length === 0) return [];
  const check = steps.findIndex((step) => step.do === "check-store");
  return steps
    .filter(
      (step, index) =>
        (step.do === "mount" || step.do === "mount-file") &&
        step.target === places.store &&
        !step.readonly &&
        (check < 0 || index < check),
    )
    .map(describe);
}

/** Returns checks of anything but the file system of the chosen store. */
function findStrayChecks(finding: StoreFinding, steps: readonly Step[]): string[] {
  const { device, file } = finding.kind !== "none" ? finding : {};
  const own = file === undefined ? device?.path : `${places.host}${file.path}`;
  return steps.flatMap((step) =>
    step.do === "check-store" && step.path !== own ? [step.path] : [],
  );
}

/**
 * Returns steps that change a store inspected without its journal before it is confirmed to be
 * unchanged.
 */
function findHasty(finding: StoreFinding, steps: readonly Step[]): string[] {
  if (finding.kind === "none") return [];
  const { file, directory: facts } = finding;
  const changedBefore = (kind: Step["do"], place: string) => {
    const first = steps.findIndex((step) => step.do === kind);
    return (first < 0 ? steps : steps.slice(0, first)).filter(
      (step) => changesStore(step) && "path" in step && step.path.startsWith(`${place}/`),
    );
  };
  return [
    ...(file?.ignoredJournal ? changedBefore("confirm-file", places.host) : []),
    ...(file?.ignoredJournal || facts.ignoredJournal
      ? changedBefore("confirm-store", places.store)
      : []),
  ].map(describe);
}

const met = new Set<string>();

function isSafe(given: Machine): void {
  const { options, devices, finding, plan } = decide(given);
  const against = findReasonsAgainst(finding, devices);
  const chosen = finding.kind !== "none" ? finding.device.path : undefined;
  const chain = chainOf(plan);
  for (const { steps, result } of chain) {
    const isPersistent = result.session === "persistent";
    expect(steps.map((step) => step.do).filter((kind) => !kinds.includes(kind))).toEqual([]);
    expect(findRemounts(steps)).toEqual([]);
    expect(findOpenMounts(steps)).toEqual([]);
    if (!isPersistent) expect(steps.filter(changesStore).map(describe)).toEqual([]);
    else expect([findHasty(finding, steps), findUnchecked(finding, steps)]).toEqual([[], []]);
    expect(findStrayChecks(finding, steps)).toEqual([]);
    if (steps.some((step) => step.do === "check-store"))
      for (const reason of findReasonsToCheck(finding)) met.add(`${reason}: checked`);
    if (steps.some((step) => step.do === "confirm-store")) met.add("seen without its journal");
    for (const step of steps)
      if (step.do === "mount" && !step.readonly && step.type !== "tmpfs")
        expect([chosen, against]).toEqual([step.source, []]);
    met.add(`${result.session} ${finding.kind !== "none" && finding.file ? "file" : "other"}`);
  }
  const { off, required, readonly, base } = options.backstore.value;
  const words = chain.map(({ result }) => result.session);
  expect(["volatile", "stopped"]).toContain(words.at(-1));
  if (words.at(-1) === "stopped") expect([required && !off, base === "stop"]).toContain(true);
  if (required && finding.kind !== "none" && words.includes("readonly"))
    expect([readonly, base === "readonly", options.cow_flags.value?.includes("ro")]).toContain(
      true,
    );
  if (off || readonly || options.refused !== undefined) expect(words).not.toContain("persistent");
  if (finding.kind !== "none") for (const reason of against) met.add(reason);
}

test("planSession() writes to no device that was not chosen, is damaged or sleeps, and to nothing that it only looks at", {
  timeout: 60_000,
}, () => {
  fc.assert(fc.property(machine, isSafe), { numRuns: 4000 });
  // A case that never occurred was not tested.
  const expected = [
    ...["persistent file", "persistent other", "readonly file", "readonly other"],
    ...["volatile file", "volatile other", "stopped other"],
    ...[
      "errors",
      "a sleeper on its disk",
      "half resized",
      "an intent that nobody can read",
      "no store",
      "a newer format",
      "no room",
      "seen without its journal",
      ...["journal", "orphans", "dirty", "errors", "a pending log", "an open session"].map(
        (reason) => `${reason}: checked`,
      ),
    ],
  ];
  expect([...met]).toEqual(expect.arrayContaining(expected));
});
