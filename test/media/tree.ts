// A medium as a directory of files, read as the command reads it.
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeByteText } from "../../src/core/bytes/byte-text.ts";
import { isNeededText, type MediumFiles } from "../../src/core/install/plan-changes.ts";

/** Reads a medium. */
export function readMedium(directory: string): MediumFiles {
  const files = listFiles(directory);
  const texts = new Map(
    files
      .filter(isNeededText)
      .map((file) => [file, decodeByteText(readFileSync(join(directory, file)))]),
  );
  return { files, texts };
}

/** Lists the files below a directory. */
export function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => lstatSync(join(directory, name)).isFile())
    .sort();
}

/** Returns the digest of each file below a directory, and the names of the directories. */
export function digestTree(directory: string): Map<string, string> {
  return new Map(
    readdirSync(directory, { recursive: true, encoding: "utf8" })
      .sort()
      .map((name) => {
        const path = join(directory, name);
        const isFile = lstatSync(path).isFile();
        return [name, isFile ? createHash("sha256").update(readFileSync(path)).digest("hex") : ""];
      }),
  );
}
