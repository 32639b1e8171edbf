import type { System } from "../system/system.ts";

/** Stands in until written. */
export function boot(_system: System): number {
  return 1;
}
