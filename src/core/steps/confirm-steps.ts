// The steps that verify a plan's assumptions once the file system is mounted for writing.
// Inspection does not replay the journal, and on xfs the latest writes are only in the log, so a
// store may contain more than was seen of it. If it does, nothing is written; the store is
// inspected and planned for again.
import type { StoreFile } from "../stores/file-store.ts";
import type { DirectoryFacts } from "../stores/store-directory.ts";
import { formatPath } from "../text/quoted.ts";

/**
 * The arguments of each kind of step: where the file system is mounted, and what was seen on it.
 */
export interface ConfirmStepArguments {
  "confirm-file": { readonly root: string; readonly seen: StoreFile };
  "confirm-store": { readonly root: string; readonly seen: DirectoryFacts };
}

/** Descriptions of each kind of step. */
export const confirmDescribers: {
  readonly [Kind in keyof ConfirmStepArguments]: (step: ConfirmStepArguments[Kind]) => string;
} = {
  "confirm-file": ({ root, seen }) =>
    `make sure that ${formatPath(`${root}${seen.path}`)} is unchanged, or inspect it again`,
  "confirm-store": ({ root, seen }) =>
    `make sure that what is in ${formatPath(seen.directory === "" ? root : `${root}/${seen.directory}`)} is unchanged, or inspect it again`,
};

/** Returns whether a step only verifies that a plan may go on. */
export function isConfirming(step: { readonly do: string }): boolean {
  return Object.hasOwn(confirmDescribers, step.do);
}

/** Returns whether a store's file is unchanged since it was inspected. */
export function isSameFile(one: StoreFile, other: StoreFile): boolean {
  return keyOfFile(one) === keyOfFile(other);
}

/**
 * Returns whether a store's directory is unchanged since it was inspected; what is beside it does
 * not count.
 */
export function isSameDirectory(one: DirectoryFacts, other: DirectoryFacts): boolean {
  return keyOfDirectory(one) === keyOfDirectory(other);
}

function keyOfFile({ bytes, allocatedBytes, superblock, intent }: StoreFile): string {
  return JSON.stringify([bytes, allocatedBytes, superblock, intent]);
}

function keyOfDirectory(facts: DirectoryFacts): string {
  const { exists, obstacle, names, record, traces, overlayMount } = facts;
  const { metacopy, redirect, incomplete } = traces ?? {};
  return JSON.stringify([
    ...[exists, obstacle, [...names].sort(), record],
    ...[metacopy, redirect, incomplete, overlayMount?.kind, overlayMount?.time],
  ]);
}
