// Runs in the engine, started by fuzz/host.ts. "names" lists the functions of the host; "call
// NAMES SEED COUNT" calls some of them with arguments that nobody should give; "read FILE…" gives each file
// to the reader that it is named after.

import * as host from "host";
import { Failure } from "../../src/core/text/failure.ts";
import { type Random, startRandom } from "../random.ts";
import { readers } from "../readers/readers.ts";

const [, command = "", ...rest] = host.commandLine();
let status = 0;

function print(text: string): void {
  try {
    host.writeStream(1, `${text}\n`);
  } catch {
    // Calls may have closed it.
  }
}

function callFunctions([names = "", seed, count]: readonly string[]): void {
  for (const name of names.split(",")) callFunction(name, Number(seed), Number(count));
}

function callFunction(name: string, seed: number, count: number): void {
  // By its name, with whatever arguments: that is what this is for.
  const called = (host as unknown as Record<string, (...given: unknown[]) => unknown>)[name];
  if (called === undefined) throw new Error(`Cannot call "${name}": the host has no such function`);
  const random = startRandom(seed);
  const counts = { returned: 0, thrown: 0 };
  for (let call = 0; call < count; call++) {
    if (call % 50 === 0) makeFiles();
    const given = Array.from({ length: random.below(called.length + 2) }, (_, index) =>
      chooseArgument(random, index),
    );
    try {
      called(...(name === "waitForUevent" ? given.map(shorten) : given));
      counts.returned++;
    } catch {
      counts.thrown++;
    }
  }
  print(`${name} ${counts.returned} ${counts.thrown}`);
}

/** What would be waited for is a matter of milliseconds. */
function shorten(argument: unknown): unknown {
  return typeof argument === "number" ? Math.abs(argument) % 10 : 0;
}

/** Gives calls something to succeed with; what is there already stays. */
function makeFiles(): void {
  const attempts = [
    () => host.mkdir("directory", 0o755),
    () => host.writeFile("file", "hello", 0o644),
    () =>
      host.writeFile("packed", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20, 1, 9, 0, 0, 65), 0o644),
    () => host.symlink("link", "file"),
    () => host.symlink("loop", "loop"),
    () => host.mknod("fifo", "fifo", 0o644, 0),
  ];
  for (const attempt of attempts)
    try {
      attempt();
    } catch {
      // It is there, or cannot be.
    }
}

const places = ["file", "directory", "link", "loop", "fifo", "packed", "missing", ".", "file/x"];

function chooseArgument(random: Random, index: number): unknown {
  if (index === 0 && !random.oneIn(3)) return random.pick(places);
  return random.pick([() => random.pick(places), () => random.pick(strange), ...makers])();
}

const strange: readonly unknown[] = [
  ...[0, 1, 2, 3, 7, 255, 256, 4096, 0o644, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32],
  ...[2 ** 53 - 1, 2 ** 53, 2 ** 63, 2 ** 64, 1e308, 0.5, -0, -1, -2, -4096, -(2 ** 31)],
  ...[-(2 ** 53), -(2 ** 63), Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...["", "a", "..", "a\0b", "\0", "é", "\ud800", "\udc80\udcff", "user.a", "%s%n%n", "-1", "1e9"],
  ...[undefined, null, true, false, 1n, 2n ** 64n, Symbol("a"), () => "a", /a/, new Date(0)],
  ...[{}, [], ["file"], ["true"], ["/nothing", ""], [undefined], [[]], { length: 3 }],
  ...[{ length: 5 }, { length: "x" }, { 0: "a", length: 1 }],
  ...[new ArrayBuffer(8), new ArrayBuffer(0), new Uint8Array(), new Uint8Array(3)],
  ...[new Uint8Array(64).subarray(60), new Float64Array(3), new DataView(new ArrayBuffer(4))],
];

const makers: readonly (() => unknown)[] = [
  () => "x".repeat(255),
  () => "x".repeat(256),
  () => "é".repeat(4096),
  () => "d/".repeat(2048),
  () => "\ud800".repeat(70_000),
  () => new Uint8Array(70_000),
  () => Array.from({ length: 3000 }, () => "word"),
  () => ({
    toString: () => {
      throw new Error("It is no text");
    },
  }),
];

/** On a busy machine a call waits; so the time on a processor is what counts. */
function processorMs(): number {
  const [nanoseconds = "0"] = host.readFile("/proc/self/schedstat").split(" ");
  return Number(nanoseconds) / 1e6;
}

/** The reader is the name up to its last sign; what is slow here is slow in a boot. */
function readFile(path: string): void {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/-\d+$/, "");
  const reader = readers.find((one) => one.name === name);
  if (reader === undefined) throw new Error(`Cannot read "${path}": no reader has that name`);
  const bytes = host.stat(path)?.bytes ?? 0;
  const input = new Uint8Array(host.readRange(path, 0, bytes));
  const started = processorMs();
  let wrong: string | undefined;
  try {
    reader.read(input);
  } catch (error) {
    if (!(error instanceof Failure)) wrong = `throws ${String(error)}`;
  }
  const tookMs = processorMs() - started;
  if (wrong !== undefined) status = 1;
  print([path, Math.round(tookMs), wrong ?? ""].join("\t"));
}

// Last, when all of the above is there.
if (command === "names") print(Object.keys(host).sort().join("\n"));
else if (command === "call") callFunctions(rest);
else for (const path of rest) readFile(path);
host.exit(status);
