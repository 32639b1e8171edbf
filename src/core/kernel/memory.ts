// The kernel's memory statistics, /proc/meminfo (proc(5)); sizes in bytes.

/** Parses how much memory the kernel can still provide; undefined if it is not listed. */
export function parseAvailableMemory(text: string): number | undefined {
  const kibibytes = /^MemAvailable:\s*(\d{1,12}) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Parses how much memory there is; undefined if it is not listed. */
export function parseTotalMemory(text: string): number | undefined {
  const kibibytes = /^MemTotal:\s*(\d{1,12}) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** Parses how much was written by programs and is not on disk yet. */
export function parseUnwritten(text: string): number {
  let sum = 0;
  for (const [, kibibytes] of text.matchAll(/^(?:Dirty|Writeback):\s*(\d+) kB$/gm))
    sum += Number(kibibytes) * 1024;
  return sum;
}
