// What holds of every plan, whatever machine, options and store it is made for.
import fc from "fast-check";
import { expect, test } from "vitest";
import { markMedium } from "../../src/core/choose-medium.ts";
import type { Device, Unclean } from "../../src/core/device.ts";
import { explain } from "../../src/core/explanation.ts";
import { driverOf, writesWhenReadonly } from "../../src/core/file-systems.ts";
import type { HostFacts } from "../../src/core/host-facts.ts";
import { allOverlayParameters } from "../../src/core/overlay.ts";
import { planSession } from "../../src/core/plan-session.ts";
import type { SessionResult } from "../../src/core/session.ts";
import { places } from "../../src/core/session-steps.ts";
import { readOptions } from "../../src/core/sources.ts";
import { describe, type Plan, type Step } from "../../src/core/step.ts";
import type { DirectoryFacts } from "../../src/core/store-state.ts";
import { learnStore } from "../../src/system/learn-store.ts";
import { device, type FileFields, hostFacts, hostWith, medium, partition } from "./devices.ts";

const fileSystem = fc.record({
  type: fc.constantFrom(
    ...["ext4", "ext4", "xfs", "btrfs", "f2fs", "vfat", "exfat", "ntfs", "iso9660", "swsuspend"],
  ),
  label: fc.constantFrom("store", "store", "RESCUE", "a\nb", undefined),
  uuid: fc.constantFrom("aa", "bb", undefined),
  unclean: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    fc.subarray<Unclean>(["journal", "orphans", "errors", "dirty", "suspended"], { maxLength: 2 }),
  ),
});
const content = fc.option(fileSystem, { nil: {}, freq: 6 });

const disk = fc.record({
  whole: content,
  partitions: fc.array(fc.record({ content, partUuid: fc.constantFrom("p1", "p2", undefined) }), {
    maxLength: 3,
  }),
});

const devices = fc.array(disk, { maxLength: 3 }).map((disks) =>
  disks.flatMap(({ whole, partitions }, index) => {
    const path = `/dev/sd${"abc"[index]}`;
    return [
      device(path, whole),
      ...partitions.map((part, at) =>
        partition(path, at + 1, { ...part.content, partUuid: part.partUuid }),
      ),
    ];
  }),
);

const target = fc.constantFrom(
  "cow_label=store",
  "cow_label=store",
  "cow_label=RESCUE",
  'cow_label="a\nb"',
  "cow_device=UUID=aa",
  "cow_device=PARTUUID=p1",
  "cow_device=/dev/sda1",
  "",
  "",
  "backstore=alldev",
  "backstore=alldev",
);
const modifiers = fc.subarray(
  [
    "cow_directory=kept",
    "cow_directory=../x",
    "cow_flags=ro",
    "cow_flags=noatime,data=ordered",
    "cow_spacesize=64M",
    "backstore=off",
    "backstore=off,required",
    "backstore=required",
    "backstore=readonly",
    "backstore=readonly,required",
    "backstore=alldev",
    "backstore=alldev,/my.bs",
    "backstore=LABEL=store,readonly",
    "backstore=PARTUUID=p1,required",
  ],
  { maxLength: 2 },
);
// What stands last replaces the others, so mostly there is none.
const policy = fc.option(
  fc.constantFrom(
    "backstore=base=readonly",
    "backstore=base=volatile",
    "backstore=base=stop",
    "backstore=base=volatile,required",
  ),
  { nil: "", freq: 2 },
);
const words = fc
  .tuple(target, modifiers, policy)
  .map(([first, others, last]) => [first, ...others, last]);

const otherBase = { label: "RESCUE904", image: "x.sfs" };
const record = (text: object) => JSON.stringify(text);
const overlay = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";

const directory = fc.record<Omit<DirectoryFacts, "directory">>({
  exists: fc.boolean(),
  obstacle: fc.constantFrom(undefined, undefined, undefined, undefined, "kept"),
  names: fc.oneof(
    { weight: 3, arbitrary: fc.constant(["upperdir", "workdir"]) },
    fc.subarray(["upperdir", "workdir", "lost+found", "backstore.json", "photos", ".wh..wh.aufs"]),
  ),
  record: fc.constantFrom(
    undefined,
    undefined,
    "{",
    record({ format: 1, id: "x", overlay }),
    record({ format: 1, id: "x", overlay, base: otherBase, session: { state: "open" } }),
    record({ format: 1, id: "x", overlay, base: otherBase, session: { state: "open" } }),
    record({ format: 2 }),
  ),
  traces: fc.option(
    fc.record({ metacopy: fc.boolean(), redirect: fc.boolean(), incomplete: fc.boolean() }),
    { nil: undefined },
  ),
});

const host = fc.record({
  facts: fc.constantFrom<Partial<HostFacts>>(
    {},
    {},
    {},
    {},
    { isHibernated: true },
    { obstacle: "it is bad", found: undefined },
    { found: undefined },
  ),
  file: fc.option(
    fc.record<FileFields>({
      type: fc.constantFrom("ext4", "ext4", "xfs", "btrfs", "vfat", null),
      allocatedBytes: fc.constantFrom(1 << 30, 0),
      unclean: fc.subarray<Unclean>(["journal", "errors"]),
      intent: fc.constantFrom(undefined, undefined, undefined, "{"),
    }),
    { nil: undefined, freq: 4 },
  ),
});

const machine = fc.record({
  hosts: fc.array(host, { minLength: 1, maxLength: 4 }),
  devices,
  words,
  directory,
  mediumIndex: fc.nat(20),
  parameters: fc.subarray([...allOverlayParameters]),
  checkers: fc.subarray(["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs"]),
  nested: fc.constantFrom(undefined, { path: "LiveOS/rootfs.img", type: "ext4", data: "" }),
});

type Machine = typeof machine extends fc.Arbitrary<infer T> ? T : never;

function decide(given: Machine) {
  const stick = partition("/dev/sdz", 1, { type: "vfat", label: "RESCUE" });
  const all = [...given.devices, stick];
  const mountable = all.filter(({ superblock }) => driverOf(superblock?.type ?? "") !== undefined);
  const carrier = mountable[given.mediumIndex % mountable.length] ?? stick;
  const { options, problems } = readOptions({
    defaults: undefined,
    yaml: [],
    commandLine: given.words.join(" "),
  });
  const {
    devices: seen,
    candidates,
    finding,
  } = learnStore({
    devices: markMedium(all, carrier),
    options,
    medium: carrier,
    machine: "x86_64",
    looks: {
      directory: (_, [name = ""]) => ({ ...given.directory, directory: name }),
      host: ({ path }) => hostOf(given, path),
    },
  });
  const onMedium = medium(carrier, { nested: given.nested });
  const plan = planSession({
    options,
    medium: onMedium,
    devices: seen,
    store: finding,
    isCopied: false,
    overlayParameters: given.parameters,
    checkers: given.checkers,
    record: { id: "i", version: "v", boot: "b", machine: "m", started: "s" },
  });
  const explanation = explain({ options, problems, candidates, plan, medium: onMedium });
  return { options, devices: seen, candidates, plan, explanation };
}

/** What is on a host: what was made up for it, with the directory that was made up for all. */
function hostOf({ hosts, directory: content }: Machine, path: string): HostFacts {
  const made = hosts[[...path].reduce((sum, one) => sum + one.charCodeAt(0), 0) % hosts.length];
  if (made?.file === undefined) return hostFacts(made?.facts);
  return { ...hostWith(made.file, { ...content, directory: "" }), ...made.facts };
}

function chainOf(plan: Plan<SessionResult>): Plan<SessionResult>[] {
  return plan.otherwise ? [plan, ...chainOf(plan.otherwise)] : [plan];
}

/** The word that the steps alone deserve. */
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

/** Devices of types that write when mounted read-only, and that nothing keeps from it. */
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
  if (plan.result.reason?.includes(`base=${base} asks`)) met.set(base, 1);
  met.set(kind, (met.get(kind) ?? 0) + 1);

  expect(accepted.length).toBeLessThanOrEqual(1);
  expect(sessions).toEqual(sessions.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)));
  expect(new Set(sessions).size).toBe(sessions.length);
  const stops = (required && !off) || plan.result.reason?.includes("base=stop asks");
  expect(sessions.at(-1)).toBe(stops ? "stopped" : "volatile");
  const isOther = plan.result.store?.lastBase !== undefined && !plan.result.store.new;
  if (isOther && base !== "use") expect([base, sessions[0]]).toEqual(["readonly", "readonly"]);
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
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
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
  // What never happens cannot have been wrong: each kind of session must have been met.
  for (const session of ["persistent", "readonly"])
    for (const kind of ["directory", "file"])
      expect(met.get(`${session} ${kind}`) ?? 0, `${session} ${kind}`).toBeGreaterThan(0);
  expect([...met.keys()]).toEqual(expect.arrayContaining(["readonly", "volatile", "stop"]));
  for (const session of ["volatile", "stopped"])
    expect(met.get(`${session} none`) ?? 0, session).toBeGreaterThan(0);
});
