import type { System } from "../system/system.ts";

/** Stands in until written. */
export function modprobe(_system: System, _words: readonly string[]): number {
  return 1;
}
