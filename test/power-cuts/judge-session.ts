// What a boot does with a disk that a power failure left: the real program's decisions and mounts
// (session-main.ts), on the kernel of the machine that runs the tests. One process judges all disks
// of a recording, because starting dozens of programs for each takes far longer than the boot.

import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { promisify } from "node:util";
import { runTool } from "../../scripts/lib/tool.ts";
import type { Extent } from "./marks.ts";

/** A disk with sessions to judge. */
export interface SessionInquiry {
  /** The medium with the base; of a type that this machine's kernel supports. */
  readonly medium: string;
  /** The disk's image, which is changed, and the partition on it. */
  readonly image: string;
  readonly partition: Extent;
  readonly type: string;
  readonly commandLine: string;
  /** The store on that file system and the type in it, for a file store. */
  readonly file?: { readonly path: string; readonly type: string };
  /** The files of the session whose contents matter. */
  readonly files: readonly string[];
}

/** The result. */
export interface JudgedSession {
  /** The contents of boot.json; undefined if the program did not complete. */
  readonly boot: BootWords | undefined;
  /** Digests of the session's files by their paths. */
  readonly files: ReadonlyMap<string, string>;
  /** What the script in the session printed. */
  readonly said: readonly string[];
  /** What the file systems' checkers report afterwards, and what failed. */
  readonly complaints: readonly string[];
}

/** The compared part of boot.json. */
export interface BootWords {
  readonly session: string;
  readonly reason?: string;
  readonly problems: readonly { readonly message: string }[];
  readonly failures: readonly { readonly message: string }[];
  readonly store?: {
    readonly new: boolean;
    readonly overlay: string;
    readonly lastSession?: { readonly state: string };
  };
  readonly check?: { readonly result: string };
}

const program = "build/session";
const isolation = ["--mount", "--propagation", "private"] as const;

/** Builds the program that starts sessions, in the host that the product runs in. */
export function buildSession(): void {
  runTool([process.execPath, "scripts/build.mjs", "test/power-cuts/session-main.ts", program]);
}

/** Starts sessions on what an image contains, each time it is asked, until it is closed. */
export class SessionJudge {
  private readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  private readonly lines: AsyncIterator<string>;
  private warnings = "";

  constructor(inquiry: SessionInquiry) {
    const { medium, image } = inquiry;
    const root = `${image}.root`;
    mkdirSync(root, { recursive: true });
    const inside = { ...inquiry, medium: "/medium", image: `/disks/${basename(image)}` };
    this.child = spawn(
      "unshare",
      [
        ...[...isolation, "test/power-cuts/enter-root.sh", root, program],
        ...[medium, dirname(image), JSON.stringify(inside)],
      ],
      { stdio: ["pipe", "pipe", "pipe"], env: environment() },
    );
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.warnings = `${this.warnings}${text}`.slice(-10_000);
    });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * Starts a session on the disk, does there what a shell script of one line says, and has its file
   * systems checked afterwards.
   */
  async judge(actions = ""): Promise<JudgedSession> {
    this.child.stdin.write(`${actions}\n`);
    const said: string[] = [];
    for (;;) {
      const { value: line, done } = await this.lines.next();
      if (done) throw new Error(`Cannot judge any more: ${this.warnings}`);
      if (line === "end") return readAnswer(said);
      said.push(line);
    }
  }

  close(): void {
    this.child.stdin.end();
  }
}

function readAnswer(said: readonly string[]): JudgedSession {
  const pick = (word: string) =>
    said.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  const [boot] = pick("boot");
  return {
    boot: boot === undefined ? undefined : JSON.parse(boot),
    files: new Map(
      pick("file").map((line) => {
        const [digest = "", path = ""] = line.split("  ");
        return [path, digest];
      }),
    ),
    said: pick("said"),
    complaints: pick("complaint"),
  };
}

/** Runs a program in a private mount namespace, in parallel to others; returns its output. */
export async function runIsolated(...argv: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("unshare", [...isolation, ...argv], {
    maxBuffer: 2 ** 26,
    env: environment(),
  });
  return stdout;
}

function environment() {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
}
