// Random machines, for properties of what a boot decides: disks with anything on them, among them
// damaged and hibernated ones, duplicates and unknown contents; stores in every state; options from
// every source.

import fc from "fast-check";
import { chooseRequest } from "../../src/core/choosing/store-request.ts";
import { unknownDevice } from "../../src/core/devices/device.ts";
import { driverOf } from "../../src/core/file-systems/mounting.ts";
import { markMedium } from "../../src/core/medium/choose-medium.ts";
import { readOptions } from "../../src/core/options/read-options.ts";
import { explain } from "../../src/core/session/explanation.ts";
import { planSession } from "../../src/core/session/plan-session.ts";
import type { HostFacts } from "../../src/core/stores/host-offer.ts";
import { allOverlayParameters } from "../../src/core/stores/overlay-settings.ts";
import type { DirectoryFacts } from "../../src/core/stores/store-directory.ts";
import type { Unclean } from "../../src/core/superblocks/superblock.ts";
import { learnStore } from "../../src/system/stores/learn-store.ts";
import { device, type FileFields, hostFacts, hostWith, medium, partition } from "./devices.ts";

const plainFileSystem = fc.record({
  type: fc.constantFrom(
    ...Array(8).fill("ext4"),
    ...["xfs", "xfs", "btrfs", "btrfs", "f2fs", "vfat", "exfat", "ntfs", "iso9660"],
    ...["swap", "swsuspend", "crypto_LUKS", "LVM2_member", "linux_raid_member", "bcache"],
    "ambivalent",
  ),
  label: fc.constantFrom("store", "store", "other", "RESCUE", "a\nb", undefined),
  uuid: fc.constantFrom("aa", "bb", undefined),
  unclean: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    fc.subarray<Unclean>(["journal", "orphans", "errors", "dirty", "hibernated", "suspended"], {
      maxLength: 2,
    }),
  ),
});
// Members of one btrfs share a uuid, and differ in these.
const fileSystem = fc
  .tuple(plainFileSystem, fc.constantFrom("m1", "m2"))
  .map(([plain, memberUuid]) => (plain.type === "btrfs" ? { ...plain, memberUuid } : plain));
const content = fc.option(fileSystem, { nil: {}, freq: 6 });

const disk = fc.record({
  whole: content,
  removable: fc.boolean(),
  problem: fc.constantFrom(undefined, undefined, undefined, "I/O error"),
  partitions: fc.array(fc.record({ content, partUuid: fc.constantFrom("p1", "p2", undefined) }), {
    maxLength: 3,
  }),
});

// Usually defined, so that a name is unique.
const known = fc
  .record({
    type: fc.constantFrom(...Array(6).fill("ext4"), "xfs", "btrfs", "f2fs", "vfat"),
    uuid: fc.constantFrom(...Array(9).fill("known"), undefined),
    unclean: plainFileSystem.map(({ unclean }) => unclean),
    removable: fc.boolean(),
  })
  .map((fields) => device("/dev/sdd", fields));

const others = fc.array(disk, { minLength: 1, maxLength: 3 }).map((disks) =>
  disks.flatMap(({ whole, partitions, removable, problem }, index) => {
    const path = `/dev/sd${"abc"[index]}`;
    if (problem !== undefined) return [{ ...unknownDevice(path, 1 << 30), removable, problem }];
    return [
      device(path, { ...whole, removable }),
      ...partitions.map((part, at) =>
        partition(path, at + 1, { ...part.content, partUuid: part.partUuid, removable }),
      ),
    ];
  }),
);

const devices = fc.tuple(others, known).map(([disks, one]) => [...disks, one]);

const target = fc.constantFrom(
  ...Array(8).fill("cow_device=UUID=known"),
  ...Array(4).fill("backstore=UUID=known"),
  ...Array(4).fill("cow_label=store"),
  ...["cow_label=RESCUE", 'cow_label="a\nb"', "cow_device=UUID=aa", "cow_device=PARTUUID=p1"],
  ...["cow_device=/dev/sda1", "", ...Array(5).fill("backstore=alldev")],
);
const backstoreWords = [
  ...[
    "off",
    "readonly",
    "required",
    "required",
    "off,required",
    "readonly,required",
    "ask",
    "wait=0",
    "/my.bs",
  ],
  ...["LABEL=store", "UUID=aa", "PARTUUID=p1", "/dev/sda1", "UUID=known", "UUID=known"],
];
const base = fc.constantFrom("", "base=use", "base=readonly", "base=volatile", "base=stop");
const backstore = fc
  .tuple(fc.constantFrom("", "alldev"), fc.subarray(backstoreWords, { maxLength: 1 }), base)
  .map(([first, chosen, last]) => [first, ...chosen, last].filter(Boolean).join(","))
  .map((value) => (value === "" ? "backstore" : `backstore=${value}`));
const modifiers = fc.subarray(
  [
    ...["cow_directory=kept", "cow_directory=../x", "cow_flags=ro", "cow_flags=noatime,sync"],
    ...["cow_spacesize=64M", "copytoram", "docache", "archisolabel=RESCUE", "cow_label="],
  ],
  { maxLength: 1 },
);
const words = fc
  .tuple(target, modifiers, fc.option(backstore, { nil: "", freq: 3 }))
  .map(([first, others, last]) => [first, ...others, last].filter(Boolean).join(" "));
const options = fc.record({
  commandLine: words,
  defaults: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, words),
  yaml: fc.constantFrom(
    ...[
      "",
      "",
      "",
      "",
      "",
      "global:\n  cow_label: store\n",
      "global:\n  backstore: readonly\n",
      "global: [",
    ],
  ),
});

/** The fingerprint of the base that is booted. */
export const ownFingerprint = "f1100";
const otherBase = { label: "RESCUE904", image: "old.sfs", fingerprint: "f904" };
const sameBase = { label: "RESCUE", image: "base.sfs", fingerprint: ownFingerprint };
const openSession = { state: "open", boot: "z", machine: "another", count: 3 };

const record = (text: object) => JSON.stringify(text);
const overlay = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";

const directory = fc.record<Omit<DirectoryFacts, "directory">>({
  exists: fc.constantFrom(...Array(7).fill(true), false),
  obstacle: fc.constantFrom(...Array(9).fill(undefined), "kept"),
  names: fc.oneof(
    { weight: 3, arbitrary: fc.constant(["upperdir", "workdir"]) },
    fc.subarray(["upperdir", "workdir", "lost+found", "backstore.json", "photos", ".wh..wh.aufs"]),
    fc.constant(["upperdir", "workdir", "backstore.ballast"]),
  ),
  record: fc.constantFrom(
    undefined,
    undefined,
    "{",
    record({ format: 1, id: "x", overlay }),
    ...Array(4).fill(
      record({ format: 1, id: "x", overlay, base: otherBase, session: openSession }),
    ),
    ...Array(2).fill(record({ format: 1, id: "x", overlay, base: sameBase, session: openSession })),
    record({ format: 2 }),
  ),
  traces: fc.option(
    fc.record({ metacopy: fc.boolean(), redirect: fc.boolean(), incomplete: fc.boolean() }),
    { nil: undefined },
  ),
  ignoredJournal: fc.boolean(),
  room: fc.constantFrom(
    { totalBytes: 1 << 30, usableBytes: 1 << 29, ballastBytes: 0 },
    { totalBytes: 1 << 30, usableBytes: 0, ballastBytes: 10 << 20 },
    { totalBytes: 1 << 30, usableBytes: 0, ballastBytes: 0 },
  ),
});

const intents = ["preparing", "applying", "applying", "growing"].map((stage) =>
  record({
    format: 1,
    operation: "grow",
    from: 256 << 20,
    to: 512 << 20,
    stage,
    scratch: "/tmp/x",
  }),
);

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
      ignoredJournal: fc.boolean(),
      type: fc.constantFrom("ext4", "ext4", "xfs", "btrfs", "vfat", null),
      allocatedBytes: fc.constantFrom(1 << 30, 0),
      unclean: fc.oneof(
        fc.constant([]),
        fc.subarray<Unclean>(["journal", "errors"], { minLength: 1 }),
      ),
      intent: fc.constantFrom(...Array(7).fill(undefined), "", "{", "{", ...intents),
    }),
    { nil: undefined, freq: 4 },
  ),
});

/** A machine with options for its boot. */
export const machine = fc.record({
  hosts: fc.array(host, { minLength: 1, maxLength: 4 }),
  devices,
  options,
  directory,
  isCopied: fc.boolean(),
  mediumIndex: fc.nat(20),
  parameters: fc.subarray([...allOverlayParameters]),
  nested: fc.constantFrom(undefined, { path: "LiveOS/rootfs.img", type: "ext4", data: "" }),
});

export type Machine = typeof machine extends fc.Arbitrary<infer T> ? T : never;

/** Decides as a boot does: the facts about the machine, and the plan. */
export function decide(given: Machine) {
  const stick = partition("/dev/sdz", 1, { type: "vfat", label: "RESCUE" });
  const all = [...given.devices, stick];
  const mountable = all.filter(({ superblock }) => driverOf(superblock?.type ?? "") !== undefined);
  const carrier = mountable[given.mediumIndex % mountable.length] ?? stick;
  const { options, problems } = readOptions({
    defaults: given.options.defaults,
    yaml: [{ file: "sysrescue.d/200.yaml", text: given.options.yaml }],
    commandLine: given.options.commandLine,
  });
  const {
    devices: seen,
    candidates,
    finding,
  } = learnStore({
    request: chooseRequest(options),
    devices: markMedium(all, carrier),
    options,
    medium: carrier,
    machine: "x86_64",
    looks: {
      directory: (_, [name = ""]) => ({ ...given.directory, directory: name }),
      host: ({ path }) => hostOf(given, path),
    },
  });
  const onMedium = medium(carrier, { nested: given.nested, fingerprint: ownFingerprint });
  const plan = planSession({
    options,
    medium: onMedium,
    devices: seen,
    store: finding,
    isCopied: given.isCopied,
    overlayParameters: given.parameters,
    record: { id: "i", version: "v", boot: "b", machine: "m", started: "s" },
  });
  const explanation = explain({ options, problems, candidates, plan, medium: onMedium });
  return { options, devices: seen, candidates, finding, plan, explanation };
}

/**
 * Returns what is on a host: what was generated for it, with the directory that was generated for
 * all.
 */
export function hostOf({ hosts, directory: content }: Machine, path: string): HostFacts {
  const made = hosts[[...path].reduce((sum, one) => sum + one.charCodeAt(0), 0) % hosts.length];
  if (made?.file === undefined) return hostFacts(made?.facts);
  return { ...hostWith(made.file, { ...content, directory: "" }), ...made.facts };
}
