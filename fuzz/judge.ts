// Calls a reader once and says what is wrong with how it ended.

import { Failure } from "../src/core/text/failure.ts";
import type { Reader } from "./readers/reader.ts";

/** The longest that a reader may take. */
export const mostMs = 1000;

/** How a call ended. */
export interface Call {
  readonly tookMs: number;
  /** What is wrong; undefined where nothing is. */
  readonly wrong: string | undefined;
}

/** Calls a reader; nothing but a Failure may be thrown, and nothing may take over a second. */
export function callReader({ read }: Reader, input: Uint8Array): Call {
  const started = performance.now();
  const startedCpu = process.cpuUsage();
  let wrong: string | undefined;
  try {
    read(input);
  } catch (error) {
    if (!(error instanceof Failure)) wrong = describe(error);
  }
  // On a busy machine a call waits; the time of all threads is more than that of this one.
  const { user, system } = process.cpuUsage(startedCpu);
  const tookMs = Math.min(performance.now() - started, (user + system) / 1000);
  return { tookMs, wrong: wrong ?? describeTime(tookMs) };
}

function describeTime(tookMs: number): string | undefined {
  return tookMs > mostMs ? `takes ${Math.round(tookMs)} ms` : undefined;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `throws ${String(error)}`;
  const places = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  return `throws ${error.name}: ${error.message}\n${places.slice(0, 4).join("\n")}`;
}
