// The tree of a session's changes with a bound on its size: what is too small to draw beside the
// rest becomes a sum in its directory, while the walk through the changes still goes on. So a
// million changes take no more memory than a drawing needs, and nothing is left out of any sum.

import type { Change, ChangeKind } from "../changes/change.ts";

/** The groups in which changes are drawn, in the order of legends. */
export const changeGroups = ["added", "changed", "deleted", "same"] as const;

/** A group of kinds of changes, drawn in one colour. */
export type ChangeGroup = (typeof changeGroups)[number];

/** The bytes and number of changes. */
interface GroupSum {
  bytes: number;
  paths: number;
}

/** The sum of each group. */
export type GroupSums = Readonly<Record<ChangeGroup, GroupSum>>;

/** A directory, or a change or a sum of changes in one. */
export interface ChangeNode {
  /** Its name in the directory above; undefined for a sum. */
  readonly name: string | undefined;
  /** Undefined for a directory. */
  readonly group?: ChangeGroup;
  readonly bytes: number;
  /** How many changes it is. */
  readonly paths: number;
  readonly children?: readonly ChangeNode[];
}

/** Takes changes as a walk tells them, and gives their tree. */
interface GrowingTree {
  readonly add: (change: Change) => void;
  readonly end: () => ChangeNode;
  /** The sums of all that was added. */
  readonly sums: GroupSums;
}

const groups: Readonly<Record<ChangeKind, ChangeGroup>> = {
  added: "added",
  modified: "changed",
  metadata: "changed",
  replaced: "changed",
  type: "changed",
  deleted: "deleted",
  same: "same",
};

/** A directory while it grows. */
interface Growing {
  readonly name: string;
  readonly sums: GroupSums;
  children: ChangeNode[];
  bytes: number;
  paths: number;
  /** How many nodes it has below it, and beyond how many it is pruned. */
  nodes: number;
  mostNodes: number;
}

/** What is smaller than this share of its directory cannot be seen in any drawing. */
const leastShare = 1 / 2000;
const mostNodes = 4096;
/** Deeper names are drawn as one. */
const mostLevels = 32;

/** Grows the tree of changes that come directory by directory. */
export function growChangeTree(): GrowingTree {
  const sums = startSums();
  const root = startDirectory("");
  const open: Growing[] = [root];
  const top = () => open.at(-1) ?? root;
  const close = () => {
    const done = open.pop();
    if (done !== undefined) append(top(), finish(done), done.nodes + 1);
  };
  return {
    sums,
    add(change) {
      const names = splitPath(change.path);
      const directories = names.slice(0, -1);
      const shared = countShared(open, directories);
      while (open.length - 1 > shared) close();
      for (const name of directories.slice(shared)) open.push(startDirectory(name));
      const group = groups[change.kind];
      // What was deleted is as large as it was in the base.
      const bytes = change.kind === "deleted" ? change.baseBytes : change.bytes;
      const leaf = { name: names.at(-1) ?? "", group, bytes, paths: 1 };
      sumUp(leaf, sums);
      append(top(), leaf, 1);
    },
    end() {
      while (open.length > 1) close();
      return finish(root);
    },
  };
}

function splitPath(path: string): readonly string[] {
  const names = path.split("/").slice(1);
  if (names.length <= mostLevels) return names;
  return [...names.slice(0, mostLevels - 1), names.slice(mostLevels - 1).join("/")];
}

/** Returns how many of these directories are open. */
function countShared([, ...open]: readonly Growing[], directories: readonly string[]): number {
  const differing = directories.findIndex((name, index) => open[index]?.name !== name);
  return differing < 0 ? directories.length : differing;
}

function append(directory: Growing, node: ChangeNode, nodes: number): void {
  directory.bytes += node.bytes;
  directory.paths += node.paths;
  // Nothing shows what has no bytes.
  if (node.bytes === 0) {
    sumUp(node, directory.sums);
    return;
  }
  directory.children.push(node);
  directory.nodes += nodes;
  if (directory.nodes <= directory.mostNodes) return;
  directory.children = gather(directory.children, directory.bytes * leastShare, directory.sums);
  directory.nodes = countNodes(directory.children);
  directory.mostNodes = Math.max(mostNodes, 2 * directory.nodes);
}

function finish({ name, children, sums, bytes, paths }: Growing): ChangeNode {
  return { name, bytes, paths, children: [...children, ...listSums(sums)] };
}

/** Makes sums of all that is smaller than `least`, each in its directory. */
export function pruneTree(tree: ChangeNode, least: number): ChangeNode {
  if (tree.children === undefined) return tree;
  const sums = startSums();
  const children = gather(tree.children, least, sums);
  return { ...tree, children: [...children, ...listSums(sums)] };
}

/** Returns what is large enough, and adds all else to sums. */
function gather(children: readonly ChangeNode[], least: number, sums: GroupSums): ChangeNode[] {
  return children.flatMap((node) => {
    if (node.name !== undefined && node.bytes >= least) return [pruneTree(node, least)];
    sumUp(node, sums);
    return [];
  });
}

function sumUp({ group, bytes, paths, children = [] }: ChangeNode, sums: GroupSums): void {
  if (group !== undefined) {
    sums[group].bytes += bytes;
    sums[group].paths += paths;
  }
  for (const child of children) sumUp(child, sums);
}

function countNodes(children: readonly ChangeNode[]): number {
  return children.reduce((sum, { children: below = [] }) => sum + 1 + countNodes(below), 0);
}

function listSums(sums: GroupSums): ChangeNode[] {
  return changeGroups.flatMap((group) => {
    const { bytes, paths } = sums[group];
    return paths === 0 ? [] : [{ name: undefined, group, bytes, paths }];
  });
}

function startDirectory(name: string): Growing {
  return { name, sums: startSums(), children: [], bytes: 0, paths: 0, nodes: 0, mostNodes };
}

function startSums(): GroupSums {
  const none = () => ({ bytes: 0, paths: 0 });
  return { added: none(), changed: none(), deleted: none(), same: none() };
}
