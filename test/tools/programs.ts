// External programs for tests: runs them, and says in a sentence what to install if one is missing;
// and what tests of the program itself begin with: a directory, and a copy of it there.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { checkShape } from "../shapes/misfits.ts";

/** Whether the tests run as root. */
export const isRoot = process.geteuid?.() === 0;

/** What the name of a group of tests ends with if it is skipped because only root mounts. */
export const rootNote = isRoot ? "" : " (skipped: only root mounts)";

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program and returns how it ended; throws a sentence if it is not installed. */
export function tryRun(argv: readonly string[], input?: string): Outcome {
  const [program = "", ...rest] = argv;
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const env = { ...process.env, PATH: path, LC_ALL: "C.UTF-8" };
  const ended = spawnSync(program, rest, { encoding: "utf8", env, input: input ?? "" });
  if (ended.error !== undefined) {
    throw new Error(`Cannot run "${program}": ${ended.error.message}; ./scripts/test installs it`);
  }
  if (/\/backstore$/.test(program)) checkShape(rest, ended.stdout);
  return ended;
}

/** Runs a program that has to succeed and returns its standard output. */
export function run(argv: readonly string[], input?: string): string {
  const ended = tryRun(argv, input);
  if (ended.status !== 0) {
    throw new Error(
      `"${argv.join(" ")}" ended with ${ended.status}: ${ended.stdout}${ended.stderr}`,
    );
  }
  return ended.stdout;
}

/** Makes a directory that is removed after the tests of the file. */
export function temporaryDirectory(place = tmpdir()): string {
  const directory = mkdtempSync(join(place, "backstore-test-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }), 60_000);
  return directory;
}

/** Returns a function that makes a new directory, with a number for its name. */
export function numberDirectories(directory: string): () => string {
  let count = 0;
  return () => {
    const path = join(directory, String(count++));
    mkdirSync(path);
    return path;
  };
}

/** Copies the program under test, because others may build meanwhile; returns the copy's path. */
export function copyProgram(directory: string): string {
  const program = join(directory, "backstore");
  copyFileSync("dist/backstore", program);
  return program;
}
