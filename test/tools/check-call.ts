// The real "backstore check", called on one store, for tests that damage it or kill the program
// that changes it.
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { digestFile } from "./digest.ts";
import { type Outcome, tryRun } from "./programs.ts";
import { directory, makeModel, program, type StoreModel } from "./stores.ts";

/** The store that is checked. */
export const store = join(directory, "host", "sysrcd.bs");
const models = new Map<string, StoreModel>();

/** Returns the model of a type, made on first use. */
export function modelOf(type: string): StoreModel {
  const made = models.get(type) ?? makeModel(type, { xfs: 320, btrfs: 320 }[type] ?? 24);
  models.set(type, made);
  return made;
}

interface Report {
  readonly stores: readonly { readonly store: string; readonly checked: boolean }[];
  readonly findings: readonly {
    readonly level: string;
    readonly message: string;
    readonly repair: string | null;
  }[];
  readonly repaired: readonly { readonly repair: string }[];
}

/** Runs the real program. */
export function call(...words: readonly string[]): Outcome {
  return tryRun([program, "check", ...words]);
}

/** Calls check, and returns the status and each finding as "level repair: message". */
export function check(...words: readonly string[]) {
  const { status, stdout, stderr } = call(...words, "--json");
  expect(stderr).toBe("");
  const { stores, findings, repaired }: Report = JSON.parse(stdout);
  return {
    status,
    checked: stores.map(({ checked }) => checked),
    findings: findings.map(({ level, repair, message }) => `${level} ${repair ?? "-"}: ${message}`),
    repaired: repaired.map(({ repair }) => repair),
  };
}

/** Returns digests of everything in a directory. */
export function digests(of = dirname(store)): string {
  return readdirSync(of)
    .map((name) => {
      const { size, blocks, mtimeMs } = statSync(join(of, name));
      return [name, size, blocks, mtimeMs, digestFile(join(of, name))].join(" ");
    })
    .join("\n");
}
