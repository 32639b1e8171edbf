// Sizes as people write them. A number without a unit means bytes where tmpfs reads it
// (cow_spacesize, see Documentation/filesystems/tmpfs.rst) and megabytes of 2^20 bytes in the
// command, as the first generation's tool documents. K, KiB … are powers of 1024; KB, MB … powers
// of 1000; letters of either case.

/** A size of memory: a number of bytes, or a share of the total (1 to 100). */
export type MemorySize = { readonly bytes: number } | { readonly percent: number };

const binaryUnits = ["", "k", "m", "g", "t", "p"];

/**
 * Parses a size of memory ("256M", "2G", "50%", "1048576" bytes); undefined if it is invalid or
 * zero.
 */
export function parseMemorySize(text: string): MemorySize | undefined {
  const percent = /^\s*(\d{1,3})\s*%\s*$/.exec(text)?.[1];
  if (percent !== undefined) {
    const share = Number(percent);
    return share >= 1 && share <= 100 ? { percent: share } : undefined;
  }
  const bytes = parseBytes(text, 1);
  return bytes === undefined ? undefined : { bytes };
}

/**
 * Parses the size of a store into bytes ("256" MiB, "1.5G", "500MB"); undefined if it is invalid or
 * zero.
 */
export function parseStoreSize(text: string): number | undefined {
  return parseBytes(text, 2 ** 20);
}

/**
 * Formats a number of bytes for people ("3.2 GiB"), rounded down so that space reported as free is
 * free.
 */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let exponent = 1;
  while (exponent < 5 && bytes >= 1024 ** (exponent + 1)) exponent++;
  const unit = 1024 ** exponent;
  const whole = Math.floor(bytes / unit);
  const tenth = Math.floor(((bytes % unit) * 10) / unit);
  return `${whole}.${tenth} ${binaryUnits[exponent]?.toUpperCase()}iB`;
}

/** Formats a size of memory for people ("50%", "256.0 MiB"). */
export function formatMemorySize(size: MemorySize): string {
  return "percent" in size ? `${size.percent}%` : formatSize(size.bytes);
}

function parseBytes(text: string, bareUnit: number): number | undefined {
  // Trimmed first: an expression with blanks on both sides of the unit would take quadratic time.
  const match = /^(\d{1,16})(?:\.(\d{1,9}))?\s*([a-z]*)$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, whole = "", fraction = "", suffix = ""] = match;
  const unit = suffix === "" ? bareUnit : bytesOfUnit(suffix.toLowerCase());
  if (unit === undefined) return undefined;
  // In integers, because 0.1 has no exact representation and a size on disk must not be a byte too
  // long.
  const scaled = BigInt(whole + fraction) * BigInt(unit);
  const bytes = scaled / 10n ** BigInt(fraction.length);
  return bytes >= 1n && bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : undefined;
}

function bytesOfUnit(suffix: string): number | undefined {
  if (suffix === "b") return 1;
  const match = /^([kmgtp])(|b|ib)$/.exec(suffix);
  if (match === null) return undefined;
  const [, letter = "", kind] = match;
  return (kind === "b" ? 1000 : 1024) ** binaryUnits.indexOf(letter);
}

/** Returns the largest multiple of `unit` that is not more than `bytes`. */
export function roundDown(bytes: number, unit: number): number {
  return bytes - (bytes % unit);
}

/** Returns the smallest multiple of `unit` that is not less than `value`. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
