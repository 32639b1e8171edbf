// Runs other programs for the harness, the demo and the bench: argument vectors only, and a failure
// that can be pasted into a terminal.

import { spawnSync } from "node:child_process";

export interface ToolOptions {
  readonly directory?: string;
  readonly input?: string | Uint8Array;
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Runs a program, waits, and returns its stdout; if it fails, throws an error with the command and
 * its last words.
 */
export function runTool(argv: readonly string[], options: ToolOptions = {}): string {
  const [program = "", ...rest] = argv;
  const done = spawnSync(program, rest, {
    cwd: options.directory,
    input: options.input ?? "",
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, ...options.environment },
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (done.status === 0) return done.stdout;
  const why = done.error?.message ?? `it ended with ${done.signal ?? `status ${done.status}`}`;
  const tail = `${done.stdout ?? ""}${done.stderr ?? ""}`.trim().split("\n").slice(-12).join("\n");
  throw new Error(`Cannot run ${formatCommand(argv)}: ${why}\n${tail}`);
}

/** Formats an argument vector so that it can be pasted into a shell. */
export function formatCommand(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}
