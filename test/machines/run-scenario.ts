// Runs one scenario: makes its disks, boots it as often as it says, and collects what is not as expected, the disks
// that nobody may write to included.

import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readSync, rmSync } from "node:fs";
import { join, posix } from "node:path";
import { claimDirectory } from "./claim.ts";
import { compareBoot } from "./compare.ts";
import { findPartition, readStoreFile } from "./disks/stores.ts";
import { writeActions } from "./guest/actions.ts";
import { makeInitramfs } from "./guest/initramfs.ts";
import { discoverKernel, discoverStableKernel } from "./guest/kernel.ts";
import { unpackKernel } from "./guest/vmlinux.ts";
import type { Disk } from "./machine.ts";
import { executeBoot } from "./qemu.ts";
import { type Boot, type Place, placeAt, type Scenario } from "./scenario.ts";

const bootLimitMs = 120_000;

/** Gives what is wrong, each a sentence; empty when all is as the scenario expects. Logs stay where the run keeps them. */
export async function runScenario(scenario: Scenario): Promise<string[]> {
  const place = placeAt(join(claimDirectory(), scenario.name));
  rmSync(place.directory, { recursive: true, force: true });
  mkdirSync(place.directory, { recursive: true });
  const disks = scenario.disks(place);
  const digests = new Map<string, string>();
  for (const [index, boot] of scenario.boots.entries()) {
    const writes = boot.writes ?? scenario.writes ?? ["store"];
    const untouched = disks.filter(({ name }) => !writes.includes(name));
    for (const { name, file } of untouched)
      if (!digests.has(name)) digests.set(name, digestFile(file));
    const findings = await runBoot({ scenario, boot, index, disks, place });
    for (const { name, file } of untouched)
      if (digestFile(file) !== digests.get(name))
        findings.push(`the disk "${name}" was written to`);
    for (const name of writes) digests.delete(name);
    if (findings.length > 0) return [`in boot ${index + 1}:`, ...findings];
  }
  // What a failed scenario wrote is kept to look at; images of good ones are large and tell nothing.
  for (const { file } of disks) rmSync(file);
  return [];
}

interface Run {
  readonly scenario: Scenario;
  readonly boot: Boot;
  readonly index: number;
  readonly disks: readonly Disk[];
  readonly place: Place;
}

async function runBoot({ scenario, boot, index, disks, place }: Run): Promise<string[]> {
  const before = scenario.boots.slice(0, index).map(({ expect }) => expect);
  const kernel = scenario.kernel === undefined ? discoverKernel() : discoverStableKernel();
  const actions = place.file("actions.img");
  writeActions(actions, boot.actions ?? "");
  const result = await executeBoot({
    directory: join(place.directory, `boot-${index + 1}`),
    kernel: unpackKernel(kernel.vmlinuz),
    initramfs: makeInitramfs(kernel, [
      ...(scenario.defaults === undefined ? [] : ["--default", scenario.defaults]),
      ...(scenario.lacksCheckers ? ["--no-checkers"] : []),
    ]),
    cmdline: [scenario.cmdline, boot.cmdline].filter(Boolean).join(" "),
    disks: [...disks, { name: "actions", file: actions, readonly: true }],
    memoryMegabytes: scenario.memoryMegabytes ?? 512,
    timeoutMs: bootLimitMs,
    ...(boot.hands === undefined ? {} : { hands: boot.hands }),
    ...(boot.keyboard === undefined ? {} : { keyboard: boot.keyboard }),
    // A boot that stops and waits for a person is over once it has said why.
    isOver: (console) =>
      boot.expect.session === "stopped" &&
      (boot.expect.console ?? []).every((pattern) => pattern.test(console)),
  });
  return [...compareBoot(boot.expect, result, { place, before }), ...compareUpper(boot, disks)];
}

// The guest may be wrong about where its files are; the disk is not.
function compareUpper(
  { expect: { store, directory, upper, file } }: Boot,
  disks: readonly Disk[],
): string[] {
  if (store === undefined || directory === undefined || upper === undefined) return [];
  const image = disks.find(({ name }) => name === "store" || name === "stick") ?? disks[0]!;
  const offset = typeof store === "string" ? findPartition(image.file, store) : 0;
  return Object.entries(upper).flatMap(([name, text]) => {
    const path = posix.join(directory, "upperdir", name);
    const found = readStoreFile({ image: image.file, offset, path, file });
    return found === text
      ? []
      : [`on the disk ${path} is ${JSON.stringify(found)}, not ${JSON.stringify(text)}`];
  });
}

function digestFile(file: string): string {
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
