// One plan per kind of boot, as text in test/golden/plans: reviewing a change of the planner is
// reading a difference in English. `npx vitest run test/core -u` rewrites them. If fallbacks are
// not the point, their steps are left out.

import { join } from "node:path";
import { expect, describe as group, test } from "vitest";
import type { Device } from "../../../src/core/devices/device.ts";
import type { Medium } from "../../../src/core/medium/medium.ts";
import { planSession } from "../../../src/core/session/plan-session.ts";
import type { SessionFacts, SessionResult } from "../../../src/core/session/session.ts";
import { describe, type Plan } from "../../../src/core/steps/step.ts";
import type { StoreFinding } from "../../../src/core/stores/found-store.ts";
import { formatSettings, newStoreSettings } from "../../../src/core/stores/overlay-settings.ts";
import { formatResizeRecord } from "../../../src/core/stores/resize-record.ts";
import type { DirectoryFacts } from "../../../src/core/stores/store-directory.ts";
import { formatNewRecord } from "../../../src/core/stores/store-record.ts";
import type { LiveRoot } from "../../../src/core/takeover/live-root.ts";
import {
  device,
  type FileFields,
  found,
  foundFile,
  medium,
  partition,
  sessionFacts,
} from "../../support/devices.ts";

const stick = partition("/dev/sda", 1, { type: "vfat", label: "RESCUE1100", removable: true });
const rescue = medium(stick);
const disk = device("/dev/sdb", { type: "ext4", label: "store", uuid: "aa" });
const used = { names: ["upperdir", "workdir"] };
const plain = { metacopy: false, redirect: false, incomplete: false };

// A hybrid image on a stick: the whole disk is an iso9660, with partitions beside it.
const isoLabel = { label: "RESCUE1100", uuid: "2026-01-31-10-20-30-00" };
const hybrid = device("/dev/sda", { type: "iso9660", ...isoLabel });
const third = partition("/dev/sda", 3, { type: "ext4", label: "store", uuid: "cc" });

const record = formatNewRecord({
  id: "8a4be3d2-1c5f-4e0b-9d7a-2b6c8f1e0d93",
  settings: { ...newStoreSettings, metacopy: "on", redirect_dir: "on" },
  created: "2025-01-31T10:20:30.000Z",
  version: "0.0.0",
  use: {
    base: {
      label: "RESCUE1100",
      image: "sysresccd/x86_64/airootfs.sfs",
      release: undefined,
      fingerprint: undefined,
    },
    session: {
      boot: "7f3f4b5e-0a55-4f0c-9f55-6a1f0c2d3e4f",
      machine: "ACME Box 3 [0a1b2c3d]",
      started: "2025-01-31T10:20:30.000Z",
    },
  },
});

function missing(reason: string): StoreFinding {
  return { kind: "none", reason, isMissed: true };
}

interface Given extends Partial<Omit<SessionFacts, "options">> {
  readonly commandLine?: string;
}

/** Makes the facts about a store that was used before, on a disk of its own, by default. */
function facts({ commandLine = "cow_label=store", ...given }: Given): SessionFacts {
  const usual = {
    medium: rescue,
    devices: [device("/dev/sda"), stick, disk],
    store: found(disk, { ...used, traces: plain }),
    commandLine,
  };
  return { ...sessionFacts(usual), ...given };
}

const exfat = partition("/dev/sdc", 1, { type: "exfat", uuid: "CC", removable: true });
const old = { ...used, traces: plain };
const begun = formatResizeRecord({
  operation: "grow",
  from: 256 << 20,
  to: 512 << 20,
  stage: "preparing",
  scratch: "/tmp/x",
});
const torn = formatResizeRecord({
  operation: "shrink",
  from: 512 << 20,
  to: 256 << 20,
  stage: "applying",
  scratch: "/tmp/x",
});

/** What live-boot has mounted from the usual stick. */
const live: LiveRoot = {
  root: "/root",
  family: "live-boot",
  layers: ["/run/live/rootfs/filesystem.squashfs"],
  upper: "/run/live/overlay/rw",
  unnamed: [],
  traces: plain,
  medium: {
    target: "/run/live/medium",
    source: "/dev/sda1",
    deviceNumber: "8:1",
    isWritable: false,
    flags: ["noatime"],
  },
};

/** What SystemRescue's archiso has mounted from it. */
const archiso: LiveRoot = {
  root: "/new_root",
  family: "archiso",
  layers: ["/run/archiso/sfs/srm1", "/run/archiso/sfs/airootfs"],
  upper: "/run/archiso/cowspace/persistent_RESCUE1100/x86_64/upperdir",
  unnamed: ["/run/archiso/cowspace/persistent_RESCUE1100/x86_64/upperdir"],
  traces: plain,
  medium: {
    target: "/run/archiso/bootmnt",
    source: "/dev/sda1",
    deviceNumber: "8:1",
    isWritable: false,
    flags: ["relatime"],
  },
};

/** A boot without options, and a file store on a host. */
function fileGiven(
  host: Device,
  fields: FileFields = {},
  content: Partial<DirectoryFacts> = old,
): Given {
  return {
    commandLine: "",
    devices: [
      device("/dev/sda"),
      stick,
      exfat,
      ...(host === stick || host === exfat ? [] : [host]),
    ],
    store: foundFile(host, fields, content),
  };
}

const fedora: Partial<Medium> = {
  layout: {
    name: "fedora",
    image: "LiveOS/squashfs.img",
    nested: ["LiveOS/rootfs.img", "LiveOS/ext3fs.img"],
  },
  nested: { path: "LiveOS/rootfs.img", type: "ext4", data: "" },
};
const modules: Partial<Medium> = {
  srms: [
    { path: "sysresccd/10-tools.srm", type: "squashfs", fingerprint: "squashfs-1" },
    { path: "sysresccd/20-broken.srm", fault: "it is ext4" },
    { path: "sysresccd/30-more.srm", type: "squashfs", fingerprint: "squashfs-2" },
  ],
};
const onExt4 = device("/dev/sda", { type: "ext4", label: "RESCUE1100", uuid: "bb" });
const dirtyExt4 = device("/dev/sda", {
  ...{ type: "ext4", label: "RESCUE1100", uuid: "bb", unclean: ["journal"] },
});
const onXfs = partition("/dev/sda", 1, { type: "xfs", label: "RESCUE1100", uuid: "bb" });

/**
 * Makes a store on the usual disk with these entries about its last session and base in its record.
 */
function recorded(
  { base = {}, session = {} }: { base?: object; session?: object },
  commandLine = "cow_label=store",
): Given {
  const whole = JSON.parse(record);
  const text = JSON.stringify({
    ...whole,
    base: { ...whole.base, ...base },
    session: { ...whole.session, state: "clean", ended: "2025-01-31T11:00:00Z", ...session },
  });
  return {
    commandLine,
    store: found(disk, { names: ["backstore.json", "upperdir", "workdir"], record: text }),
  };
}
const older = { base: { label: "RESCUE904", release: "9.04" } };
const another = { state: "open", machine: "ACME Box 4 [99999999]" };

const next = [
  { do: "remove-same", path: "/etc/hosts", inode: 12 },
  { do: "remove-same", path: "/opt", inode: 13 },
];

const cases: readonly (readonly [file: string, title: string, given: Given])[] = [
  ["label", "a store on another disk", {}],
  ["new", "a store that is not there yet", { store: found(disk) }],
  [
    "on-the-medium",
    "a store on the medium's own file system",
    {
      medium: medium(onExt4),
      devices: [onExt4],
      store: found(onExt4, { ...used, traces: plain }),
      commandLine: "cow_label=RESCUE1100",
    },
  ],
  [
    "on-the-medium-unclean",
    "a store on the medium's own file system, which only the base can check",
    {
      medium: medium(dirtyExt4),
      devices: [dirtyExt4],
      store: found(dirtyExt4, { ...used, traces: plain }),
      commandLine: "cow_label=RESCUE1100",
    },
  ],
  [
    "on-the-medium-readonly",
    "a store on the medium's own file system that is not to be changed",
    {
      medium: medium(onExt4),
      devices: [onExt4],
      store: found(onExt4, { ...used, traces: plain }),
      commandLine: "cow_label=RESCUE1100 backstore=readonly",
    },
  ],
  [
    "hybrid-whole-disk",
    "a hybrid image of which no partition shows the iso9660, and the store in a third partition",
    {
      medium: medium(hybrid),
      devices: [hybrid, partition("/dev/sda", 1, {}), partition("/dev/sda", 2, {}), third],
      store: found(third, { ...used, traces: plain }),
    },
  ],
  [
    "claimed-disk",
    "a store on a disk that the device mapper has for itself, as on a stick of Ventoy",
    {
      medium: medium(device("/dev/dm-0", { type: "iso9660", ...isoLabel })),
      devices: [{ ...third, isClaimed: true }],
      store: found({ ...third, isClaimed: true }, { ...used, traces: plain }),
    },
  ],
  [
    "hybrid-partition",
    "a hybrid image whose first partition shows the iso9660, and the store in a third partition",
    {
      medium: medium(partition("/dev/sda", 1, { type: "iso9660", ...isoLabel })),
      devices: [hybrid, partition("/dev/sda", 1, { type: "iso9660", ...isoLabel }), third],
      store: found(third, { ...used, traces: plain }),
    },
  ],
  [
    "srms",
    "SystemRescue's modules over the base",
    { medium: medium(stick, modules), commandLine: "cow_label=store loadsrm" },
  ],
  [
    "srms-readonly",
    "SystemRescue's modules below a store that is not to be changed",
    {
      medium: medium(stick, modules),
      commandLine: "cow_label=store backstore=readonly loadsrm",
      isCopied: true,
    },
  ],
  ["nested", "Fedora's image in an image", { medium: medium(stick, fedora) }],
  [
    "foreign-metacopy",
    "a store that was written with metacopy",
    { store: found(disk, { ...used, traces: { ...plain, metacopy: true } }) },
  ],
  [
    "foreign-redirect",
    "a store that was written with redirects",
    { store: found(disk, { ...used, traces: { ...plain, redirect: true } }) },
  ],
  [
    "foreign-large",
    "a store without a record that is too large to be seen whole",
    { store: found(disk, { ...used, traces: { ...plain, incomplete: true } }) },
  ],
  [
    "recorded",
    "a store whose record says how it was written",
    { store: found(disk, { names: ["backstore.json", "upperdir", "workdir"], record }) },
  ],
  [
    "record-newer",
    "a store whose record has a newer format",
    {
      store: found(disk, {
        names: ["backstore.json", "upperdir", "workdir"],
        record: '{ "format": 2 }',
        traces: plain,
      }),
    },
  ],
  [
    "record-newer-without-changes",
    "a store without changes whose record has a newer format",
    { store: found(disk, { names: ["backstore.json"], record: '{ "format": 2 }' }) },
  ],
  [
    "record-unreadable",
    "a store whose record is torn",
    {
      store: found(disk, {
        names: ["backstore.json", "upperdir", "workdir"],
        record: '{ "form',
        traces: { ...plain, redirect: true },
      }),
    },
  ],
  ["session-ended", "a store whose last session was ended", recorded({})],
  [
    "session-open",
    "a store whose last session was cut off",
    recorded({ session: { state: "open" } }),
  ],
  [
    "session-open-elsewhere",
    "a store that another machine may be using",
    recorded({ session: another }),
  ],
  [
    "session-open-readonly",
    "a store that another machine may be using, not to be changed",
    recorded({ session: another }, "cow_label=store backstore=readonly"),
  ],
  ["base-use", "a store that meets another base", recorded(older)],
  [
    "base-readonly",
    "a store that meets another base, with base=readonly",
    recorded(older, "cow_label=store backstore=base=readonly"),
  ],
  [
    "base-volatile",
    "a store that meets another base, with base=volatile",
    recorded(older, "cow_label=store backstore=base=volatile"),
  ],
  [
    "base-stop",
    "a store that meets another base, with base=stop",
    recorded(older, "cow_label=store backstore=base=stop"),
  ],
  [
    "base-volatile-required",
    "a store that meets another base, with base=volatile and required",
    recorded(older, "cow_label=store backstore=base=volatile,required"),
  ],
  [
    "base-same",
    "a store that meets its own base, with base=stop",
    recorded({}, "cow_label=store backstore=base=stop"),
  ],
  [
    "older-directory",
    "a new directory beside that of an older release",
    { store: found(disk, { others: ["persistent_RESCUE904/x86_64"] }) },
  ],
  [
    "older-directories",
    "a new directory beside several of other media",
    { store: found(disk, { others: ["persistent_RESCUE904/x86_64", "persistent_my own/x86_64"] }) },
  ],
  [
    "older-directory-named",
    "a new directory that was asked for by name beside another",
    {
      commandLine: "cow_label=store cow_directory=persistent_RESCUE1100/x86_64",
      store: found(disk, { others: ["persistent_RESCUE904/x86_64"] }),
    },
  ],
  ["readonly", "backstore=readonly", { commandLine: "cow_label=store backstore=readonly" }],
  [
    "readonly-new",
    "backstore=readonly with a store that is not there yet",
    { commandLine: "cow_label=store backstore=readonly", store: found(disk) },
  ],
  ["cow-flags", "cow_flags", { commandLine: "cow_label=store cow_flags=noatime,commit=60,x-a" }],
  ["cow-flags-ro", "cow_flags=ro", { commandLine: "cow_label=store cow_flags=ro,noatime" }],
  [
    "hibernated",
    "a hibernated swap on the store's disk",
    {
      store: found(third, { ...used, traces: plain }),
      devices: [
        partition("/dev/sda", 2, { type: "swsuspend", unclean: ["suspended"] }),
        third,
        device("/dev/sdc", { type: "vfat", label: "RESCUE1100" }),
      ],
      medium: medium(device("/dev/sdc", { type: "vfat", label: "RESCUE1100" })),
    },
  ],
  [
    "damaged",
    "a store on a file system with errors",
    {
      store: found(device("/dev/sdb", { type: "ext4", label: "store", unclean: ["errors"] }), {
        ...used,
        traces: plain,
      }),
    },
  ],
  [
    "required-missing",
    "backstore=required with a label that nothing has",
    {
      commandLine: "cow_label=store backstore=required",
      store: missing('there is no device labelled "store"'),
    },
  ],
  [
    "required-found",
    "backstore=required with a store",
    { commandLine: "cow_label=store backstore=required" },
  ],
  [
    "required-off",
    "backstore=off,required",
    {
      commandLine: "backstore=off,required",
      store: missing("backstore=off asks for none"),
    },
  ],
  ["volatile", "no store asked for", { commandLine: "", store: missing("no store was asked for") }],
  [
    "spacesize",
    "memory of a size that was asked for",
    {
      commandLine: "cow_spacesize=256M",
      store: missing("no store was asked for"),
    },
  ],
  [
    "directory-refused",
    "a directory with something else in it",
    { store: found(disk, { directory: "home", names: ["lost+found", "photos"] }) },
  ],
  [
    "first-generation",
    "a directory with a store of the first generation",
    { store: found(disk, { directory: "", names: [".wh..wh.aufs", "etc"] }) },
  ],
  [
    "link-refused",
    "a directory behind a link",
    { store: found(disk, { directory: "a/b", obstacle: "a" }) },
  ],
  [
    "medium-ext4-journal",
    "a medium on ext4 with a pending journal",
    {
      medium: medium(device("/dev/sda", { type: "ext4", label: "R", unclean: ["journal"] })),
      devices: [device("/dev/sda", { type: "ext4", label: "R", unclean: ["journal"] })],
      commandLine: "",
      store: missing("no store was asked for"),
    },
  ],
  [
    "medium-ext4-journal-with-partitions",
    "a medium on the whole of a disk that has partitions, with a pending journal",
    {
      medium: medium(device("/dev/sda", { type: "ext4", label: "R", unclean: ["journal"] })),
      devices: [device("/dev/sda", { type: "ext4", label: "R" }), partition("/dev/sda", 1)],
      commandLine: "",
      store: missing("no store was asked for"),
    },
  ],
  [
    "medium-xfs",
    "a medium on xfs",
    {
      medium: medium(onXfs),
      devices: [device("/dev/sda"), onXfs, disk],
    },
  ],
  [
    "store-xfs-readonly",
    "a store on xfs that is not to be changed",
    {
      commandLine: "cow_label=store backstore=readonly",
      store: found(device("/dev/sdb", { type: "xfs", label: "store" }), { ...used, traces: plain }),
    },
  ],
  [
    "old-kernel",
    "a kernel whose overlay knows less",
    { overlayParameters: ["index", "redirect_dir"] },
  ],
  [
    "hostile-names",
    "names that would forge a line",
    {
      medium: medium(stick, {
        layout: { name: "archiso", image: "a\n\u001b[2J/x86_64/airootfs.sfs", nested: [] },
      }),
      store: found(device("/dev/sdb", { type: "ext4", label: 'x"\n\u001b]0;' }), {
        ...used,
        traces: plain,
        directory: "my store, or: yours\\",
      }),
      commandLine: 'cow_label=store "cow_flags=a\u001b[2J"',
    },
  ],
  ["file-on-the-medium", "a file store on the medium", fileGiven(stick)],
  [
    "file-new",
    "a file store that was not used yet",
    fileGiven(stick, {}, { names: ["lost+found"] }),
  ],
  [
    "file-elsewhere",
    "a file store with xfs on another stick",
    fileGiven(exfat, { path: "/stores/my.bs", type: "xfs", allocatedBytes: 300 << 20 }),
  ],
  [
    "file-sparse-dirty",
    "a sparse file store on a vfat that was not unmounted",
    fileGiven(partition("/dev/sdd", 1, { type: "vfat", label: "data", unclean: ["dirty"] }), {
      allocatedBytes: 100 << 20,
    }),
  ],
  [
    "cut-off",
    "a store on an xfs that was seen without its log",
    {
      store: found(device("/dev/sdb", { type: "xfs", label: "store" }), {
        ...used,
        traces: plain,
        ignoredJournal: true,
      }),
    },
  ],
  [
    "damaged-required",
    "a store on a file system with errors, and backstore=required",
    {
      commandLine: "cow_label=store backstore=required",
      store: found(device("/dev/sdb", { type: "ext4", label: "store", unclean: ["errors"] }), {
        ...used,
        traces: plain,
      }),
    },
  ],
  [
    "file-inner-journal",
    "a file store that was not unmounted",
    fileGiven(stick, { unclean: ["journal"] }),
  ],
  [
    "overlay-lacking",
    "a store that was written with redirects, on a kernel without them",
    {
      store: found(disk, { ...used, traces: { ...plain, redirect: true } }),
      overlayParameters: ["index", "metacopy"],
    },
  ],
  [
    "file-cut-off",
    "a file store whose host was seen without its journal",
    fileGiven(partition("/dev/sdd", 1, { type: "ext4", unclean: ["journal"] }), {
      ignoredJournal: true,
    }),
  ],
  [
    "file-readonly",
    "a file store on the medium that is not to be changed",
    { ...fileGiven(stick, { unclean: ["journal"] }), commandLine: "backstore=readonly" },
  ],
  [
    "file-on-iso",
    "a file store in a hybrid image",
    {
      ...fileGiven(hybrid),
      medium: medium(hybrid),
      devices: [hybrid, partition("/dev/sda", 1, {}), partition("/dev/sda", 2, {}), third],
    },
  ],
  [
    "file-host-errors",
    "a file store on a host with errors",
    fileGiven(partition("/dev/sdd", 1, { type: "vfat", unclean: ["errors"] })),
  ],
  ["file-inner-errors", "a file store with errors", fileGiven(exfat, { unclean: ["errors"] })],
  [
    "file-ntfs-dirty",
    "a file store on an ntfs that Windows did not unmount",
    fileGiven(partition("/dev/sdd", 1, { type: "ntfs", unclean: ["dirty"] })),
  ],
  [
    "file-ntfs-hibernated",
    "a file store beside a hibernated Windows",
    {
      ...fileGiven(exfat),
      devices: [stick, partition("/dev/sdc", 2, { type: "ntfs", unclean: ["hibernated"] }), exfat],
    },
  ],
  [
    "file-half-resized",
    "a file store whose size was being changed",
    fileGiven(exfat, { intent: torn }),
  ],
  [
    "file-growth-begun",
    "a file store whose growing was cut off in its beginning",
    fileGiven(exfat, { intent: begun }),
  ],
  [
    "file-resize-by-others",
    "a file store whose size another version was changing",
    fileGiven(exfat, { intent: "{}" }),
  ],
  [
    "file-first-generation",
    "a file store of the first generation",
    fileGiven(stick, { type: "ext3" }, { names: [".wh..wh.aufs"] }),
  ],
  [
    "file-required",
    "a file store with backstore=required",
    { ...fileGiven(exfat), commandLine: "backstore=required" },
  ],
  [
    "file-without-cow-flags",
    "a file store and cow_flags, which are for directory stores",
    { ...fileGiven(exfat), commandLine: "cow_flags=ro,commit=60" },
  ],
  ["addon", "a root that is taken over, with a store on another disk", { live }],
  [
    "addon-archiso",
    "a root that archiso has assembled, with a module of SystemRescue",
    { live: archiso },
  ],
  [
    "addon-archiso-readonly",
    "a root that archiso has assembled, with a store that is only read",
    { commandLine: "cow_label=store backstore=readonly", live: archiso },
  ],
  [
    "addon-medium",
    "a root that is taken over, with a file store on the medium that is mounted read-only",
    { ...fileGiven(stick), live },
  ],
  [
    "next",
    "a store in which an earlier session has put something back",
    { store: found(disk, { ...used, record: JSON.stringify({ ...JSON.parse(record), next }) }) },
  ],
  [
    "addon-redirects",
    "a root that is taken over, with a module above its base, and redirects in what it has changed",
    {
      live: {
        ...live,
        layers: ["/run/module", ...live.layers],
        traces: { ...plain, redirect: true },
        medium: undefined,
      },
    },
  ],
  [
    "addon-unnamed",
    "a root that is taken over, with layers whose names end with the initramfs",
    {
      live: {
        ...live,
        family: "casper",
        layers: ["/module.squashfs", "/root/rofs"],
        upper: "/cow/upper",
        unnamed: ["/cow/upper", "/module.squashfs", "/root/rofs"],
      },
    },
  ],
  [
    "addon-volatile",
    "a root that is left as it is",
    { commandLine: "backstore=off", store: missing("backstore=off"), live },
  ],
];

const withFallbacks = [
  "addon-medium",
  "damaged",
  "file-on-the-medium",
  "file-elsewhere",
  "label",
  "new",
  "on-the-medium",
  "hybrid-whole-disk",
  "required-found",
];

function renderPlan(plan: Plan<SessionResult>): string {
  const steps = plan.steps.map((step) => {
    const note = step.optional ? " (if possible)" : "";
    return `  ${describe(step)}${note}`;
  });
  return [plan.title, ...steps, ...renderResult(plan.result), ""].join("\n");
}

function renderResult({ session, reason, store, findings }: SessionResult): string[] {
  return [
    `= ${session}${reason === undefined ? "" : ` (${reason})`}`,
    ...(store ? [`  on ${store.device}, ${store.new ? "new" : "used"}, ${store.overlay}`] : []),
    ...findings.map((finding) => `  ! ${finding}`),
  ];
}

function renderFallbacks({ otherwise }: Plan<SessionResult>, isWhole: boolean): string[] {
  if (!otherwise) return [];
  const shown = isWhole
    ? renderPlan(otherwise)
    : [otherwise.title, ...renderResult(otherwise.result), ""].join("\n");
  return ["If a step fails:", shown, ...renderFallbacks(otherwise, isWhole)];
}

group("planSession() plans", () => {
  for (const [file, title, given] of cases) {
    test(`planSession() plans ${title}`, async () => {
      const path = join(import.meta.dirname, `../../golden/plans/${file}.txt`);
      const plan = planSession(facts(given));
      const fallbacks = renderFallbacks(plan, withFallbacks.includes(file));
      const text = [title, "", renderPlan(plan), ...fallbacks].join("\n");
      await expect(text).toMatchFileSnapshot(path);
    });
  }

  test("planSession() writes a record of the overlay options that a store without one is used with", () => {
    const { steps } = planSession(
      facts({ store: found(disk, { ...used, traces: { ...plain, metacopy: true } }) }),
    );
    const [written] = steps.flatMap((step) => (step.do === "write-record" ? [step] : []));
    expect(written?.path).toMatch(/\/persistent_RESCUE1100\/x86_64\/backstore\.json$/);
    expect(JSON.parse(written!.text)).toEqual({
      format: 1,
      id: "5f0c2a1e-93d4-4b7a-8c11-6f2d9e4b7a10",
      created: "2026-01-31T10:20:30.000Z",
      tool: "backstore 0.0.0",
      base: { label: "RESCUE1100", image: "sysresccd/x86_64/airootfs.sfs" },
      session: {
        state: "open",
        boot: "b1c5a1f0-2f0e-4a43-8b8e-6d2b9d1f3c77",
        machine: "ACME Box 3 [0a1b2c3d]",
        count: 1,
        started: "2026-01-31T10:20:30.000Z",
      },
      overlay: "index=off,metacopy=on,xino=off,redirect_dir=on",
      boots: [{ started: "2026-01-31T10:20:30.000Z", session: "persistent", phases: {} }],
    });
  });

  test("planSession() begins the ring of boots anew where it cannot be read, and says so", () => {
    const text = JSON.parse(record);
    const broken = { ...text, boots: [{ started: "\u001b[2J" }] };
    const { steps, result } = planSession(
      facts({ store: found(disk, { ...used, record: JSON.stringify(broken) }) }),
    );
    expect(result.session).toBe("persistent");
    expect(result.findings).toContain(
      'The earlier boots in the backstore.json of the store "persistent_RESCUE1100/x86_64" of /dev/sdb (labelled "store") are ignored: number 1 is invalid at "started"',
    );
    const [written] = steps.flatMap((step) => (step.do === "write-record" ? [step] : []));
    expect(JSON.parse(written!.text).boots).toMatchObject([
      { started: "2026-01-31T10:20:30.000Z", note: result.findings[0] },
    ]);
  });

  test("planSession() removes from the record what is done, and nothing else", () => {
    const other = { do: "checkpoint" };
    const text = JSON.stringify({ ...JSON.parse(record), next: [other, ...next] });
    const { steps } = planSession(facts({ store: found(disk, { ...used, record: text }) }));
    const [written] = steps.flatMap((step) => (step.do === "write-record" ? [step] : []));
    expect(JSON.parse(written!.text).next).toEqual([other]);
    const kinds = steps.map((step) => step.do);
    expect(kinds.indexOf("take-out-same")).toBeLessThan(kinds.indexOf("mount-overlay"));
  });

  test("planSession() gives the overlay only what the kernel knows", () => {
    const { steps } = planSession(facts({ overlayParameters: [] }));
    expect(steps.find((step) => step.do === "mount-overlay")).toMatchObject({ options: "" });
    expect(formatSettings(newStoreSettings, [])).toBe("");
  });
});
