// What is particular to one release: its version and date, and where it is made.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Part, readParts } from "./parts.ts";

/** A release that is being packed. */
export interface Release {
  readonly version: string;
  /** The seconds since 1970 that every file and package has as its date. */
  readonly epoch: number;
  readonly parts: readonly Part[];
  /** An empty directory for what is needed meanwhile. */
  readonly work: string;
  /** The directory of the packages. */
  readonly output: string;
}

/** Reads the version from package.json, and the date from SOURCE_DATE_EPOCH or the last commit. */
export function readRelease(work: string, output: string): Release {
  // It is of this tree.
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  return {
    version,
    epoch: readEpoch(),
    parts: readParts(),
    work: resolve(work),
    output: resolve(output),
  };
}

function readEpoch(): number {
  const text = process.env.SOURCE_DATE_EPOCH ?? readCommitTime();
  if (!/^\d{1,11}$/.test(text))
    throw new Error(`Cannot pack: SOURCE_DATE_EPOCH is ${JSON.stringify(text)}, and not seconds`);
  return Number(text);
}

function readCommitTime(): string {
  try {
    const argv = ["log", "-1", "--format=%ct", "HEAD"];
    return execFileSync("git", argv, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  } catch {
    throw new Error("Cannot pack: the last commit has no date here\nHint: set SOURCE_DATE_EPOCH");
  }
}

/** Returns a version as Debian and RPM sort it: 1.0.0-rc.1 comes before 1.0.0. */
export function formatSortedVersion(version: string): string {
  return version.replace("-", "~");
}

/** Returns a version as pacman sorts it; it knows no hyphen in one. */
export function formatPacmanVersion(version: string): string {
  return version.replace("-", "");
}
