// Judges "backstore revert" in sessions on a store, which the kernel's own overlay has written: at
// what was reverted the session shows the base's tree and else what it did before; and the next boot,
// which takes the copies out of the store, shows what the session did at its end. Run in a mount name
// space of its own: put-back-judge PROGRAM DO-NEXT RUNS
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { changeKinds } from "../../src/core/changes/change.ts";
import { requireSame } from "./judged-store.ts";
import { type MergedTree, readTree } from "./merged-tree.ts";
import { parseTold, revertTree } from "./reverted-tree.ts";
import { type Edit, edits, makeEdits } from "./tree-edits.ts";

const [, , program = "", next = "", runs = ""] = process.argv;

/** Our own options, and those of other systems. */
const ours = "index=off,metacopy=off,xino=off,redirect_dir=nofollow";
const settings = [ours, "index=off,metacopy=on,redirect_dir=on"];

/** Where the session has its store, on a disk. */
const store = "/media/disk/store";

/** Directories of every system, which the session's mounts are seen in. */
const shown = ["/proc", "/sys", "/dev", "/mnt", "/run", "/media"];

const seen = { reverted: 0, refused: 0, takenOut: 0 };

call(["mount", "-t", "tmpfs", "run", "/run"]);
call(["mount", "-t", "tmpfs", "disk", "/media"]);
call(["truncate", "-s", "64M", "/media/file"]);
call(["mkfs.ext4", "-q", "-F", "/media/file"]);
mkdirSync("/media/disk");
call(["mount", "-o", "loop", "/media/file", "/media/disk"]);
copyFileSync(program, "/media/backstore");
call(["chmod", "755", "/media/backstore"]);
call(["mount", "-o", "remount,exec", "/media"]);

/** A choice of one of the paths that there are, or of the changes of a kind. */
const choices = fc.oneof(
  { weight: 3, arbitrary: fc.record({ path: fc.nat(1000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom(...changeKinds) }) },
  { weight: 1, arbitrary: fc.constant({ all: true }) },
);
type Choice = { path: number } | { kind: string } | { all: boolean };

interface Generated {
  readonly options: string;
  readonly below: readonly Edit[];
  readonly above: readonly Edit[] | undefined;
  readonly session: readonly Edit[];
  readonly choice: Choice;
  /** What is done after the revert. */
  readonly later: readonly Edit[] | undefined;
}

fc.assert(
  fc.property(
    fc.record({
      ...{ options: fc.constantFrom(...settings), below: edits, session: edits, choice: choices },
      ...{
        above: fc.option(edits, { nil: undefined }),
        later: fc.option(edits, { nil: undefined }),
      },
    }),
    judge,
  ),
  { numRuns: Number(runs) },
);
const isEnough = seen.reverted > 2 * seen.refused && seen.takenOut * 10 > seen.reverted;
if (!isEnough) throw new Error(JSON.stringify(seen));

function judge({ options, below, above, session, choice, later }: Generated): void {
  call(["mount", "-t", "tmpfs", "session", "/mnt"]);
  try {
    for (const name of ["lower", "middle", "work", "root"]) mkdirSync(`/mnt/${name}`);
    for (const name of ["upperdir", "workdir"]) mkdirSync(`${store}/${name}`, { recursive: true });
    const record = { format: 1, id: "x", overlay: ours };
    writeFileSync(`${store}/backstore.json`, JSON.stringify(record));
    makeEdits("/mnt/lower", below);
    for (const name of shown) mkdirSync(`/mnt/lower${name}`);
    const middle = { upper: "/mnt/middle", work: "/mnt/work", options };
    if (above !== undefined) onOverlay(["/mnt/lower"], middle, (root) => makeEdits(root, above));
    const lower = above === undefined ? ["/mnt/lower"] : ["/mnt/middle", "/mnt/lower"];
    const base = onOverlay([...lower, "/mnt/root"], { options }, readTree);
    const own = { upper: `${store}/upperdir`, work: `${store}/workdir`, options };
    const told: string[] = [];
    const after = onOverlay(lower, own, (root) => {
      makeEdits(root, session);
      for (const name of shown) mkdirSync(`${root}${name}`, { recursive: true });
      const merged = readTree(root);
      const done = inSession(root, (tryCall) => revert({ base, merged, choice }, tryCall));
      told.push(...done.told);
      if (done.said !== undefined)
        requireSame({ said: done.said, is: readTree(root) }, () => told.join("\n"));
      if (later !== undefined) makeEdits(root, later);
      return readTree(root);
    });
    const held = countNames();
    call([next, store, ...lower]);
    seen.takenOut += held > countNames() ? 1 : 0;
    requireSame({ said: after, is: onOverlay(lower, own, readTree) }, () => told.join("\n"));
    if (existsSync(`${store}/upperdir.reverted`)) throw new Error("something is left beside");
  } finally {
    call(["umount", "--recursive", "/mnt"]);
    rmSync(store, { recursive: true });
  }
}

function countNames(): number {
  return readdirSync(`${store}/upperdir`, { recursive: true }).length;
}

interface Reverted {
  readonly base: MergedTree;
  readonly merged: MergedTree;
  readonly choice: Choice;
}

type TryCall = (words: readonly string[]) => { status: number | null; stdout: string };

/** Reverts something; returns what was told, and the tree that it says there is now. */
function revert(
  { base, merged, choice }: Reverted,
  tryCall: TryCall,
): { told: string[]; said: MergedTree | undefined } {
  const lines = tryCall(["changes", "--json"]).stdout;
  const words = ["revert", "--json", "--yes", ...wordsOf(choice, { base, merged })];
  const { status, stdout } = tryCall(words);
  const told = [words.join(" "), stdout, lines];
  const isRefused = status === 8 || status === 2;
  seen[isRefused ? "refused" : "reverted"]++;
  if (isRefused) return { told, said: undefined };
  if (status !== 0) throw new Error(`${status}: ${told.join("\n")}`);
  const { reverts } = JSON.parse(stdout);
  return { told, said: revertTree({ base, merged }, parseTold(lines), reverts) };
}

/** Calls commands in the session that has a root. */
function inSession<T>(root: string, use: (tryCall: TryCall) => T): T {
  for (const name of shown) call(["mount", "--rbind", name, `${root}${name}`]);
  try {
    return use((words) => spawn(["chroot", root, "/media/backstore", ...words]));
  } finally {
    for (const name of shown) call(["umount", "--recursive", "--lazy", `${root}${name}`]);
  }
}

function wordsOf(
  choice: Choice,
  { base, merged }: Pick<Reverted, "base" | "merged">,
): readonly string[] {
  if ("kind" in choice) return ["--kind", choice.kind];
  const paths = [...new Set([...merged.keys(), ...base.keys()])]
    .filter((path) => path !== "/" && !shown.includes(path))
    .sort();
  const path = "path" in choice ? paths[choice.path % paths.length] : undefined;
  return [path ?? "/"];
}

function onOverlay<T>(
  lower: readonly string[],
  { upper, work, options }: { upper?: string; work?: string; options: string },
  use: (root: string) => T,
): T {
  const writable = upper === undefined ? [] : [`upperdir=${upper}`, `workdir=${work}`];
  const data = [`lowerdir=${lower.join(":")}`, ...writable, options].join(",");
  call(["mount", "-t", "overlay", "-o", data, "overlay", "/mnt/root"]);
  try {
    return use("/mnt/root");
  } finally {
    call(["umount", "/mnt/root"]);
  }
}

function call(argv: readonly string[]): string {
  const { status, stdout, stderr } = spawn(argv);
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}

function spawn([name = "", ...argv]: readonly string[]) {
  return spawnSync(name, argv, { encoding: "utf8", maxBuffer: 1 << 26 });
}
