// Judges "backstore revert" on stores that the kernel's own overlay has written: at what was reverted
// the kernel shows the base's tree afterwards, and all else as before. Run in a mount name space of
// its own: revert-judge PROGRAM DIRECTORY RUNS
import { existsSync } from "node:fs";
import fc from "fast-check";
import { changeKinds } from "../../src/core/changes/change.ts";
import { type JudgedStore, requireSame, stores, withStore } from "./judged-store.ts";
import { parseTold, revertTree } from "./reverted-tree.ts";

const [, , program = "", directory = "", runs = ""] = process.argv;
const refused = { tried: 0, refused: 0 };

/** A choice of one of the paths that there are, or of the changes of a kind. */
const choices = fc.oneof(
  { weight: 3, arbitrary: fc.record({ path: fc.nat(1000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom(...changeKinds) }) },
  { weight: 1, arbitrary: fc.constant({ all: true }) },
);

fc.assert(
  fc.property(stores, choices, (generated, choice) =>
    withStore({ program, directory }, generated, (store) => judge(store, choice)),
  ),
  { numRuns: Number(runs) },
);
if (refused.refused * 2 > refused.tried) throw new Error(`${JSON.stringify(refused)}`);

type Choice = { path: number } | { kind: string } | { all: boolean };

function judge(store: JudgedStore, choice: Choice): void {
  const { base, merged, call, tryCall, readMerged } = store;
  const at = `${store.directory}/store`;
  const told = parseTold(call(["changes", at, "--json"]));
  const words = ["revert", "--store", at, "--json", ...wordsOf(choice, { base, merged })];
  const dry = tryCall([...words, "--dry-run"]);
  refused.tried++;
  if (dry.status === 8 || dry.status === 2) {
    refused.refused++;
    requireSame({ said: merged, is: readMerged() }, () => words.join(" "));
    return;
  }
  if (dry.status !== 0) throw new Error(`${words.join(" ")}: ${dry.status} ${dry.stdout}`);
  const planned = JSON.parse(dry.stdout);
  const done = JSON.parse(call([...words, "--yes"]));
  const [before, after] = [planned, done].map(({ reverts }) => JSON.stringify(reverts));
  if (before !== after) throw new Error(`planned ${before}, and did ${after}`);
  const said = revertTree(store, told, done.reverts);
  const words2 = () =>
    `${words.join(" ")}: ${after}\n${told.map((one) => JSON.stringify(one)).join("\n")}`;
  requireSame({ said, is: readMerged() }, words2);
  if (existsSync(`${at}/upperdir.reverted`)) throw new Error("something is left beside");
  const second = tryCall([...words, "--yes"]);
  // What only the store had is nowhere now.
  const again = second.status === 4 ? { reverts: [] } : JSON.parse(second.stdout);
  if (again.reverts.length > 0)
    throw new Error(`reverted again: ${JSON.stringify(again)} after ${words2()}`);
}

function wordsOf(
  choice: Choice,
  { base, merged }: Pick<JudgedStore, "base" | "merged">,
): readonly string[] {
  if ("kind" in choice) return ["--kind", choice.kind];
  const paths = [...new Set([...merged.keys(), ...base.keys()])]
    .filter((path) => path !== "/")
    .sort();
  const path = "path" in choice ? paths[choice.path % paths.length] : undefined;
  return [path ?? "/"];
}
