// How far long work is, in a line that fits a terminal: "allocating: 315 of 900 MiB, 104 MiB/s,
// 6 s left".
import { formatDuration } from "./duration.ts";

/** How far long work is. */
export interface Advance {
  /** What is being done ("allocating"). */
  readonly action: string;
  readonly doneBytes: number;
  readonly allBytes: number;
  /** Undefined as long as it cannot be told. */
  readonly bytesPerSecond: number | undefined;
}

/**
 * Describes how far long work is; what does not fit into the columns is left out, the last first.
 */
export function describeAdvance(
  { action, doneBytes, allBytes, bytesPerSecond }: Advance,
  columns = Number.POSITIVE_INFINITY,
): string {
  const left =
    bytesPerSecond === undefined || bytesPerSecond <= 0
      ? undefined
      : Math.max(1, Math.ceil((allBytes - doneBytes) / bytesPerSecond));
  const parts = [
    `${action}: ${formatShare(doneBytes, allBytes)}`,
    ...(bytesPerSecond === undefined ? [] : [`${formatAmount(bytesPerSecond)}/s`]),
    ...(left === undefined ? [] : [`${formatDuration(left * 1000)} left`]),
  ];
  while (parts.length > 1 && parts.join(", ").length > columns) parts.pop();
  return parts.join(", ").slice(0, columns);
}

/** Both amounts in the unit of the whole. */
function formatShare(doneBytes: number, allBytes: number): string {
  const unit = unitOf(allBytes);
  return `${formatIn(doneBytes, unit)} of ${formatIn(allBytes, unit)} ${unit.name}`;
}

function formatAmount(bytes: number): string {
  const unit = unitOf(bytes);
  return `${formatIn(bytes, unit)} ${unit.name}`;
}

interface Unit {
  readonly name: string;
  readonly bytes: number;
  /** The digits behind the point. */
  readonly digits: number;
}

const names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

function unitOf(bytes: number): Unit {
  let exponent = 0;
  while (exponent < names.length - 1 && bytes >= 1024 ** (exponent + 1)) exponent++;
  const unit = 1024 ** exponent;
  const digits = exponent > 0 && bytes < 100 * unit ? 1 : 0;
  return { name: names[exponent] ?? "", bytes: unit, digits };
}

/** Rounded down, so that nothing is said to be done before it is. */
function formatIn(bytes: number, unit: Unit): string {
  const scale = 10 ** unit.digits;
  return (Math.floor((bytes * scale) / unit.bytes) / scale).toFixed(unit.digits);
}
