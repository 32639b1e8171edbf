// What the add-on costs behind Debian's live-boot: the same guest with it and without it, in turns, in
// User Mode Linux where that runs. The store is as a session has left it that ended cleanly.

import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeLayout } from "../test/machines/disks/layouts.ts";
import { usedStore } from "../test/machines/disks/used-stores.ts";
import { writeActions } from "../test/machines/guest/actions.ts";
import { generate, makeDebianInitramfs } from "../test/machines/guest/debian-initramfs.ts";
import { chooseLane, executeIn, kernelOf } from "../test/machines/lane.ts";
import { placeAt } from "../test/machines/scenario.ts";
import { type Measure, median } from "./measure.ts";

const wanted = { generator: "live-boot", release: "bookworm" } as const;

/** One way to boot, and what was seen of each of its boots. */
interface Way {
  readonly name: string;
  readonly initramfs: string;
  readonly uptimesMs: number[];
  /** The time of our part. */
  readonly takeoversMs: number[];
  readonly usedBytes: number[];
  readonly sharedBytes: number[];
}

/** Measures the time and the memory that the add-on takes. */
export async function measureAddon(directory: string, boots: number): Promise<Measure[]> {
  const lane = chooseLane();
  const kernel = kernelOf(lane);
  const place = placeAt(directory);
  const pristine = usedStore(place, { directory: "persistent_DEBIAN12/x86_64" }).file;
  const used = place.file("used.img");
  const medium = makeLayout("debian-vfat");
  const actions = place.file("actions.img");
  writeActions(actions, "say_done memory cat /proc/meminfo");
  const ways: readonly Way[] = [
    makeWay("without", generate(wanted, kernel)),
    makeWay("with", makeDebianInitramfs(wanted, kernel)),
  ];
  process.stdout.write(`Boots of live-boot in ${lane}, ${boots} each, in turns.\n`);
  for (let round = 0; round <= boots; round++)
    for (const way of ways) {
      copyFileSync(pristine, used);
      const { facts, finished, ending } = await executeIn(lane, {
        directory: join(directory, way.name),
        kernel,
        initramfs: way.initramfs,
        cmdline: "boot=live cow_label=store",
        disks: [
          { name: "medium", file: medium, readonly: true },
          { name: "store", file: used },
          { name: "actions", file: actions, readonly: true },
        ],
        memoryMegabytes: 512,
      });
      if (!finished) throw new Error(`The guest ${way.name} the add-on ${ending}`);
      // The first round only warms the caches of this machine.
      if (round > 0) note(way, (kind, name) => facts.text(kind, name) ?? "");
    }
  writeFileSync(join(directory, "boots.json"), `${JSON.stringify(ways, undefined, 2)}\n`);
  return describeWays(ways);
}

function makeWay(name: string, initramfs: string): Way {
  const seen = { uptimesMs: [], takeoversMs: [], usedBytes: [], sharedBytes: [] };
  return { name, initramfs, ...seen };
}

function note(way: Way, text: (kind: string, name?: string) => string): void {
  const memory = text("done", "memory");
  const bytes = (name: string) =>
    Number(new RegExp(`${name}: *(\\d+) kB`).exec(memory)?.[1]) * 1024;
  way.uptimesMs.push(Number(text("uptime")) * 1000);
  way.usedBytes.push(bytes("MemTotal") - bytes("MemAvailable"));
  way.sharedBytes.push(bytes("Shmem"));
  const record = text("boot");
  if (record === "") return;
  const { session, times } = JSON.parse(record);
  if (session !== "persistent") throw new Error(`The session was ${session}`);
  way.takeoversMs.push(times.mounted - times.started);
}

function describeWays(ways: readonly Way[]): Measure[] {
  const [without, withIt] = ways;
  if (without === undefined || withIt === undefined) return [];
  const more = (of: (way: Way) => readonly number[]) => median(of(withIt)) - median(of(without));
  return [
    { name: "uptime at init, live-boot", value: median(without.uptimesMs) / 1000, unit: "s" },
    // live-boot's own part differs by seconds from boot to boot, so no limit is compared with this.
    {
      name: "the add-on: more uptime at init",
      value: more((way) => way.uptimesMs) / 1000,
      unit: "s",
    },
    {
      name: "the add-on: its own part",
      value: median(withIt.takeoversMs) / 1000,
      unit: "s",
      limit: 0.3,
    },
    {
      name: "the add-on: more memory in use",
      value: more((way) => way.usedBytes) / 2 ** 20,
      unit: "MiB",
      limit: 4,
    },
    {
      name: "the add-on: more in tmpfs",
      value: more((way) => way.sharedBytes) / 2 ** 20,
      unit: "MiB",
    },
  ];
}
