// The steps that look again at what a plan stands on, once it is mounted for writing. Looking leaves a pending journal
// alone, and xfs keeps there whatever was written last, so that a store may hold more than was seen of it. Where it does,
// nothing is written; what is there now is learned, and planned on, anew.
import type { StoreFile } from "../stores/file-store.ts";
import type { DirectoryFacts } from "../stores/store-directory.ts";
import { formatPath } from "../text/quoted.ts";

/** Maps each kind of step to what it needs: the place where the file system is mounted, and what was seen on it. */
export interface ConfirmStepArguments {
  "confirm-file": { readonly root: string; readonly seen: StoreFile };
  "confirm-store": { readonly root: string; readonly seen: DirectoryFacts };
}

/** Says in words what each step does. */
export const confirmDescribers: {
  readonly [Kind in keyof ConfirmStepArguments]: (step: ConfirmStepArguments[Kind]) => string;
} = {
  "confirm-file": ({ root, seen }) =>
    `make sure that ${formatPath(`${root}${seen.path}`)} is as it was seen, or look again`,
  "confirm-store": ({ root, seen }) =>
    `make sure that what is in ${formatPath(seen.directory === "" ? root : `${root}/${seen.directory}`)} is as it was seen, or look again`,
};

/** Tells whether a step only looks whether a plan may go on. */
export function isConfirming(step: { readonly do: string }): boolean {
  return Object.hasOwn(confirmDescribers, step.do);
}

/** Tells whether a store's file is what it was seen as. */
export function isSameFile(one: StoreFile, other: StoreFile): boolean {
  return keyOfFile(one) === keyOfFile(other);
}

/** Tells whether a store's directory holds what it was seen with; what lies beside it does not count. */
export function isSameDirectory(one: DirectoryFacts, other: DirectoryFacts): boolean {
  return keyOfDirectory(one) === keyOfDirectory(other);
}

function keyOfFile({ bytes, allocatedBytes, superblock, intent }: StoreFile): string {
  return JSON.stringify([bytes, allocatedBytes, superblock, intent]);
}

function keyOfDirectory(facts: DirectoryFacts): string {
  const { exists, obstacle, names, record, traces } = facts;
  const { metacopy, redirect, incomplete } = traces ?? {};
  return JSON.stringify([
    ...[exists, obstacle, [...names].sort(), record],
    ...[metacopy, redirect, incomplete],
  ]);
}
