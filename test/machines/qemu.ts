// Runs one guest to its end: starts QEMU, kills it at the time limit, and collects what came back. The guest's facts
// are JSON lines on its second serial port; its console is kept in a file beside them.

import { spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { connect } from "node:net";
import { basename, join, relative } from "node:path";
import { runTool } from "../../scripts/lib/tool.ts";
import { chooseAccelerator } from "./accelerator.ts";
import {
  type Accelerator,
  type Disk,
  formatKeys,
  formatMachine,
  formatPlugging,
  formatPulling,
  type Keyboard,
} from "./machine.ts";

/** Is one boot that is asked for. */
export interface BootRequest {
  /** A directory of its own for the console's log and the facts. */
  readonly directory: string;
  readonly kernel: string;
  readonly initramfs: string;
  /** Added to the arguments that every guest gets. */
  readonly cmdline: string;
  readonly disks: readonly Disk[];
  readonly memoryMegabytes?: number;
  readonly processors?: number;
  readonly accelerator?: Accelerator;
  readonly timeoutMs?: number;
  /** What a person does while the guest runs. */
  readonly hands?: readonly Hand[];
  readonly keyboard?: Keyboard;
  /** Tells from the console's log that no more is to come, so that the rest of the time limit need not pass. */
  readonly isOver?: (console: string) => boolean;
}

/** Is what a person does once the guest says something on its serial console. */
export interface Hand {
  readonly when: RegExp;
  /** The name of a disk. */
  readonly plugs?: string;
  readonly pulls?: string;
  /** What is typed on the serial line; Enter is "\r" there. */
  readonly types?: string;
  /** The keys that are pressed on the keyboard, by the monitor's names for them. */
  readonly presses?: readonly string[];
}

/** Is how a boot went. */
export interface BootResult {
  readonly facts: GuestFacts;
  /** The console's log, carriage returns removed. */
  readonly console: string;
  /** The whole of it in words: "powered off after 4.1 s", or why it did not. */
  readonly ending: string;
  /** True only when the guest said its last fact and powered off. */
  readonly finished: boolean;
  readonly elapsedMs: number;
}

/** Is what the guest said: texts by kind and name ("file" "/etc/motd"). */
export class GuestFacts {
  private readonly texts = new Map<string, string>();

  /** Reads JSON lines; a torn last line is what a killed guest leaves, and is passed over. */
  constructor(lines: string) {
    for (const line of lines.split("\n")) {
      const fact = parseLine(line);
      if (fact !== undefined) this.texts.set(`${fact.kind} ${fact.name}`, fact.text);
    }
  }

  /** Gives the text of a fact; undefined when the guest did not say it. */
  text(kind: string, name = ""): string | undefined {
    return this.texts.get(`${kind} ${name}`);
  }

  /** Gives every name that a kind of fact was said for. */
  names(kind: string): string[] {
    return [...this.texts.keys()].flatMap((key) =>
      key.startsWith(`${kind} `) ? [key.slice(kind.length + 1)] : [],
    );
  }
}

// On a busy machine an emulated timer may miss the moment in which the kernel looks whether it works.
const commonArguments =
  "console=ttyS0,115200 panic=1 quiet loglevel=4 nokaslr mitigations=off no_timer_check";

/**
 * Boots a guest and waits for its end, which comes at the time limit at the latest. A guest whose kernel could not unpack
 * the initramfs is booted once more, which is told: no program of ours has run and nothing was written by then.
 */
export async function executeBoot(request: BootRequest): Promise<BootResult> {
  const result = await bootOnce(request);
  if (!result.console.includes(tornInitramfs)) return result;
  process.stderr.write(
    `${request.directory}: "${tornInitramfs}", which the emulator does now and then; booted once more\n`,
  );
  return bootOnce(request);
}

/**
 * Three of some thousand boots ended so on busy machines; each time the same file was unpacked by the boots before and
 * after, and zstd found it whole.
 */
const tornInitramfs = "Initramfs unpacking failed: ZSTD-compressed data is corrupt";

async function bootOnce(request: BootRequest): Promise<BootResult> {
  mkdirSync(request.directory, { recursive: true });
  const log = join(request.directory, "console.log");
  const facts = join(request.directory, "facts.jsonl");
  // A socket's path must be short.
  const monitor = relative("", join(request.directory, "monitor"));
  const line = join(request.directory, "line");
  for (const file of [log, facts, monitor]) rmSync(file, { force: true });
  const argv = formatMachine({
    kernel: request.kernel,
    initramfs: request.initramfs,
    cmdline: `${commonArguments} ${request.cmdline}`,
    disks: request.disks,
    memoryMegabytes: request.memoryMegabytes ?? 512,
    processors: request.processors ?? 1,
    accelerator: request.accelerator ?? chooseAccelerator(request.kernel),
    console: log,
    facts,
    ...(request.hands === undefined ? {} : { monitor, line }),
    ...(request.keyboard === undefined ? {} : { keyboard: request.keyboard }),
  });
  const timeoutMs = request.timeoutMs ?? 120_000;
  const hands = [...(request.hands ?? [])];
  const typing = request.hands === undefined ? undefined : openLine(line, log);
  const isOver = () => {
    const said = readLog(log);
    while (hands[0]?.when.test(said)) {
      const hand = hands.shift()!;
      if (hand.types !== undefined && typing !== undefined) writeSync(typing, hand.types);
      else tellMonitor(monitor, formatHand(hand, request));
    }
    return isStuck(said) || request.isOver?.(said) === true;
  };
  const run = await runLimited(argv, timeoutMs, isOver);
  if (typing !== undefined) closeSync(typing);
  const console = readLog(log);
  const guest = new GuestFacts(readLog(facts));
  const verdict = guest.text("boot");
  if (verdict !== undefined) writeFileSync(join(request.directory, "boot.json"), verdict);
  const ended = guest.text("end") !== undefined;
  return {
    facts: guest,
    console,
    ending: describeEnding({ ...run, timeoutMs, console, ended }),
    finished: ended && run.status === 0 && !run.timedOut,
    elapsedMs: run.elapsedMs,
  };
}

/** Gives the last lines of a console, for a person who wants to know why. */
export function formatTail(console: string, lines = 30): string {
  return console.trimEnd().split("\n").slice(-lines).join("\n");
}

interface Run {
  readonly status: number | undefined;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly elapsedMs: number;
}

function formatHand({ plugs, pulls, presses }: Hand, { disks }: BootRequest): string {
  if (presses !== undefined) return formatKeys(presses);
  if (plugs !== undefined) return formatPlugging(disks, plugs);
  return formatPulling(pulls ?? "");
}

/** Makes what a serial line comes from, which is given to type on, and the file that it goes to. */
function openLine(line: string, log: string): number {
  for (const end of [`${line}.in`, `${line}.out`]) rmSync(end, { force: true });
  writeFileSync(log, "");
  symlinkSync(basename(log), `${line}.out`);
  runTool(["mkfifo", `${line}.in`]);
  // Open on both sides, so that nobody waits for the other.
  return openSync(`${line}.in`, "r+");
}

// What the monitor answers is not waited for: the guest tells whether it worked.
function tellMonitor(socket: string, command: string): void {
  const connection = connect(socket, () => connection.write(`${command}\n`));
  connection.on("data", () => connection.end());
  connection.on("error", () => connection.destroy());
}

// A bug in early boot leaves a machine that waits for a person.
function isStuck(console: string): boolean {
  return console.includes("this is a bug in backstore");
}

function runLimited(
  argv: readonly string[],
  timeoutMs: number,
  isOver: () => boolean,
): Promise<Run> {
  const [program = "", ...rest] = argv;
  const start = performance.now();
  return new Promise((settle) => {
    const child = spawn(program, rest, { stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    let timedOut = false;
    const kill = () => child.kill("SIGKILL");
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutMs);
    // Looked at twice a second, and killed a second look later, when the last lines have come.
    let looksLeft = 2;
    const watch = setInterval(() => {
      if (isOver() && --looksLeft === 0) kill();
    }, 500);
    // A guest must not outlive the program that asked for it.
    process.once("exit", kill);
    const end = (status: number | undefined) => {
      clearTimeout(timer);
      clearInterval(watch);
      process.removeListener("exit", kill);
      settle({ status, stderr, timedOut, elapsedMs: performance.now() - start });
    };
    child.stderr.on("data", (data) => {
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
  readonly timeoutMs: number;
  readonly console: string;
  readonly ended: boolean;
}

function describeEnding({
  status,
  stderr,
  timedOut,
  timeoutMs,
  console,
  ended,
  elapsedMs,
}: Ending): string {
  const after = `after ${(elapsedMs / 1000).toFixed(1)} s`;
  const panic = /Kernel panic - not syncing: (.*)/.exec(console)?.[1];
  if (panic !== undefined) return `the kernel panicked ${after}: ${panic}`;
  if (isStuck(console)) return `met a bug ${after}`;
  if (timedOut) return `was stopped at the time limit of ${timeoutMs / 1000} s`;
  if (status !== 0)
    return `QEMU ended with status ${status ?? "unknown"}: ${stderr.trim().split("\n").at(-1) ?? ""}`;
  return ended ? `powered off ${after}` : `went off ${after} without saying its last fact`;
}

function parseLine(line: string): { kind: string; name: string; text: string } | undefined {
  try {
    const { kind, name, text } = JSON.parse(line);
    return { kind, name: decode(name), text: decode(text) };
  } catch {
    return undefined;
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

function readLog(file: string): string {
  try {
    return readFileSync(file, "utf8").replaceAll("\r", "");
  } catch {
    return "";
  }
}
