// Judges "backstore reclaim" on stores that the kernel's own overlay has written: the kernel shows the
// same afterwards, no change is left that changes nothing, and a second run has nothing to do. Run in a
// mount name space of its own: reclaim-judge PROGRAM DIRECTORY RUNS
import { readdirSync } from "node:fs";
import fc from "fast-check";
import { type JudgedStore, requireSame, stores, withStore } from "./judged-store.ts";
import { parseTold } from "./reverted-tree.ts";

const [, , program = "", directory = "", runs = ""] = process.argv;
const seen = { done: 0, refused: 0, won: 0 };

fc.assert(
  fc.property(stores, (generated) => withStore({ program, directory }, generated, judge)),
  { numRuns: Number(runs) },
);
if (seen.done < 2 * seen.refused || seen.won * 15 < seen.done)
  throw new Error(JSON.stringify(seen));

function judge({ directory: at, merged, call, tryCall, readMerged }: JudgedStore): void {
  const store = `${at}/store`;
  const told = call(["changes", store, "--json"]);
  const names = () => readdirSync(`${store}/upperdir`, { recursive: true }).length;
  const before = names();
  const { status, stdout } = tryCall(["reclaim", store, "--json", "--yes"]);
  if (status === 8) seen.refused++;
  else if (status === 0) seen.done++;
  else throw new Error(`${status}: ${stdout}\n${told}`);
  if (names() < before) seen.won++;
  requireSame({ said: merged, is: readMerged() }, () => `${stdout}\n${told}`);
  if (status === 8) return;
  const left = parseTold(call(["changes", store, "--kind", "same", "--json"]));
  if (left.length > 0) throw new Error(`left: ${JSON.stringify(left)} of\n${told}`);
  const again = JSON.parse(call(["reclaim", store, "--json"]));
  const sum = again.reclaims.reduce((all: number, { paths }: { paths: number }) => all + paths, 0);
  if (sum > 0) throw new Error(`reclaimed again: ${JSON.stringify(again)}`);
}
