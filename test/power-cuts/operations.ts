// "create" and "grow" as guests do them, recorded, and what the next run does after each power
// failure. vfat and exfat are inspected by a guest whose kernel supports them; ext4 by the kernel
// of this machine.

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { claimDirectory } from "../machines/claim.ts";
import { writeActions } from "../machines/guest/actions.ts";
import { binary, makeInitramfs } from "../machines/guest/initramfs.ts";
import { discoverKernel } from "../machines/guest/kernel.ts";
import { toolTree } from "../machines/guest/tool-base.ts";
import { unpackKernel } from "../machines/guest/vmlinux.ts";
import { chooseLane, kernelOf } from "../machines/lane.ts";
import { makeNodes } from "../machines/nodes.ts";
import type { CutPoint } from "./cut-points.ts";
import { type HostType, makeKeptStore, makeToolMedium, writeCutHost } from "./hosts.ts";
import { judgeDisks } from "./judge.ts";
import { runIsolated } from "./judge-session.ts";
import { type MarkedDisk, markFunctions, readMark, writeMarkedDisk } from "./marks.ts";
import { type Recording, recordBoot } from "./record.ts";
import { Replay } from "./replay.ts";

/** One of them. */
export interface Operation {
  readonly name: string;
  readonly title: string;
  readonly operation: "create" | "grow";
  readonly type: HostType;
  /** Whether the store is that of the session, on the stick that it was booted from. */
  readonly isUsed?: true;
  readonly points: number;
  /** Whether the disk keeps the order of writes; exfat relies on that (docs/decisions/0022). */
  readonly keepsOrder?: true;
}

/** In megabytes: a new store has the first, a growing one goes from the first to the second. */
export const sizes = [12, 16] as const;

function guest(directory: string) {
  const kernel = discoverKernel();
  return {
    directory,
    kernel: unpackKernel(kernel.vmlinuz),
    initramfs: makeInitramfs(kernel),
  };
}

function toolMedium() {
  return { name: "medium", file: makeToolMedium(), readonly: true };
}

/** Records a guest that does it once. */
export async function recordOperation({ name, operation, type, isUsed }: Operation) {
  const directory = join(claimDirectory(), "cuts", name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const host = join(directory, "host.img");
  const [before, after] = sizes;
  const store = { "sysrcd.bs": { file: makeKeptStore(before) } };
  writeCutHost(host, {
    type,
    spareMegabytes: 24,
    tree: {
      ...(operation === "grow" ? store : {}),
      ...(isUsed ? toolTree() : {}),
    },
  });
  const file = join(directory, "store.img");
  const disk = writeMarkedDisk(file, host);
  const actions = join(directory, "actions.img");
  const at = isUsed ? "/run/archiso/bootmnt" : "/run/at";
  const words = `backstore ${operation} ${at} ${operation === "create" ? before : after}`;
  writeActions(
    actions,
    [
      markFunctions,
      "load-modules",
      ...(isUsed ? [] : ["mkdir /run/at", `mount -t ${type} \${disk}1 /run/at`]),
      "mark 0",
      `say_done command ${words}`,
      "mark 1",
    ].join("\n"),
  );
  const recording = await recordBoot(
    {
      ...guest(directory),
      cmdline: isUsed ? "" : "backstore=off",
      disks: [
        ...(isUsed ? [] : [toolMedium()]),
        { name: "store", file },
        { name: "actions", file: actions, readonly: true },
      ],
    },
    { name: "store", file },
  );
  expect(recording.result.facts.text("done", "command")).toMatch(/^status 0$/m);
  return { recording, disk };
}

interface Judging {
  readonly recording: Recording;
  readonly disk: MarkedDisk;
  readonly points: readonly CutPoint[];
  /** A directory for the disk. */
  readonly scratch: string;
}

/**
 * Starts the next run at each point, and returns its result, with the number that had been marked
 * by then. Points at which the disk has the same contents are judged once.
 */
export async function judgeOperation(one: Operation, judging: Judging) {
  const { recording, points } = judging;
  const replay = new Replay(recording.before, recording.log, recording.entries);
  const digests = points.map((point) => replay.digestAt(point));
  const distinct = points.filter((_, index) => digests.indexOf(digests[index]!) === index);
  const judged = await judgeDistinct(one, { ...judging, points: distinct });
  const places = [...new Set(digests)];
  const ofEach = digests.map((digest) => judged[places.indexOf(digest)]!);
  return { replay, judged: ofEach };
}

/** What the next run came to, as the script says it, and the number that had been marked. */
interface Judged {
  readonly answer: string;
  readonly mark: number | undefined;
}

async function judgeDistinct(
  one: Operation,
  { recording, disk, points, scratch }: Judging,
): Promise<Judged[]> {
  const replay = new Replay(recording.before, recording.log, recording.entries);
  const image = join(scratch, `${one.name}.img`);
  const marks: (number | undefined)[] = [];
  const put = (number: number) => {
    replay.writeAt(points[number - 1]!, image);
    marks.push(readMark(image, disk));
  };
  const numbers = one.operation === "create" ? [sizes[0]] : sizes;
  const script = (program: string) =>
    [
      `set -- ${["$1", one.type, ...numbers, program].join(" ")}`,
      "cat > /run/judge-common <<'COMMON_ENDS'",
      readFileSync("test/power-cuts/judge-common.sh", "utf8"),
      "COMMON_ENDS",
      readFileSync(`test/power-cuts/judge-${one.operation}.sh`, "utf8"),
    ].join("\n");
  const answers: string[] = [];
  if (one.type === "ext4") {
    for (const number of points.keys()) {
      put(number + 1);
      answers.push(await judgeHere(script(binary), { image, disk }));
    }
    replay.close();
    return answers.map((answer, index) => ({ answer, mark: marks[index] }));
  }
  // User Mode Linux has no exfat.
  const lane = one.type === "exfat" ? "qemu" : chooseLane();
  const kernel = kernelOf(lane);
  const disks = [toolMedium(), { name: "judged", file: image }];
  const request = {
    directory: join(recording.directory, "judge"),
    kernel,
    initramfs: makeInitramfs(kernel),
    cmdline: `backstore=off archisodevice=${makeNodes(lane, disks)("medium")}`,
    disks,
    timeoutMs: 1_000_000,
  };
  const inGuest = `own_kernel=yes\nload-modules\nset -- \${1}1\n${script("backstore")}`;
  const said = await judgeDisks({ request, lane, count: points.length, put, script: inGuest });
  replay.close();
  return said.map((answer, index) => ({ answer, mark: marks[index] }));
}

/** On this machine, in a private mount namespace, with a /run of its own. */
function judgeHere(
  script: string,
  { image, disk: { content } }: { image: string; disk: MarkedDisk },
): Promise<string> {
  const attach = `loop=$(losetup --find --show --offset ${content.offset} --sizelimit ${content.bytes} ${image})`;
  return runIsolated(
    ...["sh", "-c"],
    `mount -t tmpfs run /run; ${attach}; set -- $loop\n{\n${script}\n} 2>&1; losetup --detach $loop`,
  );
}
