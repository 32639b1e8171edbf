// Fuzzes one reader in a thread of its own, so that what does not end can be ended, and what takes
// too much memory ends by itself. What is being read is kept where the main thread sees it.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { formatLine, mostFileBytes, mostLineBytes } from "./corpus.ts";
import { type Coverage, watchCoverage } from "./coverage.ts";
import { callReader, mostMs } from "./judge.ts";
import { type Kept, keep, mostBytes, mutate } from "./mutate.ts";
import { startRandom } from "./random.ts";
import type { Reader } from "./readers/reader.ts";
import { readers } from "./readers/readers.ts";

/** What a worker is asked to do. */
export interface Task {
  readonly reader: string;
  readonly ms: number;
  readonly seed: number;
  readonly seeds: readonly Uint8Array[];
  readonly corpus: readonly Uint8Array[];
  /** Two numbers (how many inputs were read, how long the one is that is being read), and that. */
  readonly shown: SharedArrayBuffer;
}

/** An input that a reader does not stand, and what is wrong. */
export interface Finding {
  readonly input: Uint8Array;
  readonly wrong: string;
}

/** What came of a reader. */
export interface Outcome {
  readonly reader: string;
  readonly inputs: number;
  /** Inputs that reached code which none before them had reached. */
  readonly kept: number;
  /** Stretches of code that those reached, beyond what the seeds and the corpus do. */
  readonly stretches: number;
  readonly findings: readonly Finding[];
  readonly slowestMs: number;
  /** The smallest inputs that reach as much together, without the seeds. */
  readonly corpus: readonly Uint8Array[];
}

/** Makes the memory in which a worker shows what it reads. */
export function makeShown(): SharedArrayBuffer {
  return new SharedArrayBuffer(8 + mostBytes);
}

// A reader with many faults is mended before it is asked for more.
const mostFindings = 10;
// Asking V8 what ran takes about as long as a hundred inputs, so it is asked once for many; for
// fewer while new code is reached often.
const mostAtOnce = 2000;
const fewestAtOnce = 20;
const mostBytesAtOnce = 16 * mostBytes;

/** Does the task of this thread, and posts the outcome. */
export function work(): void {
  // Set by the main thread, which is in this same program.
  const task = workerData as Task;
  const reader = readers.find(({ name }) => name === task.reader);
  if (reader === undefined)
    throw new Error(`Cannot fuzz "${task.reader}": there is no such reader`);
  Error.stackTraceLimit = 20;
  const outcome = fuzz(reader, task);
  parentPort?.postMessage(outcome);
}

function fuzz(reader: Reader, task: Task): Outcome {
  const file = fileURLToPath(import.meta.url);
  const coverage = watchCoverage(import.meta.url, countOurs(readFileSync(file, "utf8")));
  const findings = new Map<string, Finding>();
  let inputs = 0;
  let slowestMs = 0;
  const counters = new Int32Array(task.shown, 0, 2);
  const shown = new Uint8Array(task.shown, 8);

  function call(input: Uint8Array): void {
    shown.set(input);
    counters[1] = input.length;
    Atomics.add(counters, 0, 1);
    inputs++;
    let { tookMs, wrong } = callReader(reader, input);
    // A busy machine is slow too; a slow reader is slow each time.
    if (tookMs > mostMs) ({ tookMs, wrong } = callReader(reader, input));
    slowestMs = Math.max(slowestMs, tookMs);
    if (wrong === undefined) return;
    const key = wrong.replaceAll(/\d+/g, "N").split("\n").slice(0, 2).join("\n");
    if (findings.has(key) || findings.size >= mostFindings) return;
    findings.set(key, { input, wrong });
  }

  const kept: Kept[] = [];
  const found: Uint8Array[] = [];
  for (const input of [...task.seeds, ...task.corpus]) {
    call(input);
    kept.push(keep(input));
  }
  coverage.mark();
  const random = startRandom(task.seed);
  const words = (reader.words ?? []).map((word) => new Uint8Array(Buffer.from(word)));
  const until = performance.now() + task.ms;
  let stretches = 0;
  let atOnce = fewestAtOnce;
  while (performance.now() < until) {
    const read: Uint8Array[] = [];
    let bytes = 0;
    while (read.length < atOnce && bytes < mostBytesAtOnce && performance.now() < until) {
      const input = mutate({ random, kept, words });
      if (reader.mend !== undefined && !random.oneIn(4)) reader.mend(input);
      call(input);
      read.push(input);
      bytes += input.length;
    }
    const hasNew = coverage.hasNew();
    atOnce = hasNew ? fewestAtOnce : Math.min(2 * atOnce, mostAtOnce);
    if (!hasNew) continue;
    for (const input of read) {
      call(input);
      const news = coverage.mark();
      if (news === 0) continue;
      stretches += news;
      kept.push(keep(input));
      found.push(input);
    }
  }
  const corpus = chooseCorpus({ task, found, call, coverage });
  return {
    reader: reader.name,
    inputs,
    kept: found.length,
    stretches,
    findings: [...findings.values()],
    slowestMs,
    corpus,
  };
}

interface Choice {
  readonly task: Task;
  readonly found: readonly Uint8Array[];
  readonly call: (input: Uint8Array) => void;
  readonly coverage: Coverage;
}

/** Chooses the shortest inputs first, and those only that reach what the shorter ones do not. */
function chooseCorpus({ task, found, call, coverage }: Choice): Uint8Array[] {
  coverage.reset();
  for (const seed of task.seeds) call(seed);
  coverage.mark();
  const sorted = [...task.corpus, ...found]
    .map((input) => ({ input, length: formatLine(input).length }))
    .filter(({ length }) => length <= mostLineBytes)
    .sort((one, other) => one.length - other.length);
  let left = mostFileBytes;
  return sorted.flatMap(({ input, length }) => {
    call(input);
    if (coverage.mark() === 0 || length >= left) return [];
    left -= length + 1;
    return [input];
  });
}

/** Says of each place in the bundle whether it is code of the product: esbuild names each file. */
function countOurs(bundle: string): (offset: number) => boolean {
  const files = [...bundle.matchAll(/^\/\/ (\S+\.(?:ts|js|mjs))$/gm)].map(({ index, 1: path }) => ({
    index,
    isOurs: path?.startsWith("src/") === true,
  }));
  return (offset) => files.findLast(({ index }) => index <= offset)?.isOurs === true;
}
