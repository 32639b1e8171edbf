// The sessions that are recorded, each from its boot to its end, and the boots that follow a power
// failure in a guest.

import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { claimDirectory } from "../machines/claim.ts";
import { writeHost } from "../machines/disks/hosts.ts";
import { makeLayout } from "../machines/disks/layouts.ts";
import { makeNewStore } from "../machines/disks/store-files.ts";
import { writeStore } from "../machines/disks/stores.ts";
import { writeActions } from "../machines/guest/actions.ts";
import { makeInitramfs } from "../machines/guest/initramfs.ts";
import { discoverKernel } from "../machines/guest/kernel.ts";
import { unpackKernel } from "../machines/guest/vmlinux.ts";
import { chooseLane, executeIn, kernelOf } from "../machines/lane.ts";
import type { JudgedSession } from "./judge-session.ts";
import { type MarkedDisk, writeMarkedDisk } from "./marks.ts";
import { type Recording, recordBoot } from "./record.ts";
import { digestText, formatWorkload, listFiles } from "./workload.ts";

/** A session that is recorded. */
export interface Session {
  readonly name: string;
  readonly title: string;
  /** The type of the store's file system, or of its host. */
  readonly type: "ext4" | "xfs" | "btrfs";
  /** The type of the file system in the store, for a file store. */
  readonly inner?: "ext4";
  readonly commandLine: string;
  /**
   * The minimum number of power failures, and how many of them are followed by a boot of a guest.
   */
  readonly points: number;
  readonly boots: number;
}

/** A recorded session. */
export interface RecordedSession {
  readonly session: Session;
  readonly disk: MarkedDisk;
  readonly recording: Recording;
}

/** The path of the store's file on its host. */
export const storeFile = "/sysrcd.bs";

/** Makes a medium that the kernel of the machine that runs the tests can mount as well. */
export function rescueMedium(): string {
  return makeLayout("systemrescue-ext4");
}

// As systemd ends a session: /run/initramfs becomes the root, and only the program there runs.
const end = `
close_port
mount --bind /run/initramfs /run/initramfs
cd /run/initramfs
mkdir -p oldroot
for each in dev sys proc run; do mkdir -p $each; mount --bind /$each $each; done
pivot_root . oldroot
exec chroot . /shutdown poweroff < /dev/console > /dev/console 2>&1
`;

/** Records a session that does the workload and ends. */
export async function recordSession(session: Session): Promise<RecordedSession> {
  const { name, type, inner } = session;
  const directory = join(claimDirectory(), "cuts", name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const partition = join(directory, "partition.img");
  if (inner === undefined) writeStore({ type, label: "store", path: partition });
  else writeHost({ path: partition, type, tree: { [storeFile]: { file: makeNewStore(inner) } } });
  const store = join(directory, "store.img");
  const disk = writeMarkedDisk(store, partition);
  const kernel = discoverKernel();
  const request = formatRequest(session, directory, {
    store,
    script: `${formatWorkload()}\n${end}`,
  });
  const recording = await recordBoot(
    { ...request, kernel: unpackKernel(kernel.vmlinuz), initramfs: makeInitramfs(kernel) },
    { name: "store", file: store },
  );
  return { session, disk, recording };
}

/**
 * Boots a guest on a disk that a power failure left, and returns the result; the disk is changed.
 */
export async function bootAfterwards(
  { session, recording }: RecordedSession,
  { image, number }: { image: string; number: number },
): Promise<JudgedSession> {
  const directory = join(recording.directory, `boot-${number}`);
  mkdirSync(directory, { recursive: true });
  const script = `say_files ${listFiles().join(" ")}`;
  const lane = chooseLane();
  const kernel = kernelOf(lane);
  const result = await executeIn(lane, {
    ...formatRequest(session, directory, { store: image, script }),
    kernel,
    initramfs: makeInitramfs(kernel),
  });
  const { facts } = result;
  const boot = facts.text("boot");
  return {
    boot: boot === undefined ? undefined : JSON.parse(boot),
    files: new Map(
      facts.names("file").map((path) => [path, digestText(facts.text("file", path) ?? "")]),
    ),
    said: [],
    complaints: result.finished ? [] : [`the guest ${result.ending}`],
  };
}

function formatRequest(
  { commandLine }: Session,
  directory: string,
  { store, script }: { store: string; script: string },
) {
  const actions = join(directory, "actions.img");
  writeActions(actions, script);
  const medium = join(directory, "medium.img");
  copyFileSync(rescueMedium(), medium);
  return {
    directory,
    cmdline: commandLine,
    disks: [
      { name: "medium", file: medium, readonly: true },
      { name: "store", file: store },
      { name: "actions", file: actions, readonly: true },
    ],
  };
}
