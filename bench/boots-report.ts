// What boots come to: a table for each kind of session, one of the phases in which ours takes
// longer than the limit, and the figures that are kept.

import { type Boots, type Clock, type Phase, phases, type Seen } from "./boots.ts";
import { kinds, limitName, ownName } from "./contenders.ts";
import { type Measure, median, type Spread, spreadOf } from "./measure.ts";

/** The figures of one contender with one kind of session. */
export interface BootFigures {
  readonly initramfsBytes: number;
  readonly usedBytes?: number;
  /** Millions of instructions until the session's init starts. */
  readonly instructions?: Spread;
  /** The guest's uptime then, by this machine's clock. */
  readonly uptimeMs?: Spread;
}

/** By kind of session, then by contender. */
export type BootsFigures = Readonly<Record<string, Readonly<Record<string, BootFigures>>>>;

const mostByInstructions = 1.08;
const mostByClock = 1.15;
const mostMegabytes = 8;

/** Returns the figures of all boots. */
export function summariseBoots(all: readonly Boots[]): BootsFigures {
  const ofKind = (kind: string) =>
    Object.fromEntries(
      all.filter((boots) => boots.kind === kind).map((boots) => [boots.name, summarise(boots)]),
    );
  const seen = kinds.filter((kind) => all.some((boots) => boots.kind === kind));
  return Object.fromEntries(seen.map((kind) => [kind, ofKind(kind)]));
}

function summarise({ initramfsBytes, seen }: Boots): BootFigures {
  const both = [...seen.instructions, ...seen.wall];
  const spread = (clock: Clock, of: (one: Seen) => number) =>
    seen[clock].length === 0 ? undefined : spreadOf(seen[clock].map(of));
  const instructions = spread("instructions", ({ workMs }) => workMs);
  const uptimeMs = spread("wall", (one) => one.uptimeMs);
  return {
    initramfsBytes,
    ...(both.length === 0 ? {} : { usedBytes: median(both.map(({ usedBytes }) => usedBytes)) }),
    ...(instructions === undefined ? {} : { instructions }),
    ...(uptimeMs === undefined ? {} : { uptimeMs }),
  };
}

/** Formats a table for each kind of session. */
export function formatBoots(figures: BootsFigures): string {
  return Object.entries(figures)
    .map(([kind, contenders]) => formatKind(kind, contenders))
    .join("\n");
}

function formatKind(kind: string, contenders: Readonly<Record<string, BootFigures>>): string {
  const limit = contenders[limitName];
  const rows = Object.entries(contenders).map(([name, one]) => [
    name,
    ...formatSpread(one.instructions, limit?.instructions, 1),
    ...formatSpread(one.uptimeMs, limit?.uptimeMs, 1000),
    (one.initramfsBytes / 1e6).toFixed(1),
    one.usedBytes === undefined ? "" : (one.usedBytes / 1e6).toFixed(1),
  ]);
  const head = [
    kind,
    ...["M instructions", "range", "x limit", "uptime s", "range", "x limit"],
    ...["initramfs MB", "memory MB"],
  ];
  return formatTable([head, ...rows]);
}

function formatSpread(
  spread: Spread | undefined,
  limit: Spread | undefined,
  divisor: number,
): string[] {
  if (spread === undefined) return ["", "", ""];
  const format = (value: number) => (value / divisor).toFixed(divisor === 1 ? 0 : 2);
  const ratio = limit === undefined ? "" : (spread.median / limit.median).toFixed(2);
  return [format(spread.median), `${format(spread.least)}-${format(spread.most)}`, ratio];
}

/** Formats as a table of Markdown, which is read as well in a terminal. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join(" | ")} |\n`;
  const rule = widths.map((width, column) => (column === 0 ? "-" : "").padEnd(width - 1, "-"));
  const [head = [], ...rest] = rows;
  const ruled = rule.map((dashes, column) =>
    column === 0 ? `${dashes}-`.slice(0, widths[0]) : `${dashes}:`,
  );
  return [head, ruled, ...rest].map(line).join("");
}

const phaseNames: Readonly<Record<Phase, string>> = {
  kernel: "the kernel, until the initramfs starts",
  started: "mounting proc, sys, dev and run",
  medium: "drivers, finding the medium",
  store: "finding the store, its driver",
  mounted: "mounting",
  init: "handing over, until init starts",
};

/** Formats what each phase takes ours and the limit, in millions of instructions. */
export function formatPhases(all: readonly Boots[]): string {
  return kinds.flatMap((kind) => formatPhasesOf(kind, all)).join("\n");
}

function formatPhasesOf(kind: string, all: readonly Boots[]): string[] {
  const of = (name: string) =>
    all.find((boots) => boots.kind === kind && boots.name === name)?.seen.instructions ?? [];
  const [own, limit] = [of(ownName), of(limitName)];
  if (own.length === 0 || limit.length === 0) return [];
  const took = (seen: readonly Seen[], phase: Phase) =>
    median(seen.map((one) => one.phases[phase] - (one.phases[phaseBefore(phase)!] ?? 0)));
  const rows = phases.map((phase) => {
    const [ours, least] = [took(own, phase), took(limit, phase)];
    return [phaseNames[phase], ...[ours, least, ours - least].map((value) => value.toFixed(0))];
  });
  const extra = own[0]!.modules.filter((name) => !limit[0]!.modules.includes(name));
  const more = extra.length === 0 ? "" : `\nModules that only ours loads: ${extra.join(", ")}\n`;
  return [`${formatTable([[`${kind}, ms of icount`, "ours", "limit", "more"], ...rows])}${more}`];
}

function phaseBefore(phase: Phase): Phase | undefined {
  return phases[phases.indexOf(phase) - 1];
}

/** Returns how close ours is to the limit with each kind of session, and the peak of our process. */
export function measuresOfBoots(all: readonly Boots[], figures: BootsFigures): readonly Measure[] {
  const peaks = all
    .flatMap(({ seen }) => [...seen.instructions, ...seen.wall])
    .flatMap(({ peakBytes }) => peakBytes ?? []);
  return [
    ...Object.entries(figures).flatMap(([kind, contenders]) => compare(kind, contenders)),
    ...(peaks.length === 0
      ? []
      : [
          {
            name: "peak memory of our process",
            value: Math.max(...peaks) / 1e6,
            ...{ unit: "MB", limit: mostMegabytes },
          },
        ]),
  ];
}

function compare(kind: string, contenders: Readonly<Record<string, BootFigures>>): Measure[] {
  const [own, limit] = [contenders[ownName], contenders[limitName]];
  const ratio = (figure: "instructions" | "uptimeMs", most: number, what: string): Measure[] => {
    const [ours, least] = [own?.[figure], limit?.[figure]];
    if (ours === undefined || least === undefined) return [];
    const value = ours.median / least.median;
    return [{ name: `${kind}: ours / limit, ${what}`, value, unit: "x", limit: most }];
  };
  return [
    ...ratio("instructions", mostByInstructions, "instructions"),
    ...ratio("uptimeMs", mostByClock, "uptime"),
  ];
}
