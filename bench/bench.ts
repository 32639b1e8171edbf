// Measures what the design promises and reports which limits hold; exits with status 1 if one does
// not. Options: --only executable|boots|addon|stores|changes|scale|session (one part only; repeated),
// --boots N, --rounds N (of all parts but boots and addon), --sizes MIB (of stores; repeated), --files N (of
// changes; repeated),
// --icount (a guest clock that counts instructions), --initramfs FILE (another packing to compare).

import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildDirectory } from "../scripts/lib/cache.ts";
import { makeLiveSystem } from "../scripts/live-system.ts";
import { makeMedium } from "../test/machines/disks/media.ts";
import { writeStore } from "../test/machines/disks/stores.ts";
import { makeInitramfs } from "../test/machines/guest/initramfs.ts";
import { unpackKernel } from "../test/machines/guest/vmlinux.ts";
import type { Accelerator } from "../test/machines/machine.ts";
import { executeBoot, formatTail } from "../test/machines/qemu.ts";
import { measureAddon } from "./addon.ts";
import { measureChanges } from "./changes.ts";
import { measureExecutable } from "./executable.ts";
import { makeHandMade } from "./hand-made.ts";
import { formatMeasure, holds, type Measure, median } from "./measure.ts";
import { measureScale } from "./scale.ts";
import { measureSession } from "./session.ts";
import { measureStores } from "./stores.ts";

/** One way to boot, and the times of its boots. */
interface Contender {
  readonly name: string;
  readonly initramfs: string;
  readonly store: string;
  readonly uptimesMs: number[];
  readonly peaksBytes: number[];
}

const directory = join(buildDirectory, "bench");
const { values: options } = parseArgs({
  options: {
    only: {
      type: "string",
      multiple: true,
      default: ["executable", "boots", "addon", "stores", "changes", "scale", "session"],
    },
    boots: { type: "string", default: "7" },
    sizes: { type: "string", multiple: true, default: ["256", "1024", "4096"] },
    files: { type: "string", multiple: true, default: ["10000", "100000", "1000000"] },
    rounds: { type: "string", default: "9" },
    icount: { type: "boolean", default: false },
    initramfs: { type: "string", multiple: true, default: [] },
  },
});

const parts: Readonly<Record<string, () => Measure[] | Promise<Measure[]>>> = {
  executable: () => measureExecutable(Number(options.rounds)),
  boots: measureBoots,
  addon: () => measureAddon(join(directory, "addon"), Number(options.boots)),
  stores: () => measureStores(Number(options.rounds), options.sizes.map(Number)),
  changes: () => measureChanges(options.files.map(Number), Number(options.rounds)),
  scale: () => measureScale(Number(options.rounds)),
  session: () => measureSession(join(directory, "session"), Number(options.rounds)),
};

mkdirSync(join(directory, "addon"), { recursive: true });
const measures: Measure[] = [];
for (const name of options.only) {
  const part = parts[name];
  if (part === undefined)
    throw new Error(`Cannot measure "${name}": the parts are ${Object.keys(parts).join(", ")}`);
  measures.push(...(await part()));
}
for (const measure of measures) process.stdout.write(`${formatMeasure(measure)}\n`);
process.exitCode = measures.every(holds) ? 0 : 1;

async function measureBoots(): Promise<Measure[]> {
  process.stdout.write(`${describeBoots()}\n`);
  const live = makeLiveSystem();
  const kernel = unpackKernel(live.vmlinuz);
  const tree = { "sysresccd/x86_64/airootfs.sfs": { file: live.base } };
  const medium = makeMedium("bench", { kind: "vfat", label: "RESCUE1100", tree });
  const contenders = [
    makeContender("hand-made", makeHandMade(live)),
    makeContender("backstore", makeInitramfs(live)),
    ...options.initramfs.map((file) => makeContender(file, file)),
  ];
  // The first round only warms the host's caches and fills the stores; the others alternate, so
  // that all run under the same conditions.
  for (let round = 0; round <= Number(options.boots); round++) {
    for (const contender of contenders)
      await measureBoot({ contender, kernel, medium, isCounted: round > 0 });
  }
  const [handMade, backstore] = contenders;
  if (handMade === undefined || backstore === undefined) return [];
  const base = median(handMade.uptimesMs);
  return [
    ...contenders.map(({ name, initramfs }) => ({
      name: `initramfs, ${name}`,
      value: statSync(initramfs).size / 1e6,
      unit: "MB",
    })),
    { name: "uptime at init, hand-made", value: base / 1000, unit: "s" },
    ...contenders.slice(1).flatMap(({ name, uptimesMs }) => [
      { name: `uptime at init, ${name}`, value: median(uptimesMs) / 1000, unit: "s" },
      {
        name: `${name} / hand-made`,
        value: median(uptimesMs) / base,
        unit: "x",
        ...(name === "backstore" ? { limit: 1.15 } : {}),
      },
    ]),
    {
      name: "peak memory of our process",
      value: Math.max(...backstore.peaksBytes) / 1e6,
      unit: "MB",
      limit: 8,
    },
  ];
}

function makeContender(name: string, initramfs: string): Contender {
  const store = join(directory, `store-${name.replace(/\W+/g, "-")}.img`);
  writeStore({ type: "ext4", label: "store", path: store });
  return { name, initramfs, store, uptimesMs: [], peaksBytes: [] };
}

interface BootToMeasure {
  readonly contender: Contender;
  readonly kernel: string;
  readonly medium: string;
  readonly isCounted: boolean;
}

async function measureBoot({ contender, kernel, medium, isCounted }: BootToMeasure): Promise<void> {
  const accelerator: { accelerator?: Accelerator } = options.icount
    ? { accelerator: "icount" }
    : {};
  const result = await executeBoot({
    directory: join(directory, contender.name.replace(/\W+/g, "-")),
    kernel,
    initramfs: contender.initramfs,
    cmdline:
      "archisolabel=RESCUE1100 archisobasedir=sysresccd cow_label=store init=/usr/local/sbin/bench-guest",
    disks: [
      { name: "medium", file: medium, readonly: true },
      { name: "store", file: contender.store },
    ],
    processors: 2,
    ...accelerator,
  });
  if (!result.finished)
    throw new Error(
      `The guest of ${contender.name} ${result.ending}:\n${formatTail(result.console)}`,
    );
  const uptimeMs = Number(result.facts.text("uptime")) * 1000;
  const peakBytes = readPeak(result.facts.text("boot"));
  process.stdout.write(
    `  ${contender.name}: ${(uptimeMs / 1000).toFixed(2)} s${isCounted ? "" : " (warm-up)"}\n`,
  );
  if (!isCounted) return;
  contender.uptimesMs.push(uptimeMs);
  if (peakBytes !== undefined) contender.peaksBytes.push(peakBytes);
}

function readPeak(boot: string | undefined): number | undefined {
  if (boot === undefined) return undefined;
  const { peakBytes } = JSON.parse(boot);
  return typeof peakBytes === "number" ? peakBytes : undefined;
}

function describeBoots(): string {
  const clock = options.icount ? "a clock that counts instructions" : "the host's clock";
  return `Boots in QEMU with ${clock}, 2 processors, 512 MB, a squashfs of a real live system; ${options.boots} boots each, in turns.`;
}
