// What a boot does with a disk that a power failure left: the real program's decisions and mounts
// (session-main.ts), on the kernel of the machine that runs the tests.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { runTool } from "../../scripts/lib/tool.ts";
import type { Extent } from "./marks.ts";

/** A session to judge. */
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
}

/** The result. */
export interface JudgedSession {
  /** The contents of boot.json; undefined if the program did not complete. */
  readonly boot: BootWords | undefined;
  /** Digests of the session's files by their paths. */
  readonly files: ReadonlyMap<string, string>;
  /** What the file systems' checkers report afterwards, and what failed. */
  readonly complaints: readonly string[];
}

/** The compared part of boot.json. */
export interface BootWords {
  readonly session: string;
  readonly reason?: string;
  readonly problems: readonly { readonly message: string }[];
  readonly failures: readonly { readonly message: string }[];
  readonly store?: { readonly new: boolean; readonly lastSession?: { readonly state: string } };
  readonly check?: { readonly result: string };
}

const program = "build/session";

/** Builds the program that starts sessions, in the host that the product runs in. */
export function buildSession(): void {
  runTool([process.execPath, "scripts/build.mjs", "test/power-cuts/session-main.ts", program]);
}

/** Starts a session on the disk, and has its file systems checked afterwards. */
export async function judgeSession(inquiry: SessionInquiry): Promise<JudgedSession> {
  const { medium, image, partition, type, commandLine, file } = inquiry;
  const said = await runIsolated(
    ...["test/power-cuts/judge-session.sh", program, medium, image],
    ...[String(partition.offset), String(partition.bytes), type, commandLine],
    ...(file === undefined ? [] : [file.path, file.type]),
  );
  const pick = (word: string) =>
    said
      .split("\n")
      .flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  const [boot] = pick("boot");
  return {
    boot: boot === undefined ? undefined : JSON.parse(boot),
    files: new Map(
      pick("file").map((line) => [line.slice(line.indexOf(" ") + 1), line.split(" ")[0] ?? ""]),
    ),
    complaints: pick("complaint"),
  };
}

/** Runs a program in a private mount namespace, in parallel to others; returns its output. */
export async function runIsolated(...argv: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    "unshare",
    ["--mount", "--propagation", "private", ...argv],
    {
      maxBuffer: 2 ** 26,
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    },
  );
  return stdout;
}
