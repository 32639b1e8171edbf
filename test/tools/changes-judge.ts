// Judges what "backstore changes" says of stores that the kernel's own overlay has written: the base's
// tree, with what is said done to it, is the merged tree. Run in a mount name space of its own:
// changes-judge PROGRAM DIRECTORY RUNS
import fc from "fast-check";
import { type JudgedStore, removeAll, requireSame, stores, withStore } from "./judged-store.ts";
import type { TreeEntry } from "./merged-tree.ts";

interface ToldChange {
  readonly path: string;
  readonly kind: string;
  readonly type: string;
  readonly bytes: number;
  readonly baseBytes: number;
  readonly from: string | null;
}

const [, , program = "", directory = "", runs = ""] = process.argv;

fc.assert(
  fc.property(stores, (generated) =>
    withStore({ program, directory }, generated, (store) =>
      compare({ ...store, told: tellChanges(store) }),
    ),
  ),
  { numRuns: Number(runs) },
);

function tellChanges({ call, directory: at }: JudgedStore): ToldChange[] {
  const lines = call(["changes", `${at}/store`, "--json"]).split("\n");
  const objects = lines.filter((line) => line !== "").map((line) => JSON.parse(line));
  const last = objects.pop();
  if (last.problems !== 0) throw new Error(`${last.problems} problems: ${lines.join("\n")}`);
  return objects;
}

function compare({
  base,
  merged,
  told,
}: Pick<JudgedStore, "base" | "merged"> & { told: readonly ToldChange[] }): void {
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
  requireSame({ said: tree, is: merged }, () => told.map((one) => JSON.stringify(one)).join("\n"));
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
