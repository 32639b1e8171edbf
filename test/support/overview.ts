// The facts of a report: a session with changes, boots and disks, some of them hostile.

import type { Change } from "../../src/core/changes/change.ts";
import type { Device } from "../../src/core/devices/device.ts";
import { unknownDevice } from "../../src/core/devices/device.ts";
import { growChangeTree } from "../../src/core/overview/change-tree.ts";
import {
  composeOverview,
  type Overview,
  type OverviewFacts,
} from "../../src/core/overview/overview.ts";
import type { BootRecord } from "../../src/core/status/boot-record.ts";
import type { PastBoot } from "../../src/core/stores/past-boots.ts";

/** A name that wants to be more than a text. */
export const hostile = `<script>document.title="taken"</script><img src="http://127.0.0.1:9/x">"'&\u202e`;

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

/** A change with what matters in a drawing. */
export function change(path: string, kind: Change["kind"], bytes: number): Change {
  const length = { bytes: kind === "deleted" ? 0 : bytes, baseBytes: kind === "added" ? 0 : bytes };
  return { path, kind, type: "file", ...length, modified: undefined, from: undefined };
}

/** Makes the changes of a session from a list. */
export function seeChanges(changes: readonly Change[]): Overview["changes"] {
  const { add, end, sums } = growChangeTree();
  for (const one of changes) add(one);
  return { tree: end(), sums, problems: 0, isInMemory: false };
}

/** Changes of all groups and sizes, files before subdirectories. */
export const someChanges: readonly Change[] = [
  change("/etc/hosts", "modified", 4096),
  change("/etc/motd", "same", 2 * mebibyte),
  change("/etc/ssh/ssh_host_key", "added", 2048),
  change("/home/user/notes.txt", "added", 3 * mebibyte),
  change(`/home/user/${hostile.replaceAll("/", "")}`, "added", 40 * mebibyte),
  change("/home/user/pictures/one.jpg", "added", 24 * mebibyte),
  change("/home/user/pictures/two.jpg", "added", 18 * mebibyte),
  ...Array.from({ length: 300 }, (_, index) =>
    change(`/home/user/pictures/small/${index}.jpg`, "added", 1000 + index),
  ),
  change("/usr/bin/tool", "modified", 30 * mebibyte),
  change("/usr/share/doc/large.pdf", "deleted", 22 * mebibyte),
  change("/var/cache/packages/a.deb", "added", 55 * mebibyte),
  change("/var/log/journal", "metadata", 8 * mebibyte),
];

const dayMs = 86_400_000;
const nowMs = Date.parse("2026-03-01T12:00:00Z");
const at = (days: number, ms = 0) => new Date(nowMs - days * dayMs + ms).toISOString();

/** Twenty boots of a store that fills by 20 MiB a day; one was interrupted, one had a doubt. */
export const pastBoots: readonly PastBoot[] = Array.from({ length: 20 }, (_, index) => {
  const days = 19 - index;
  const usedBytes = (400 - 20 * days) * mebibyte;
  return {
    started: at(days, -60_000),
    session: "persistent",
    phases: { before: 1200 + 10 * index, medium: 300, store: 80, mounting: index === 7 ? 900 : 40 },
    totalBytes: gibibyte,
    usedBytes,
    ...(index === 12 ? { note: `The base is "${hostile}"` } : {}),
    ...(index === 7 || days === 0 ? {} : { ended: at(days), endUsedBytes: usedBytes + mebibyte }),
  };
});

const superblock = (type: string, label: string | undefined) => ({
  type,
  label,
  uuid: undefined,
  bytes: undefined,
  unclean: [],
});

function device(path: string, bytes: number, more: Partial<Device> = {}): Device {
  return { ...unknownDevice(path, bytes), ...more };
}

/** A stick with the medium and the store, and a disk with a hostile label. */
export const someDisks: readonly Device[] = [
  device("/dev/sda", 8 * gibibyte, { removable: true, model: "Stick <b>" }),
  device("/dev/sda1", 2 * gibibyte, {
    ...{ disk: "/dev/sda", partition: 1, start: mebibyte },
    superblock: superblock("vfat", "LIVE"),
  }),
  device("/dev/sda2", gibibyte, {
    ...{ disk: "/dev/sda", partition: 2, start: 2 * gibibyte + mebibyte },
    superblock: superblock("ext4", "store"),
  }),
  device("/dev/sdb", 500 * gibibyte, { superblock: superblock("ext4", hostile) }),
];

/** The verdict of a boot on the store of the stick. */
export const someBoot: BootRecord = {
  version: "0.1.0",
  session: "persistent",
  store: { kind: "directory", device: "/dev/sda2", type: "ext4", label: "store", directory: "p" },
  medium: { device: "/dev/sda1", label: "LIVE", layout: "archiso", image: "base.sfs" },
  problems: [],
  candidates: [
    { device: "/dev/sda1", accepted: false, reason: 'its label is "LIVE"' },
    { device: "/dev/sda2", accepted: true, reason: 'it has the label "store"' },
    { device: "/dev/sdb", accepted: false, reason: `its label is "${hostile}"` },
  ],
  times: { started: 1390, medium: 1690, store: 1770, mounted: 1810 },
};

/** Makes facts from those of a good session. */
export function overviewFacts(more: Partial<OverviewFacts> = {}): OverviewFacts {
  return {
    nowMs,
    uptimeMs: 60_000,
    version: "0.1.0",
    state: {
      word: "persistent",
      boot: someBoot,
      findings: [],
      lacksChanges: false,
      room: {
        ...{ totalBytes: gibibyte, usedBytes: 400 * mebibyte },
        ...{ measured: 60_000, type: "ext4" },
      },
    },
    changes: seeChanges(someChanges),
    past: { boots: pastBoots },
    hasThis: true,
    devices: someDisks,
    ...more,
  };
}

/** Makes a report from those facts. */
export function overviewOf(more: Partial<OverviewFacts> = {}): Overview {
  return composeOverview(overviewFacts(more));
}
