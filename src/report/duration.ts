// Durations for display, in their two largest significant units.

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** Formats milliseconds, rounded down ("2 h 5 min", "45 s"); from three days on in days alone. */
export function formatDuration(milliseconds: number): string {
  const first = units.findIndex(([, size]) => milliseconds >= size);
  const [name, size] = units[first] ?? ["s", 1000];
  const whole = Math.floor(Math.max(0, milliseconds) / size);
  const next = units[first + 1];
  const rest = next === undefined ? 0 : Math.floor((milliseconds % size) / next[1]);
  const isLong = name === "s" || (name === "d" && whole >= 3);
  return isLong || rest === 0 || first < 0
    ? `${whole} ${name}`
    : `${whole} ${name} ${rest} ${next?.[0]}`;
}
