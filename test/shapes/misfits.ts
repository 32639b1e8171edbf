// What a command wrote, held against the schema that its users have.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../../src/cli/command-table.ts";
import { schemaFile } from "./documents.ts";
import { findMisfits, type JsonSchema } from "./json-schema.ts";

const root = join(import.meta.dirname, "../..");

/** Returns where an object that a command wrote does not fit the command's schema, or that of errors. */
export function findMisfitsOf(command: string, value: object): string[] {
  return findMisfits(readSchema("error" in value ? "error" : command), value);
}

/** Throws if a command wrote JSON of another shape than its schema has. */
export function checkShape([command = ""]: readonly string[], written: string): void {
  if (!written.startsWith("{")) return;
  const misfits = readObjects(command, written).flatMap((value) => [
    ...findMisfitsOf(command, value),
    ...findQuoted(value),
  ]);
  if (misfits.length > 0)
    throw new Error(`What ${command} writes has another shape:\n${misfits.join("\n")}`);
}

/** Some commands write an object a line. */
function readObjects(command: string, written: string): object[] {
  const tellsLines = commands.some(({ name, tellsLines }) => name === command && tellsLines);
  const texts = tellsLines ? written.split("\n").filter((line) => line !== "") : [written];
  return texts.map((text) => JSON.parse(text));
}

/** Returns where a value has quotes around it, which belong into sentences only. */
export function findQuoted(value: unknown, at = ""): string[] {
  if (typeof value === "string")
    return value.startsWith('"') ? [`${at}: has quotes around it: ${value}`] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value)
    .filter(([key]) => !sentences.includes(key))
    .flatMap(([key, inner]) => findQuoted(inner, `${at}.${key}`));
}

const sentences = ["message", "hint", "reason", "path", "title", "description", "advice", "says"];

function readSchema(name: string): JsonSchema {
  return JSON.parse(readFileSync(join(root, schemaFile({ name })), "utf8"));
}
