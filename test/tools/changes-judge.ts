// Judges what "backstore changes" says of stores that the kernel's own overlay has written: the base's
// tree, with what is said done to it, is the merged tree. Run in a mount name space of its own:
// changes-judge PROGRAM DIRECTORY RUNS
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import fc from "fast-check";
import { type MergedTree, readTree, type TreeEntry } from "./merged-tree.ts";
import { type Edit, edits, makeEdits } from "./tree-edits.ts";

interface ToldChange {
  readonly path: string;
  readonly kind: string;
  readonly type: string;
  readonly bytes: number;
  readonly baseBytes: number;
  readonly from: string | null;
}

const [, , program = "", directory = "", runs = ""] = process.argv;

/** Our own options, those of other systems, and those of containers without root. */
const settings = [
  "index=off,metacopy=off,xino=off,redirect_dir=nofollow",
  "index=off,metacopy=on,redirect_dir=on",
  "userxattr",
];

fc.assert(
  fc.property(
    ...[fc.constantFrom(...settings), edits, fc.option(edits, { nil: [] }), edits],
    (options, below, above, session) => judge(options, [below, above], session),
  ),
  { numRuns: Number(runs) },
);

function judge(options: string, [below, above]: readonly Edit[][], session: readonly Edit[]): void {
  call(["mount", "-t", "tmpfs", "changes", directory]);
  try {
    for (const name of ["lower", "middle", "store", "store/upperdir", "work", "at"])
      mkdirSync(`${directory}/${name}`);
    for (const name of ["middle", "upper"]) mkdirSync(`${directory}/work/${name}`);
    makeEdits(`${directory}/lower`, below ?? []);
    onOverlay(["lower"], { upper: "middle", work: "middle", options }, (at) =>
      makeEdits(at, above ?? []),
    );
    const base = onOverlay(["middle", "lower"], { options }, readTree);
    const own = { upper: "store/upperdir", work: "upper", options };
    const merged = onOverlay(["middle", "lower"], own, (at) => {
      makeEdits(at, session);
      return readTree(at);
    });
    compare({ base, merged, told: tellChanges() });
  } finally {
    call(["umount", directory]);
  }
}

function onOverlay<T>(
  lower: readonly string[],
  { upper, work, options }: { upper?: string; work?: string; options: string },
  use: (at: string) => T,
): T {
  const layers = lower.map((name) => `${directory}/${name}`).join(":");
  const writable =
    upper === undefined
      ? []
      : [`upperdir=${directory}/${upper}`, `workdir=${directory}/work/${work}`];
  const data = [`lowerdir=${layers}`, ...writable, options].join(",");
  const at = `${directory}/at`;
  call(["mount", "-t", "overlay", "-o", data, "overlay", at]);
  try {
    return use(at);
  } finally {
    call(["umount", at]);
  }
}

function tellChanges(): ToldChange[] {
  const bases = ["middle", "lower"].flatMap((name) => ["--base", `${directory}/${name}`]);
  const lines = call([program, "changes", `${directory}/store`, ...bases, "--json"]).split("\n");
  const objects = lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  const last = objects.pop();
  if (last.problems !== 0) throw new Error(`${last.problems} problems: ${lines.join("\n")}`);
  return objects;
}

function compare({
  base,
  merged,
  told,
}: {
  base: MergedTree;
  merged: MergedTree;
  told: readonly ToldChange[];
}): void {
  const tree = new Map(base);
  for (const change of told) {
    const { path, kind } = change;
    const [was, is] = [tree.get(path), merged.get(path)];
    const wrong = findFault(change, was, is);
    if (wrong !== undefined) throw new Error(`${JSON.stringify(change)}: ${wrong}`);
    if (["deleted", "replaced", "type"].includes(kind)) removeAll(tree, path);
    if (change.from !== null) {
      removeAll(tree, path);
      for (const [other, entry] of base)
        if (other.startsWith(`${change.from}/`))
          tree.set(`${path}${other.slice(change.from.length)}`, entry);
    }
    if (is !== undefined) tree.set(path, is);
  }
  for (const path of new Set([...tree.keys(), ...merged.keys()])) {
    const [said, is] = [tree.get(path), merged.get(path)];
    if (JSON.stringify(said) !== JSON.stringify(is))
      throw new Error(
        `${JSON.stringify(path)} is ${JSON.stringify(is)}, and said to be ${JSON.stringify(said)} by\n${told.map((one) => JSON.stringify(one)).join("\n")}`,
      );
  }
}

/** Returns what is wrong with a change by what was and is there. */
function findFault(
  { kind, type, bytes, baseBytes }: ToldChange,
  was: TreeEntry | undefined,
  is: TreeEntry | undefined,
): string | undefined {
  if (baseBytes !== (was?.bytes ?? 0)) return `the base has ${was?.bytes} bytes`;
  if (kind === "deleted") {
    if (was === undefined || is !== undefined) return "it is not deleted";
    return was.type === type ? undefined : `it was a ${was.type}`;
  }
  if (type === "whiteout") return was === undefined && is === undefined ? undefined : "it is there";
  if (is === undefined) return "nothing is there";
  if (is.type !== type) return `it is a ${is.type}`;
  // Without its content, and with another name that counts, it has none.
  if (bytes !== 0 && bytes !== is.bytes) return `it has ${is.bytes} bytes`;
  if (kind === "added") return was === undefined ? undefined : "the base has it";
  if (was === undefined) return "the base does not have it";
  if (kind === "type") return was.type !== is.type ? undefined : "the type is the same";
  if (was.type !== is.type) return "the type is another";
  if (kind === "replaced") return type === "directory" ? undefined : "it is no directory";
  const isSameContent = was.content === is.content;
  if (kind === "modified") return isSameContent ? "the content is the same" : undefined;
  if (!isSameContent) return "the content is another";
  const isSame = JSON.stringify(was) === JSON.stringify(is);
  if (kind === "metadata") return isSame ? "nothing has changed" : undefined;
  return isSame ? undefined : "something has changed";
}

function removeAll(tree: Map<string, TreeEntry>, path: string): void {
  for (const other of [...tree.keys()])
    if (other === path || other.startsWith(`${path}/`)) tree.delete(other);
}

function call([name = "", ...argv]: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(name, argv, {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${name} ${argv.join(" ")} ended with ${status}: ${stderr}`);
  return stdout;
}
