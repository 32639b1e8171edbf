// Fuzzes every reader of what others control, and the C host (README.md). Ends with status 1 where
// something was found; the inputs are then in build/fuzz.
// Options: --minutes N (5; the C parts come on top), --only NAME (repeated), --seed N, --keep
// (updates corpus/).

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, Worker } from "node:worker_threads";
import { buildDirectory } from "../scripts/lib/cache.ts";
import { readCorpus, writeCorpus } from "./corpus.ts";
import { callInGuest } from "./host/guest.ts";
import {
  buildEngine,
  buildSanitized,
  type CalledFunction,
  callFunction,
  findObstacle,
  listFunctions,
  readInEngine,
  skipped,
} from "./host/host.ts";
import { mostMs } from "./judge.ts";
import { readers } from "./readers/readers.ts";
import { seedsOf } from "./seeds.ts";
import { makeShown, type Outcome, type Task, work } from "./worker.ts";

const directory = join(buildDirectory, "fuzz");
const corpusDirectory = join("fuzz", "corpus");

// So long may one input take before its thread is ended; a second is too much already.
const mostSilentMs = 10_000;

// Each function of the host is called so often.
const calls = 300;
const cParts = ["host", "guest", "engine"] as const;

if (isMainThread) await main();
else work();

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      minutes: { type: "string", default: "5" },
      only: { type: "string", multiple: true, default: [] },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      keep: { type: "boolean", default: false },
    },
  });
  const all = [...readers.map(({ name }) => name), ...cParts];
  const unknown = options.only.find((name) => !all.includes(name));
  if (unknown !== undefined)
    throw new Error(`Cannot fuzz "${unknown}": there are ${all.join(", ")}`);
  const isAsked = (name: string) => options.only.length === 0 || options.only.includes(name);
  const names = readers.map(({ name }) => name).filter(isAsked);
  const workers = Math.min(names.length, availableParallelism());
  const ms = (Number(options.minutes) * 60_000 * workers) / Math.max(1, names.length);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  process.stdout.write(`seed ${options.seed}, ${(ms / 1000).toFixed(1)} s for each reader\n`);

  const outcomes: Outcome[] = [];
  const pending = names.toReversed();
  const next = async (): Promise<void> => {
    for (let reader = pending.pop(); reader !== undefined; reader = pending.pop()) {
      const outcome = await fuzzReader(reader, { ms, seed: Number(options.seed) });
      outcomes.push(outcome);
      if (options.keep && outcome.findings.length === 0)
        writeCorpus(corpusDirectory, reader, outcome.corpus);
    }
  };
  await Promise.all(Array.from({ length: workers }, next));
  if (names.length > 0) process.stdout.write(formatTable(outcomes));
  const findings = outcomes.flatMap(writeFindings);
  for (const part of cParts.filter(isAsked))
    findings.push(...(await runPart(part, Number(options.seed))));
  process.stdout.write(findings.join(""));
  process.exitCode = findings.length > 0 ? 1 : 0;
}

/** Fuzzes a reader in a thread; one that does not answer any more is ended, which is a finding. */
async function fuzzReader(
  reader: string,
  { ms, seed }: { ms: number; seed: number },
): Promise<Outcome> {
  const shown = makeShown();
  const task: Task = {
    ...{ reader, ms, seed, shown },
    seeds: seedsOf(reader),
    corpus: readCorpus(corpusDirectory, reader),
  };
  const worker = new Worker(new URL(import.meta.url), {
    workerData: task,
    // The stack is as large as the engine's.
    resourceLimits: { maxOldGenerationSizeMb: 256, stackSizeMb: 1 },
  });
  const counters = new Int32Array(shown, 0, 2);
  let last = -1;
  let lastMs = performance.now();
  return new Promise((resolve, reject) => {
    const end = (wrong: string) => {
      clearInterval(watch);
      void worker.terminate();
      const input = new Uint8Array(shown, 8, counters[1] ?? 0).slice();
      const inputs = counters[0] ?? 0;
      const none = { kept: 0, stretches: 0, slowestMs: mostSilentMs, corpus: [] };
      resolve({ reader, inputs, ...none, findings: [{ input, wrong }] });
    };
    const watch = setInterval(() => {
      const now = performance.now();
      if (counters[0] !== last) [last, lastMs] = [counters[0] ?? 0, now];
      else if (now - lastMs > mostSilentMs) end(`does not end in ${mostSilentMs / 1000} s`);
    }, 500);
    worker.once("message", (outcome: Outcome) => {
      clearInterval(watch);
      resolve(outcome);
    });
    worker.once("error", (error) => {
      if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") end("takes over 256 MB");
      else {
        clearInterval(watch);
        reject(error);
      }
    });
  });
}

/** Runs one of the C parts, prints its rows, and returns what was found. */
async function runPart(part: (typeof cParts)[number], seed: number): Promise<string[]> {
  const sanitized = buildSanitized();
  const parts = { host: callHost, guest: callFirstProcess, engine: readInBoth };
  return (await parts[part](sanitized, seed)).map((finding) => `\n${finding}\n`);
}

async function callFirstProcess(program: string, seed: number): Promise<string[]> {
  process.stdout.write(`\n${"as PID 1 of a guest".padEnd(20)}   returned     thrown\n`);
  const called = await callInGuest(program, { seed, count: calls });
  return called.flatMap((one) => tellCalled("guest", one));
}

function tellCalled(part: string, { name, returned, thrown, wrong }: CalledFunction): string[] {
  const cells = [returned, thrown].map((count) => String(count).padStart(11)).join("");
  process.stdout.write(`${name.padEnd(20)}${cells}${wrong === undefined ? "" : " wrong"}\n`);
  return wrong === undefined ? [] : [`${part}: ${name} ${wrong}`];
}

function callHost(program: string, seed: number): string[] {
  const obstacle = findObstacle();
  if (obstacle !== undefined) {
    process.stdout.write(`\nhost: left out, because ${obstacle}\n`);
    return [];
  }
  process.stdout.write(`\n${"function".padEnd(20)}   returned     thrown\n`);
  return listFunctions(program).flatMap((name) => {
    const reason = skipped[name];
    if (reason !== undefined) {
      process.stdout.write(`${name.padEnd(20)} not called: ${reason}\n`);
      return [];
    }
    return tellCalled("host", callFunction(program, { name, seed, count: calls }));
  });
}

function readInBoth(sanitized: string): string[] {
  const inputs = readers.flatMap(({ name: reader }) =>
    [...seedsOf(reader), ...readCorpus(corpusDirectory, reader)].map((bytes) => ({
      reader,
      bytes,
    })),
  );
  const found = [
    ...readInEngine(sanitized, inputs),
    ...readInEngine(buildEngine(), [...inputs, ...longInputs()], mostMs),
  ];
  process.stdout.write(`\nengine: ${inputs.length} inputs read twice, ${found.length} findings\n`);
  return found.map(({ file, wrong }) => `engine: ${file} ${wrong}`);
}

/** For every reader, what is long or deep without being anything else. */
function longInputs(): { reader: string; bytes: Uint8Array }[] {
  const pieces = ["[", '{"a":', " ", "\n", "a", '"', "/"];
  return readers.flatMap(({ name: reader }) =>
    pieces.map((piece) => ({ reader, bytes: new Uint8Array(Buffer.from(piece.repeat(20_000))) })),
  );
}

function formatTable(outcomes: readonly Outcome[]): string {
  const sorted = readers.flatMap(({ name }) => outcomes.filter(({ reader }) => reader === name));
  const rows = sorted.map((outcome) => [
    outcome.reader,
    String(outcome.inputs),
    String(outcome.kept),
    String(outcome.stretches),
    String(outcome.findings.length),
    `${outcome.slowestMs.toFixed(1)} ms`,
  ]);
  const sum = (count: (outcome: Outcome) => number) =>
    String(outcomes.reduce((whole, outcome) => whole + count(outcome), 0));
  const last = [
    "all",
    sum(({ inputs }) => inputs),
    sum(({ kept }) => kept),
    sum(({ stretches }) => stretches),
    sum(({ findings }) => findings.length),
    `${Math.max(...outcomes.map(({ slowestMs }) => slowestMs)).toFixed(1)} ms`,
  ];
  const titles = ["reader", "inputs", "kept", "new code", "findings", "slowest"];
  return [titles, ...rows, last]
    .map(
      ([name = "", ...cells]) => name.padEnd(18) + cells.map((cell) => cell.padStart(11)).join(""),
    )
    .map((line) => `${line}\n`)
    .join("");
}

function writeFindings({ reader, findings }: Outcome): string[] {
  return findings.map(({ input, wrong }, index) => {
    const file = join(directory, `${reader}-${index + 1}`);
    writeFileSync(file, input);
    writeFileSync(`${file}.txt`, `${wrong}\n`);
    return `\n${reader} ${wrong}\n  (${input.length} bytes, ${file})\n`;
  });
}
