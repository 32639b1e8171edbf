// Kills a program immediately before any call that changes something (kill-at.c), and tells what a
// run without a kill does. Or only stops it there, so that one run shows what is found at each call.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { makeKillAt } from "./make-kill-at.ts";
import { run, temporaryDirectory } from "./programs.ts";

const reportFile = join(temporaryDirectory(), "kill-at");
const stopsFile = `${reportFile}-stops`;

/** The end of a program that was watched or killed. */
export interface Watched {
  /** 137 if it was killed. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /**
   * The calls that change something, in order, including the one before which it was killed:
   * "pwrite64 mkfs.ext4 /…".
   */
  readonly calls: readonly string[];
}

/** When to kill, and what the program reads. */
export interface Watch {
  /** The number of the call, from 1, before which to kill; 0 lets the program complete. */
  readonly at: number;
  /** Standard input. */
  readonly input?: string;
}

/** Runs a program and kills it before its call number `at`. */
export function killAt(argv: readonly string[], { at, input }: Watch): Watched {
  const watcher = makeKillAt();
  const words = [reportFile, String(at), ...argv];
  const ended = spawnSync(watcher, words, {
    encoding: "utf8",
    env: environment(),
    input: input ?? "",
    timeout: 60_000,
  });
  if (ended.status === null || ended.status === 125)
    throw new Error(`Cannot watch "${argv.join(" ")}": ${ended.signal ?? ended.stderr}`);
  const lines = readFileSync(reportFile, "utf8").trimEnd().split("\n");
  return {
    status: ended.status,
    stdout: ended.stdout,
    stderr: ended.stderr,
    calls: lines.filter((line) => line !== "").map(readCall),
  };
}

/** Returns the calls of a program that is not killed, which has to end well. */
export function callsOf(argv: readonly string[]): readonly string[] {
  const { status, stderr, calls } = killAt(argv, { at: 0 });
  expect(status, stderr).toBe(0);
  return calls;
}

/** Kills a program before one of its calls, and returns in words where that was. */
export function killBefore(
  argv: readonly string[],
  number: number,
  calls: readonly string[],
): string {
  const where = `killed before call ${number} of ${calls.length}: ${calls[number - 1]}`;
  expect(killAt(argv, { at: number }).status, where).toBe(137);
  return where;
}

/**
 * Runs a program and stops it before its call number `from` and each after that, while `look` runs;
 * kills it there if `look` returns "kill". Returns its status.
 */
export async function stopAtCalls(
  argv: readonly string[],
  from: number,
  look: (call: string) => "kill" | undefined,
): Promise<number | null> {
  if (!existsSync(stopsFile)) run(["mkfifo", stopsFile]);
  const watcher = spawn(makeKillAt(), [stopsFile, `from:${from}`, ...argv], {
    env: environment(),
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(watcher, "exit");
  try {
    let at = 0;
    for await (const line of createInterface({ input: createReadStream(stopsFile) })) {
      if (++at < from) continue;
      if (look(readCall(line)) === "kill") break;
      watcher.stdin.write("\n");
    }
  } finally {
    watcher.stdin.end();
  }
  const [status] = await ended;
  return status;
}

function readCall(line: string): string {
  return line.replace(/^\d+ /, "").trim();
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, LC_ALL: "C.UTF-8" };
}
