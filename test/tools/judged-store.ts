// A store that the kernel's own overlay has written, for judges: two layers of a base, and a session's
// edits, all generated. Judges run in a mount name space of their own.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { type MergedTree, readTree } from "./merged-tree.ts";
import { type Edit, edits, makeEdits } from "./tree-edits.ts";

/** What a generated store is made from. */
export interface Generated {
  /** The options of the overlay. */
  readonly options: string;
  /** The edits that make the layers of the base, the lowest first. */
  readonly base: readonly (readonly Edit[])[];
  readonly session: readonly Edit[];
}

/** The options that this program mounts with, those of other systems, and of containers without root. */
export const [ours, others, unprivileged] = [
  "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
  "index=off,metacopy=on,redirect_dir=on",
  "userxattr",
] as const;

/** Generated stores. */
export const stores: fc.Arbitrary<Generated> = fc.record({
  options: fc.constantFrom(ours, others, unprivileged),
  base: fc.tuple(edits, fc.option(edits, { nil: [] })),
  session: edits,
});

/** A store as a judge sees it. */
export interface JudgedStore {
  readonly directory: string;
  readonly base: MergedTree;
  readonly merged: MergedTree;
  /** Calls a command on it, and returns what that wrote to standard output. */
  readonly call: (words: readonly string[]) => string;
  /** Calls a command that may fail. */
  readonly tryCall: (words: readonly string[]) => { status: number | null; stdout: string };
  /** Returns what the kernel shows now. */
  readonly readMerged: () => MergedTree;
}

/** Makes a store in a directory, for as long as it is judged. */
export function withStore(
  { program, directory }: { program: string; directory: string },
  { options, base: [below = [], above = []], session }: Generated,
  judge: (store: JudgedStore) => void,
): void {
  callTool(["mount", "-t", "tmpfs", "changes", directory]);
  try {
    for (const name of ["lower", "middle", "store", "store/upperdir", "works", "at"])
      mkdirSync(`${directory}/${name}`);
    for (const name of ["middle", "upper"]) mkdirSync(`${directory}/works/${name}`);
    const onOverlay = overlaysIn(directory, options);
    makeEdits(`${directory}/lower`, below);
    // A base with nothing in it is refused.
    writeFileSync(`${directory}/lower/.kept`, "");
    onOverlay(["lower"], { upper: "middle", work: "middle" }, (at) => makeEdits(at, above));
    const base = onOverlay(["middle", "lower"], {}, readTree);
    const own = { upper: "store/upperdir", work: "upper" };
    const onStore = <T>(use: (at: string) => T) => onOverlay(["middle", "lower"], own, use);
    const merged = onStore((at) => {
      makeEdits(at, session);
      return readTree(at);
    });
    const bases = ["middle", "lower"].flatMap((name) => ["--base", `${directory}/${name}`]);
    judge({
      ...{ directory, base, merged },
      readMerged: () => onStore(readTree),
      call: (words) => callTool([program, ...words, ...bases]),
      tryCall: (words) => spawn([program, ...words, ...bases]),
    });
  } finally {
    callTool(["umount", directory]);
  }
}

function overlaysIn(directory: string, options: string) {
  return <T>(
    lower: readonly string[],
    { upper, work }: { upper?: string; work?: string },
    use: (at: string) => T,
  ): T => {
    const layers = lower.map((name) => `${directory}/${name}`).join(":");
    const writable =
      upper === undefined
        ? []
        : [`upperdir=${directory}/${upper}`, `workdir=${directory}/works/${work}`];
    const data = [`lowerdir=${layers}`, ...writable, options].join(",");
    const at = `${directory}/at`;
    callTool(["mount", "-t", "overlay", "-o", data, "overlay", at]);
    try {
      return use(at);
    } finally {
      callTool(["umount", at]);
    }
  };
}

/** Removes a path of a tree with all below. */
export function removeAll(tree: Map<string, unknown>, path: string): void {
  for (const other of [...tree.keys()])
    if (other === path || other.startsWith(`${path}/`)) tree.delete(other);
}

/** Throws where two trees differ; `told` says by what they were said to be the same. */
export function requireSame(
  { said, is }: { said: MergedTree; is: MergedTree },
  told: () => string,
): void {
  for (const path of new Set([...said.keys(), ...is.keys()])) {
    const [one, other] = [said, is].map((tree) => JSON.stringify(tree.get(path)));
    if (one !== other)
      throw new Error(`${JSON.stringify(path)} is ${other}, and said to be ${one} by\n${told()}`);
  }
}

/** Runs a program that has to succeed and returns its standard output. */
export function callTool(argv: readonly string[]): string {
  const { status, stdout, stderr } = spawn(argv);
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}

function spawn([name = "", ...argv]: readonly string[]) {
  return spawnSync(name, argv, { encoding: "utf8", maxBuffer: 1 << 26 });
}
