// Runs the process of one guest to its end: lets hands do what they wait for, kills it at the time
// limit, and collects the results.

import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { runTool } from "../../scripts/lib/tool.ts";
import type { BootResult, GuestRequest, Hand } from "./boot-request.ts";
import { GuestFacts } from "./guest-facts.ts";

/** Files that a guest's machine writes to and reads from, in the directory of its boot. */
export interface GuestFiles {
  readonly console: string;
  readonly facts: string;
  /**
   * The named pipe that the console's serial line reads from; it exists only if hands do something.
   */
  readonly typed: string;
}

/** The process of a guest. */
export interface GuestProcess {
  /** A program that takes everything it has started with it when it is killed. */
  readonly argv: readonly string[];
  /** The files or the pipe for its descriptors 0, 1 and 3, if the machine uses them. */
  readonly opens?: readonly { readonly path: string; readonly flags: string }[];
  /** Does what a hand does other than typing on the serial line. */
  readonly move?: (hand: Hand) => void;
  /** Its name in sentences. */
  readonly name: string;
  /** The last line of its kernel; the machine has ended then, and the rest of the log says nothing. */
  readonly lastLine?: RegExp;
}

const defaultLimitMs = 120_000;

/** Runs a guest whose process `start` returns, and returns the result. */
export async function runGuest(
  request: GuestRequest,
  start: (files: GuestFiles) => GuestProcess,
): Promise<BootResult> {
  const files = {
    console: join(request.directory, "console.log"),
    facts: join(request.directory, "facts.jsonl"),
    typed: join(request.directory, "line.in"),
  };
  mkdirSync(request.directory, { recursive: true });
  for (const file of Object.values(files)) rmSync(file, { force: true });
  const hands = [...(request.hands ?? [])];
  if (request.hands !== undefined) runTool(["mkfifo", files.typed]);
  const guest = start(files);
  // Opened for reading and writing, so that neither side waits for the other.
  const typing = request.hands === undefined ? undefined : openSync(files.typed, "r+");
  const isOver = () => {
    const said = readLog(files.console);
    while (hands[0]?.when.test(said)) {
      const hand = hands.shift()!;
      if (hand.types !== undefined && typing !== undefined) writeSync(typing, hand.types);
      else guest.move?.(hand);
    }
    request.follow?.(new GuestFacts(readLog(files.facts)), said);
    // Now and then the machine does not end after its kernel's last line.
    const hasEnded = guest.lastLine?.test(said) === true;
    return hasEnded || isStuck(said) || request.isOver?.(said) === true;
  };
  const timeoutMs = request.timeoutMs ?? defaultLimitMs;
  const run = await runLimited(guest, timeoutMs, isOver);
  if (typing !== undefined) closeSync(typing);
  const log = readLog(files.console);
  const last = guest.lastLine?.exec(log);
  const console = last ? log.slice(0, last.index + last[0].length) : log;
  const facts = new GuestFacts(readLog(files.facts));
  request.follow?.(facts, console);
  const verdict = facts.text("boot");
  if (verdict !== undefined) writeFileSync(join(request.directory, "boot.json"), verdict);
  const ended = facts.text("end") !== undefined;
  const status = last ? 0 : run.status;
  return {
    facts,
    console,
    ending: describeEnding({ ...run, status, name: guest.name, timeoutMs, console, ended }),
    finished: ended && status === 0 && !run.timedOut,
    elapsedMs: run.elapsedMs,
  };
}

interface Run {
  readonly status: number | undefined;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly elapsedMs: number;
}

// A bug in early boot leaves a machine that waits for a person.
function isStuck(console: string): boolean {
  return console.includes("this is a bug in backstore");
}

function runLimited(guest: GuestProcess, timeoutMs: number, isOver: () => boolean): Promise<Run> {
  const [program = "", ...rest] = guest.argv;
  const opened = guest.opens?.map(({ path, flags }) => openSync(path, flags));
  const [input = "ignore", output = "ignore", ...more] = opened ?? [];
  const start = performance.now();
  return new Promise((settle) => {
    const child = spawn(program, rest, { stdio: [input, output, "pipe", ...more] });
    for (const descriptor of opened ?? []) closeSync(descriptor);
    let stderr = "";
    let timedOut = false;
    const kill = () => child.kill("SIGKILL");
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutMs);
    // Checked twice a second, and killed at the second check after that, when the last lines have
    // arrived.
    let looksLeft = 2;
    const watch = setInterval(() => {
      if (isOver() && --looksLeft === 0) kill();
    }, 500);
    // A guest must not outlive the program that started it.
    process.once("exit", kill);
    const end = (status: number | undefined) => {
      clearTimeout(timer);
      clearInterval(watch);
      process.removeListener("exit", kill);
      settle({ status, stderr, timedOut, elapsedMs: performance.now() - start });
    };
    child.stderr?.on("data", (data) => {
      stderr += data;
    });
    child.on("error", (error) => {
      stderr += error.message;
      end(undefined);
    });
    child.on("close", (status) => end(status ?? undefined));
  });
}

interface Ending extends Run {
  readonly name: string;
  readonly timeoutMs: number;
  readonly console: string;
  readonly ended: boolean;
}

function describeEnding(ending: Ending): string {
  const { name, status, stderr, timedOut, timeoutMs, console, ended, elapsedMs } = ending;
  const after = `after ${(elapsedMs / 1000).toFixed(1)} s`;
  const panic = /Kernel panic - not syncing: (.*)/.exec(console)?.[1];
  if (panic !== undefined) return `the kernel panicked ${after}: ${panic}`;
  if (isStuck(console)) return `met a bug ${after}`;
  if (timedOut) return `was stopped at the time limit of ${timeoutMs / 1000} s`;
  if (status !== 0) {
    const last = stderr.trim().split("\n").at(-1) ?? "";
    return `${name} ended with status ${status ?? "unknown"}: ${last}`;
  }
  return ended ? `powered off ${after}` : `went off ${after} without saying its last fact`;
}

function readLog(file: string): string {
  try {
    return readFileSync(file, "utf8").replaceAll("\r", "");
  } catch {
    return "";
  }
}
