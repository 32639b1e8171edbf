// Boots to the session's init, in turns on one machine: how long the kernel had been running then,
// and how much of that a processor had worked. With QEMU's clock that counts instructions a
// nanosecond is one, so the figure does not depend on what else this machine does.

import { mkdirSync, rmSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { makeLiveSystem } from "../scripts/live-system.ts";
import type { BootResult } from "../test/machines/boot-request.ts";
import { writeHost } from "../test/machines/disks/hosts.ts";
import { makeMedium, type Tree, writeTree } from "../test/machines/disks/media.ts";
import { writeStore } from "../test/machines/disks/stores.ts";
import { withTemporary } from "../test/machines/guest/base.ts";
import { unpackKernel } from "../test/machines/guest/vmlinux.ts";
import type { Accelerator, Disk } from "../test/machines/machine.ts";
import { executeBoot, formatTail } from "../test/machines/qemu.ts";
import { type Contender, type Kind, labels, makeContenders } from "./contenders.ts";

/** What is measured. */
export interface BootsRequest {
  readonly directory: string;
  readonly kinds: readonly Kind[];
  /** How many boots of each contender count, by the clock; none leaves a clock out. */
  readonly boots: Readonly<Record<Clock, number>>;
  /** The names of the contenders; undefined for all. */
  readonly who: readonly string[] | undefined;
}

/** The clock of a guest: it counts instructions on one processor, or is this machine's, on two. */
export type Clock = "instructions" | "wall";

/** All boots of one contender with one kind of session. */
export interface Boots {
  readonly name: string;
  readonly kind: Kind;
  readonly initramfsBytes: number;
  /** In turns; each is one boot. */
  readonly seen: Readonly<Record<Clock, readonly Seen[]>>;
}

/** What was seen of one boot. */
export interface Seen {
  /** How long the kernel had been running when the session's init started. */
  readonly uptimeMs: number;
  /** What of it a processor was not idle; with the clock of instructions, millions of them. */
  readonly workMs: number;
  /** Memory in use then. */
  readonly usedBytes: number;
  /** When each phase ended, in order. */
  readonly phases: Readonly<Record<Phase, number>>;
  /** The kernel modules that are loaded then, sorted. */
  readonly modules: readonly string[];
  /** The peak of our process; undefined if it is not ours. */
  readonly peakBytes: number | undefined;
}

/**
 * The end of a phase: the kernel starts the initramfs, the kernel's own file systems are mounted,
 * the medium is found, the store is found, all is mounted, the session's init starts.
 */
export type Phase = (typeof phases)[number];

export const phases = ["kernel", "started", "medium", "store", "mounted", "init"] as const;

const squashfs = "live/filesystem.squashfs";
const mebibyte = 1024 * 1024;

/** Boots all contenders in turns. */
export async function measureBoots(request: BootsRequest): Promise<readonly Boots[]> {
  const live = makeLiveSystem();
  const machine: Bench = {
    kernel: unpackKernel(live.vmlinuz),
    medium: makeMedium("bench", {
      kind: "vfat",
      label: labels.medium,
      tree: { [squashfs]: { file: live.base } },
    }),
    directory: resolve(request.directory),
  };
  const runs = request.kinds.flatMap((kind) =>
    makeContenders(live)
      .filter(({ name }) => request.who?.includes(name) !== false)
      .map((contender) => prepare(contender, kind, machine)),
  );
  for (const clock of ["instructions", "wall"] as const) {
    const rounds = request.boots[clock];
    // The first boot on a store makes its directories; of all, it fills the caches of this machine.
    for (let round = rounds > 0 ? 0 : 1; round <= rounds; round++)
      await inParallel(clock === "instructions" ? availableParallelism() : 1, runs, async (run) => {
        if (round === 0 && clock === "instructions" && run.kind === "volatile") return;
        const seen = await bootOnce(run, clock, machine);
        process.stdout.write(`  ${formatBoot(run, clock, seen)}${round > 0 ? "" : " (warm-up)"}\n`);
        if (round > 0) run.seen[clock].push(seen);
      });
  }
  return runs.map(({ contender: { name, initramfs }, kind, seen }) => ({
    name,
    kind,
    initramfsBytes: statSync(initramfs).size,
    seen,
  }));
}

/** Does work for each item in their order, so many at once. */
async function inParallel<Item>(
  count: number,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: count }, worker));
}

interface Bench {
  readonly kernel: string;
  readonly medium: string;
  readonly directory: string;
}

interface Run {
  readonly contender: Contender;
  readonly kind: Kind;
  readonly directory: string;
  readonly disks: readonly Disk[];
  readonly seen: Record<Clock, Seen[]>;
}

/** Each contender has disks of its own, which begin the same. */
function prepare(contender: Contender, kind: Kind, { medium, directory }: Bench): Run {
  const own = join(directory, `${contender.name.replace(/\W+/g, "-")}-${kind}`);
  mkdirSync(own, { recursive: true });
  const store = join(own, "store.img");
  writeStoreOf(kind, contender.store, store);
  return {
    contender,
    kind,
    directory: own,
    disks: [
      { name: "medium", file: medium, readonly: true },
      { name: "store", file: store },
    ],
    seen: { instructions: [], wall: [] },
  };
}

function writeStoreOf(kind: Kind, contents: Tree, path: string): void {
  const isFile = kind === "file";
  const fileSystem = isFile ? `${path}.ext4` : path;
  withTemporary((temporary) => {
    const root = join(temporary, "contents");
    writeTree(root, contents);
    const label = isFile ? {} : { label: labels.store };
    writeStore({ type: "ext4", bytes: 64 * mebibyte, contents: root, path: fileSystem, ...label });
  });
  if (!isFile) return;
  writeHost({ type: "vfat", label: labels.host, tree: { store: { file: fileSystem } }, path });
  rmSync(fileSystem);
}

async function bootOnce(run: Run, clock: Clock, { kernel }: Bench): Promise<Seen> {
  const { contender, kind, directory, disks } = run;
  const accelerator: { accelerator?: Accelerator } =
    clock === "instructions" ? { accelerator: "icount" } : {};
  const result = await executeBoot({
    directory,
    kernel,
    initramfs: contender.initramfs,
    cmdline: `${contender.arguments[kind]} init=/usr/local/sbin/bench-guest`,
    disks,
    processors: 2,
    timeoutMs: 900_000,
    ...accelerator,
  });
  if (!result.finished)
    throw new Error(
      `The guest of ${contender.name} (${kind}) ${result.ending}:\n${formatTail(result.console)}`,
    );
  checkSession(run, result);
  return readSeen(result);
}

/** A contender that has not kept what it was asked to keep has not done the same work. */
function checkSession({ contender, kind }: Run, { facts }: BootResult): void {
  const mounts = (facts.text("mounts") ?? "").split("\n");
  const isPersistent = mounts.some((line) => /^\S+ \S+ ext4 rw/.test(line));
  const hasOverlay = mounts.some((line) => /^\S+ \/ overlay rw/.test(line));
  if (hasOverlay && isPersistent === (kind !== "volatile")) return;
  throw new Error(`${contender.name} did not make a ${kind} session:\n${mounts.join("\n")}`);
}

function readSeen({ facts }: BootResult): Seen {
  const timers = facts.text("timers") ?? "";
  const sum = (field: string) =>
    [...timers.matchAll(new RegExp(`\\.${field} *: (\\d+) nsecs`, "g"))]
      .map((match) => Number(match[1]))
      .reduce((one, other) => one + other, 0);
  const uptimeNs = Number(/^now at (\d+) nsecs$/m.exec(timers)?.[1]);
  const processors = [...timers.matchAll(/^cpu: /gm)].length;
  const idleNs = sum("idle_sleeptime") + sum("iowait_sleeptime");
  return {
    uptimeMs: uptimeNs / 1e6,
    workMs: (uptimeNs * processors - idleNs) / 1e6,
    usedBytes: readUsed(facts.text("memory") ?? ""),
    phases: readPhases(facts.text("messages") ?? "", facts.text("boot"), uptimeNs / 1e6),
    modules: (facts.text("modules") ?? "")
      .split("\n")
      .flatMap((line) => line.split(" ")[0] || [])
      .sort(),
    peakBytes: facts.text("boot") ? JSON.parse(facts.text("boot") ?? "").peakBytes : undefined,
  };
}

function readUsed(memory: string): number {
  const bytes = (name: string) =>
    Number(new RegExp(`${name}: *(\\d+) kB`).exec(memory)?.[1]) * 1024;
  return bytes("MemTotal") - bytes("MemAvailable");
}

/** Others tell no phases of their own: all of theirs lies between the kernel and init. */
function readPhases(
  messages: string,
  boot: string | undefined,
  init: number,
): Readonly<Record<Phase, number>> {
  const at = (text: string) =>
    Number(new RegExp(`\\[ *([\\d.]+)\\] ${text}`).exec(messages)?.[1]) * 1000;
  const kernel = at("Run /\\S+ as init process");
  const marked = (name: string) => at(`hand-made: ${name}`);
  const told = boot === undefined ? undefined : JSON.parse(boot).times;
  const of = (name: "started" | "medium" | "store" | "mounted"): number =>
    told?.[name] ?? marked(name);
  const middle = {
    started: of("started"),
    medium: of("medium"),
    store: of("store"),
    mounted: of("mounted"),
  };
  return { kernel, ...middle, init };
}

function formatBoot({ contender, kind }: Run, clock: Clock, seen: Seen): string {
  const unit = clock === "instructions" ? "M instructions" : "ms of two processors";
  return `${contender.name}, ${kind}: ${(seen.uptimeMs / 1000).toFixed(2)} s, ${seen.workMs.toFixed(0)} ${unit}`;
}
