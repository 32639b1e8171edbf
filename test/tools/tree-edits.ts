// Generated trees: a few things done one after the other, by which the kernel makes a tree, or the
// changes of one in an overlay. What cannot be done is left out. Links lead nowhere, so that nothing is
// done outside.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  closeSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import fc from "fast-check";

/**
 * One thing that is done to a tree. `path` is new, with a leading slash; `at` chooses one of the paths
 * that there are.
 */
export type Edit =
  | { readonly do: "write"; readonly path: string; readonly text: string }
  | { readonly do: "make-directory" | "make-fifo"; readonly path: string }
  | { readonly do: "make-link"; readonly path: string; readonly target: string }
  | { readonly do: "make-device"; readonly path: string; readonly number: number }
  | { readonly do: "append" | "remove" | "open"; readonly at: number }
  | { readonly do: "move" | "link"; readonly at: number; readonly path: string }
  | { readonly do: "mode" | "owner" | "time"; readonly at: number; readonly number: number }
  | { readonly do: "attribute"; readonly at: number; readonly value: string };

const path = fc
  .array(fc.constantFrom("a", "b", "é\n"), { minLength: 1, maxLength: 3, size: "max" })
  .map((names) => `/${names.join("/")}`);
const at = fc.nat(100);

/** What can be done, each as often as its number says. */
const one: fc.Arbitrary<Edit> = fc.oneof(
  likely(14, { do: fc.constant("make-directory" as const), path }),
  likely(16, {
    ...{ do: fc.constant("write" as const), path },
    text: fc.constantFrom("", "1", "2", "22", "x".repeat(5000)),
  }),
  likely(1, { do: fc.constant("make-fifo" as const), path }),
  likely(2, {
    ...{ do: fc.constant("make-link" as const), path },
    target: fc.constantFrom("nowhere", "no/where"),
  }),
  likely(1, { do: fc.constant("make-device" as const), path, number: fc.constantFrom(1, 2) }),
  likely(2, { do: fc.constant("append" as const), at }),
  likely(2, { do: fc.constant("remove" as const), at }),
  likely(3, { do: fc.constant("open" as const), at }),
  likely(4, { do: fc.constant("move" as const), at, path }),
  likely(2, { do: fc.constant("link" as const), at, path }),
  likely(3, { do: fc.constant("mode" as const), at, number: fc.constantFrom(0o600, 0o4755) }),
  likely(2, { do: fc.constant("owner" as const), at, number: fc.constantFrom(0, 7) }),
  likely(2, { do: fc.constant("time" as const), at, number: fc.constantFrom(1e9, 1.1e9) }),
  likely(2, { do: fc.constant("attribute" as const), at, value: fc.constantFrom("v", "w") }),
);

/** Several edits. */
export const edits = fc.array(one, { minLength: 4, maxLength: 40, size: "max" });

function likely<T>(weight: number, model: { [K in keyof T]: fc.Arbitrary<T[K]> }) {
  return { weight, arbitrary: fc.record(model) };
}

/** Makes edits below a directory. */
export function makeEdits(root: string, list: readonly Edit[]): void {
  for (const each of list) {
    try {
      make(root, each);
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }
}

function make(root: string, each: Edit): unknown {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  const chosen = "at" in each ? paths[each.at % paths.length] : undefined;
  const from = `${root}/${chosen}`;
  const to = `${root}${"path" in each ? each.path : ""}`;
  if ("at" in each && chosen === undefined) return undefined;
  switch (each.do) {
    case "write":
      return isFileOrNothing(to) && writeFileSync(to, each.text);
    case "append":
      return isFileOrNothing(from) && appendFileSync(from, "+", { flag: "r+" });
    case "make-directory":
      return mkdirSync(to);
    case "remove":
      return rmSync(from, { recursive: true });
    case "open":
      // Overlayfs copies it up.
      return isFileOrNothing(from) && closeSync(openSync(from, "r+"));
    case "move":
      return moveAsTools(from, to);
    case "link":
      return linkSync(from, to);
    case "make-link":
      return symlinkSync(each.target, to);
    case "mode":
      return lstatSync(from).isSymbolicLink() || chmodSync(from, each.number);
    case "owner":
      return lchownSync(from, each.number, each.number);
    case "time":
      return lutimesSync(from, each.number, each.number);
    case "make-device":
      return callTool(["mknod", to, "b", "7", `${each.number}`]);
    case "make-fifo":
      return callTool(["mkfifo", to]);
    case "attribute":
      return callTool(["setfattr", "-h", "-n", "user.mark", "-v", each.value, from]);
  }
}

/** Whoever opens a pipe waits. */
function isFileOrNothing(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() !== false;
}

/** Overlayfs may refuse to rename a directory of a lower layer; mv(1) copies it then. */
function moveAsTools(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EXDEV")) throw error;
    callTool(["mv", "-T", from, to]);
  }
}

function callTool([program = "", ...argv]: readonly string[]): void {
  const { error } = spawnSync(program, argv, { stdio: "ignore" });
  if (error !== undefined) throw new Error(`Cannot run ${program}: ${error.message}`);
}
