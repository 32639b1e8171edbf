// The program as an older version of it would be: this one with another number, which is a text of
// the same length in it.
import { chmodSync, readFileSync, writeFileSync } from "node:fs";

const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

/** The version of the program under test. */
export const currentVersion = version;

/** An older one. */
export const olderVersion = "0.0.9";

/** Writes the older program. */
export function writeOlderProgram(path: string): void {
  const bytes = readFileSync("dist/backstore");
  const places = findAll(bytes, currentVersion);
  if (places.length === 0 || olderVersion.length !== currentVersion.length)
    throw new Error(`Cannot make an older program: no text "${currentVersion}" of that length`);
  for (const place of places) bytes.write(olderVersion, place, "latin1");
  writeFileSync(path, bytes);
  chmodSync(path, 0o755);
}

function findAll(bytes: Buffer, text: string): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
  return places;
}
