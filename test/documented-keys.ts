// The keys of JSON that a command writes, and those that its document names in a table: a row
// begins with "| `a.b[].c` |".
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Lists the path of every key below a value, each once, sorted; what is below `leaves` is explained
 * elsewhere.
 */
export function listKeys(value: unknown, leaves: readonly string[] = []): string[] {
  const isLeaf = (key: string) =>
    leaves.some((leaf) => key.startsWith(`${leaf}.`) || key.startsWith(`${leaf}[`));
  return [...new Set(keysOf(value, ""))].filter((key) => !isLeaf(key)).sort();
}

/** Lists the keys that a document of the repository names, sorted. */
export function readDocumentedKeys(document: string): string[] {
  const text = readFileSync(join(import.meta.dirname, "..", document), "utf8");
  return [...text.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key = ""]) => key).sort();
}

function keysOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => keysOf(element, `${path}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const key = path === "" ? name : `${path}.${name}`;
    return [key, ...keysOf(inner, key)];
  });
}
