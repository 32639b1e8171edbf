// Runs one scenario: makes its disks, boots it as often as it says, and collects what is not as
// expected, including changes to disks that nobody may write to.

import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readSync, rmSync } from "node:fs";
import { join, posix } from "node:path";
import type { BootResult, GuestRequest } from "./boot-request.ts";
import { claimDirectory } from "./claim.ts";
import { compareBoot, placeExpected } from "./compare.ts";
import { findPartition, readStoreFile } from "./disks/stores.ts";
import { executeFirmwareBoot } from "./firmware.ts";
import { writeActions } from "./guest/actions.ts";
import { makeDebianInitramfs } from "./guest/debian-initramfs.ts";
import { makeInitramfs } from "./guest/initramfs.ts";
import { discoverStableKernel, type Kernel } from "./guest/kernel.ts";
import { makeMkinitcpioInitramfs } from "./guest/mkinitcpio.ts";
import { inTurn } from "./in-turn.ts";
import { chooseLane, executeIn, kernelOf, type Lane } from "./lane.ts";
import type { Bus, Disk } from "./machine.ts";
import { findHardwareNeed } from "./needs.ts";
import { makeNodes, placeNodes } from "./nodes.ts";
import { type Boot, type Place, placeAt, type Scenario } from "./scenario.ts";

const bootLimitMs = 120_000;
/** Emulated firmware and its boot loader take as long as the boot that follows. */
const firmwareLimitMs = 600_000;

/**
 * Returns what is wrong, each as a sentence; empty if all is as the scenario expects. Logs stay
 * where the run keeps them, in a directory named `directory`. What needs hardware runs in QEMU,
 * whichever lane is requested.
 */
export async function runScenario(
  scenario: Scenario,
  wanted: Lane,
  directory = scenario.name,
): Promise<string[]> {
  const place = placeAt(join(claimDirectory(), directory));
  rmSync(place.directory, { recursive: true, force: true });
  mkdirSync(place.directory, { recursive: true });
  const disks = scenario.disks(place);
  const lane = findHardwareNeed({ ...scenario, disks }) === undefined ? wanted : "qemu";
  const digests = new Map<string, string>();
  for (const [index, boot] of scenario.boots.entries()) {
    if (boot.before !== undefined) {
      const { before } = boot;
      await inTurn(() => before(place), chooseLane());
      digests.clear();
    }
    const writes = boot.writes ?? scenario.writes ?? ["store"];
    const untouched = disks.filter(({ name }) => !writes.includes(name));
    for (const { name, file } of untouched)
      if (!digests.has(name)) digests.set(name, digestFile(file));
    const run = { scenario, boot, index, disks, place, lane };
    const findings = await inTurn(() => runBoot(run), lane);
    for (const { name, file } of untouched)
      if (digestFile(file) !== digests.get(name))
        findings.push(`the disk "${name}" was written to`);
    for (const name of writes) digests.delete(name);
    if (findings.length > 0) return [`in boot ${index + 1}:`, ...findings];
  }
  const { after } = scenario;
  if (after !== undefined) await inTurn(() => after(place), chooseLane());
  // The disks of a failed scenario are kept for inspection; images of good ones are large and
  // useless.
  for (const { file } of disks) rmSync(file);
  return [];
}

interface Run {
  readonly scenario: Scenario;
  readonly boot: Boot;
  readonly index: number;
  readonly disks: readonly Disk[];
  readonly place: Place;
  readonly lane: Lane;
}

async function runBoot({ scenario, boot, index, disks: all, place, lane }: Run): Promise<string[]> {
  const before = scenario.boots.slice(0, index).map(({ expect }) => expect);
  const disks = all.map((disk) => ({ ...disk, ...ofBus(boot.buses?.[disk.name]) }));
  const find = makeNodes(lane, disks);
  const expected = placeExpected(boot.expect, find);
  const actions = place.file("actions.img");
  writeActions(actions, placeNodes(boot.actions ?? "", find));
  const cmdline = [scenario.cmdline, boot.cmdline].filter(Boolean).join(" ");
  const request = {
    directory: join(place.directory, `boot-${index + 1}`),
    disks: [...disks, { name: "actions", file: actions, readonly: true }],
    memoryMegabytes: scenario.memoryMegabytes ?? 512,
    timeoutMs: boot.firmware === undefined ? bootLimitMs : firmwareLimitMs,
    ...(boot.hands === undefined ? {} : { hands: boot.hands }),
    ...(scenario.oemStrings === undefined ? {} : { oemStrings: scenario.oemStrings }),
    ...(boot.keyboard === undefined ? {} : { keyboard: boot.keyboard }),
    // A boot that stops and waits for a person is over once it has reported why.
    isOver: (console: string) =>
      expected.session === "stopped" &&
      (expected.console ?? []).every((pattern) => pattern.test(console)),
  };
  const result = await (boot.firmware === undefined
    ? executeKernel({ scenario, boot, lane, cmdline: placeNodes(cmdline, find) }, request)
    : executeFirmwareBoot(boot.firmware, request));
  return [...compareBoot(expected, result, { place, before, find }), ...compareUpper(boot, disks)];
}

function ofBus(bus: Bus | undefined): { readonly bus?: Bus } {
  return bus === undefined ? {} : { bus };
}

interface KernelBoot extends Pick<Run, "scenario" | "boot" | "lane"> {
  readonly cmdline: string;
}

function executeKernel(
  { scenario, boot, lane, cmdline }: KernelBoot,
  request: GuestRequest,
): Promise<BootResult> {
  const kernel = scenario.kernel === undefined ? kernelOf(lane) : discoverStableKernel();
  const initramfs = chooseInitramfs(scenario, boot, kernel);
  return executeIn(lane, { ...request, kernel, initramfs, cmdline });
}

function chooseInitramfs(scenario: Scenario, boot: Boot, kernel: Kernel): string {
  const initramfs = boot.initramfs ?? scenario.initramfs;
  if (initramfs === "mkinitcpio") return makeMkinitcpioInitramfs(kernel);
  if (initramfs !== undefined) return makeDebianInitramfs(initramfs, kernel);
  return makeInitramfs(kernel, [
    ...(scenario.defaults === undefined ? [] : ["--default", scenario.defaults]),
    ...(scenario.lacksCheckers ? ["--no-checkers"] : []),
  ]);
}

// The guest may be wrong about where its files are; the disk is not.
function compareUpper(
  { expect: { store, directory, upper, file } }: Boot,
  disks: readonly Disk[],
): string[] {
  if (store === undefined || directory === undefined || upper === undefined) return [];
  const [name, partition] = store.split(":");
  const image = disks.find((disk) => disk.name === name)!;
  const offset = partition === undefined ? 0 : findPartition(image.file, Number(partition));
  return Object.entries(upper).flatMap(([name, text]) => {
    const path = posix.join(directory, "upperdir", name);
    const found = readStoreFile({ image: image.file, offset, path, file });
    return found === text
      ? []
      : [`on the disk ${path} is ${JSON.stringify(found)}, not ${JSON.stringify(text)}`];
  });
}

/** Returns a text that differs if a byte of the file does. */
export function digestFile(file: string): string {
  const hash = createHash("sha256");
  const buffer = Buffer.alloc(1024 * 1024);
  const descriptor = openSync(file, "r");
  for (
    let length = readSync(descriptor, buffer);
    length > 0;
    length = readSync(descriptor, buffer)
  ) {
    hash.update(buffer.subarray(0, length));
  }
  closeSync(descriptor);
  return hash.digest("hex");
}
