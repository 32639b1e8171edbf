// Properties of every plan, for any machine, options and store.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Device } from "../../../src/core/devices/device.ts";
import { writesWhenReadonly } from "../../../src/core/file-systems/mounting.ts";
import { places } from "../../../src/core/session/places.ts";
import type { SessionResult } from "../../../src/core/session/session.ts";
import { describe, type Plan, type Step } from "../../../src/core/steps/step.ts";
import { decide, type Machine, machine, ownFingerprint } from "../../support/generated-machine.ts";

function chainOf(plan: Plan<SessionResult>): Plan<SessionResult>[] {
  return plan.otherwise ? [plan, ...chainOf(plan.otherwise)] : [plan];
}

/** Returns the kind of session according to the steps alone. */
function deserved(steps: readonly Step[]): string {
  if (steps.length === 0) return "stopped";
  const mounts = steps.filter((step) => step.do === "mount");
  const [root] = steps.filter((step) => step.do === "mount-overlay");
  const files = steps.filter((step) => step.do === "mount-file");
  const on = (target: string) => mounts.find((mount) => mount.target === target);
  const file = files.find(({ target }) => target === places.store);
  const isWritable = file
    ? !file.readonly && on(places.host)?.readonly === false
    : on(places.store)?.readonly === false;
  if (root?.upper.startsWith(`${places.store}/`) && isWritable) return "persistent";
  const isMemory =
    root?.upper.startsWith(`${places.memory}/`) && on(places.memory)?.type === "tmpfs";
  if (!isMemory) return "nothing";
  return root?.lower.some((path) => path.startsWith(`${places.store}/`)) ? "readonly" : "volatile";
}

const written = (steps: readonly Step[]) =>
  steps.flatMap((step) =>
    step.do === "mount" && !step.readonly && step.type !== "tmpfs" ? [step.source] : [],
  );

/** Returns devices of types that write when mounted read-only, and are not protected against it. */
function unprotected(steps: readonly Step[], seen: readonly Device[]): string[] {
  return steps.flatMap((step) => {
    if (step.do !== "mount" || !step.readonly || step.guarded) return [];
    const type = seen.find(({ path }) => path === step.source)?.superblock?.type ?? "ext4";
    return writesWhenReadonly(type) ? [step.source] : [];
  });
}

const order = ["persistent", "readonly", "volatile", "stopped"];
const met = new Map<string, number>();

function holds(given: Machine) {
  const { options, devices: seen, candidates, plan, explanation } = decide(given);
  const chain = chainOf(plan);
  const sessions = chain.map(({ result }) => result.session);
  const accepted = candidates.filter((one) => one.accepted).map((one) => one.device);
  const { off, required, readonly, base } = options.backstore.value;
  const kind = `${plan.result.session} ${plan.result.store?.kind ?? "none"}`;
  if (plan.result.reason?.includes(`base=${base})`)) met.set(base, 1);
  met.set(kind, (met.get(kind) ?? 0) + 1);

  expect(accepted.length).toBeLessThanOrEqual(1);
  expect(sessions).toEqual(sessions.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
  expect(new Set(sessions).size).toBe(sessions.length);
  const stops = (required && !off) || plan.result.reason?.includes("base=stop)");
  expect(sessions.at(-1)).toBe(stops ? "stopped" : "volatile");
  const { lastBase, new: isNew } = plan.result.store ?? {};
  const isOther = lastBase !== undefined && lastBase.fingerprint !== ownFingerprint && !isNew;
  if (isOther && base !== "use") expect([base, sessions[0]]).toEqual(["readonly", "readonly"]);
  const isSame = lastBase?.fingerprint === ownFingerprint;
  if (isSame) expect(plan.result.reason ?? "").not.toContain("base=");
  if (isSame && base !== "use") met.set("the same base", 1);
  for (const { steps, result, title } of chain) {
    const isUsed = result.session === "persistent" || result.session === "readonly";
    expect(result.session).toBe(deserved(steps));
    expect(result.store?.device).toBe(isUsed ? accepted[0] : undefined);
    expect(result.reason === undefined).toBe(result.session === "persistent");
    expect(written(steps)).toEqual(result.session === "persistent" ? accepted : []);
    expect(unprotected(steps, seen)).toEqual([]);
    expect(steps.filter((step) => step.do === "bind" && !step.readonly)).toEqual([]);
    const isFile = steps.some((step) => step.do === "mount-file");
    expect(result.store?.kind === "file").toBe(isFile);
    expect(steps.filter((step) => step.do === "mount-file" && !step.readonly)).toHaveLength(
      isFile && result.session === "persistent" ? 1 : 0,
    );
    expect(JSON.parse(JSON.stringify(steps))).toEqual(steps);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are searched for
    expect([title, ...steps.map(describe)].filter((text) => /[\u0000-\u001f]/.test(text))).toEqual(
      [],
    );
  }
  if (off) expect(sessions).toEqual(["volatile"]);
  if (readonly) expect(sessions).not.toContain("persistent");
  if (options.refused !== undefined) expect(sessions).toHaveLength(1);
  const diskOf = (one: Device | undefined) => one?.disk ?? one?.path;
  const target = seen.find(({ path }) => path === plan.result.store?.device);
  const asleep = seen.filter((one) =>
    one.superblock?.unclean.some((reason) => reason === "suspended" || reason === "hibernated"),
  );
  if (target && asleep.some((one) => diskOf(one) === diskOf(target)))
    expect(sessions).not.toContain("persistent");

  expect(explanation.session).toBe(plan.result.session);
  expect(explanation.candidates.filter((one) => one.accepted).map((one) => one.device)).toEqual(
    plan.result.store ? accepted : [],
  );
}

test("planSession() never writes to what was not chosen, never claims more than its steps do, and always ends", {
  timeout: 60_000,
}, () => {
  fc.assert(fc.property(machine, holds), { numRuns: 2500 });
  // A case that never occurs was not tested: each kind of session must have occurred.
  for (const session of ["persistent", "readonly"])
    for (const kind of ["directory", "file"])
      expect(met.get(`${session} ${kind}`) ?? 0, `${session} ${kind}`).toBeGreaterThan(0);
  expect([...met.keys()]).toEqual(
    expect.arrayContaining(["readonly", "volatile", "stop", "the same base"]),
  );
  for (const session of ["volatile", "stopped"])
    expect(met.get(`${session} none`) ?? 0, session).toBeGreaterThan(0);
});
