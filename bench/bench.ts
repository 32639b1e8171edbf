// Measures what the design promises and reports which limits hold; exits with status 1 if one does
// not. README.md says what each figure means. Options: --only
// executable|boots|addon|stores|changes|scale|session (one part only; repeated), --quick (fewer
// points), --kind volatile|directory|file (of boots; repeated), --who NAME (of boots; repeated),
// --counted N (boots by instructions), --boots N (boots by the clock, and of the add-on), --rounds N
// (of all parts but boots and addon), --sizes MIB (of stores; repeated), --files N (of changes;
// repeated).

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildDirectory } from "../scripts/lib/cache.ts";
import { measureAddon } from "./addon.ts";
import { measureBoots } from "./boots.ts";
import { formatBoots, formatPhases, measuresOfBoots, summariseBoots } from "./boots-report.ts";
import { measureChanges } from "./changes.ts";
import { kinds } from "./contenders.ts";
import { measureExecutable } from "./executable.ts";
import { formatMeasure, holds, type Measure } from "./measure.ts";
import { describeSlower, readCommitted, readMachine, writeResults } from "./results.ts";
import { measureScale } from "./scale.ts";
import { measureSession } from "./session.ts";
import { measureStores } from "./stores.ts";

const directory = join(buildDirectory, "bench");
const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    kind: { type: "string", multiple: true },
    who: { type: "string", multiple: true },
    counted: { type: "string" },
    boots: { type: "string" },
    sizes: { type: "string", multiple: true },
    files: { type: "string", multiple: true },
    rounds: { type: "string" },
  },
});
/** Slow points are left out of a quick run, but nobody who is compared. */
const options = {
  only: ["executable", "boots", "addon", "stores", "changes", "scale", "session"],
  kind: values.quick ? ["volatile", "directory"] : kinds,
  counted: values.quick ? "1" : "3",
  boots: values.quick ? "0" : "5",
  sizes: values.quick ? ["1024"] : ["256", "1024", "4096"],
  files: values.quick ? ["10000", "100000"] : ["10000", "100000", "1000000"],
  rounds: values.quick ? "3" : "9",
  ...values,
};

const parts: Readonly<Record<string, () => readonly Measure[] | Promise<readonly Measure[]>>> = {
  executable: () => measureExecutable(Number(options.rounds)),
  boots: measureAllBoots,
  addon: () => measureAddon(join(directory, "addon"), Math.max(1, Number(options.boots))),
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

async function measureAllBoots(): Promise<readonly Measure[]> {
  const boots = { instructions: Number(options.counted), wall: Number(options.boots) };
  const wanted = options.kind.map((kind) => {
    const known = kinds.find((one) => one === kind);
    if (known === undefined)
      throw new Error(`Cannot measure "${kind}": the kinds are ${kinds.join(", ")}`);
    return known;
  });
  process.stdout.write(
    `Boots in QEMU to the session's init, in turns: ${boots.instructions} of each by instructions ` +
      `with one processor, ${boots.wall} by the clock with two.\n`,
  );
  const all = await measureBoots({
    directory: join(directory, "boots"),
    kinds: wanted,
    boots,
    who: values.who,
  });
  const figures = summariseBoots(all);
  process.stdout.write(`\n${formatBoots(figures)}\n${formatPhases(all)}\n`);
  const before = readCommitted();
  for (const line of describeSlower(before?.boots ?? {}, figures))
    process.stdout.write(`${line}\n`);
  // What is left out in a quick run stays as it is.
  if (!options.quick && values.who === undefined)
    writeResults({
      date: new Date().toISOString().slice(0, 10),
      machine: readMachine(),
      boots: figures,
    });
  return measuresOfBoots(all, figures);
}
