// Inputs that are kept: a file for each reader, an input in each line. Text is JSON, so that a change
// can be read; anything else is deflated, because a disk is mostly zeros, in base64.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync, inflateRawSync } from "node:zlib";

/** The most that one input takes in its file. */
export const mostLineBytes = 2048;
/** The most that all inputs of one reader take. */
export const mostFileBytes = 4096;

/** Reads what is kept for a reader. */
export function readCorpus(directory: string, reader: string): Uint8Array[] {
  const file = join(directory, `${reader}.txt`);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map(parseLine);
}

/** Writes what is kept for a reader. */
export function writeCorpus(
  directory: string,
  reader: string,
  inputs: readonly Uint8Array[],
): void {
  writeFileSync(
    join(directory, `${reader}.txt`),
    inputs.map((input) => `${formatLine(input)}\n`).join(""),
  );
}

/** Formats an input as the line of a file. */
export function formatLine(input: Uint8Array): string {
  const text = Buffer.from(input).toString("utf8");
  const isText = Buffer.from(text).equals(input) && /^[\t\n\r -~]*$/.test(text);
  return isText && input.length < 1024
    ? JSON.stringify(text)
    : deflateRawSync(input).toString("base64");
}

function parseLine(line: string): Uint8Array {
  if (line.startsWith('"')) return new Uint8Array(Buffer.from(JSON.parse(line)));
  return new Uint8Array(inflateRawSync(Buffer.from(line, "base64")));
}
