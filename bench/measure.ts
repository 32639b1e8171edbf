// One measurement: a value, and its limit.

/** One line of the table; a value without a limit is only reported. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: number;
  /** A minimum, if more is better. */
  readonly least?: number;
}

/** Returns whether the value keeps its limit. */
export function holds({ value, limit, least }: Measure): boolean {
  if (limit === undefined && least === undefined) return true;
  return Number.isFinite(value) && value <= (limit ?? value) && value >= (least ?? value);
}

/** Formats a measure as a line of the table. */
export function formatMeasure(measure: Measure): string {
  const { name, value, unit, limit, least } = measure;
  const bounds = [
    ...(limit === undefined ? [] : [`at most ${limit} ${unit}`]),
    ...(least === undefined ? [] : [`at least ${least} ${unit}`]),
  ];
  const verdict =
    bounds.length === 0 ? "" : `${bounds.join(", ")}: ${holds(measure) ? "ok" : "MISSED"}`;
  return `${name.padEnd(44)} ${value.toFixed(value < 10 ? 3 : 1).padStart(9)} ${unit.padEnd(3)} ${verdict}`.trimEnd();
}

/** Returns the median. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What was seen of one figure: its median, and how far it varied. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Returns the spread of values. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}
