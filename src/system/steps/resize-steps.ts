// Performs the steps used only to resize a store.

import type { NotAsked } from "../../core/check/check-facts.ts";
import { describeInability } from "../../core/check/check-file-system.ts";
import { type ResizeStepArguments, scratchNames } from "../../core/steps/resize-steps.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { findInability, judge } from "../checkers/judge-checker.ts";
import { hasPendingJournal, lengthenCopy } from "../checkers/rehearse-check.ts";
import { runChecker } from "../checkers/run-checker.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import type { Finished, System } from "../port/system.ts";
import { missing, runTool, toolFailure } from "../port/tool.ts";
import { applyChanges, copyUsed, keepChanges } from "./changed-blocks.ts";
import { damagedStore } from "./damaged-store.ts";
import { copyStore, resizeMounted } from "./mounted-store.ts";
import { oneWay, type Performers } from "./performers.ts";

/**
 * Returns the functions that perform these steps; they are not undone here
 * (system/resize/recover-resize.ts does that).
 */
export function performResize(system: System): Performers<ResizeStepArguments> {
  return {
    "check-copy": oneWay(system, checkCopy),
    "resize-copy": oneWay(system, resizeCopy),
    "copy-used": oneWay(system, copyUsed),
    "keep-changes": oneWay(system, keepChanges),
    "apply-changes": oneWay(system, applyChanges),
    "check-file-system": oneWay(system, checkFileSystem),
    "resize-mounted": oneWay(system, resizeMounted),
    "copy-store": oneWay(system, copyStore),
    "grow-mounted": oneWay(system, growMounted),
    "make-scratch": ({ path }) => {
      // Exclusive: a directory prepared by somebody else could redirect our writes.
      system.makeDirectory(path, 0o700);
      return () => removeScratch(system, path);
    },
    "remove-scratch": oneWay(system, (_, { path }) => removeScratch(system, path)),
  };
}

/**
 * Removes a directory of temporary files, if it exists, and the files in it that have our names.
 */
export function removeScratch(system: System, path: string): void {
  if (system.linkStatus(path)?.kind !== "directory") return;
  const opened = system.openDirectory(path);
  try {
    for (const name of Object.values(scratchNames)) {
      const at = `${opened.path}/${name}`;
      const kind = system.linkStatus(at)?.kind;
      if (kind === "file") system.removeFile(at);
      if (kind === "directory") system.removeDirectory(at);
    }
  } finally {
    opened.close();
  }
  system.removeDirectory(path);
}

// resize2fs -z of e2fsprogs 1.47 loses blocks that it cleared with the kernel's fast zeroing
// (docs/decisions/0016).
const writesZeros = ["env", "UNIX_IO_NOZEROOUT=1"];

/**
 * The exit status of e2fsck is 1 if it repaired what a mount would have, 4 or more if that was not
 * all.
 */
function checkCopy(system: System, { store, copy, undo }: ResizeStepArguments["check-copy"]): void {
  lengthenCopy(system, { store, copy });
  const argv = ["e2fsck", "-f", "-p", "-z", undo, copy];
  const ended = system.run([...writesZeros, ...argv]);
  if (ended.status === 0 || ended.status === 1) return;
  if (judge(ended, argv).kind !== "damaged") throw failureOfTool(store, argv, ended);
  throw hasPendingJournal(system, store) ? pending(store) : damagedStore(store, "ext4");
}

/** What the copy lacks may be pending in the journal (rehearse-check.ts). */
function pending(store: string): Failure {
  return new Failure(
    "unsafe",
    `Cannot resize ${formatPath(store)}: it was not cleanly unmounted, and its journal must be replayed first`,
    `replay it and repair what can be repaired: backstore check --repair ${formatPath(store)}`,
  );
}

/** Errors found after this are the tool's fault, and the store is still unchanged. */
function resizeCopy(
  system: System,
  { store, copy, undo, bytes }: ResizeStepArguments["resize-copy"],
): void {
  const size = `${Math.floor(bytes / 1024)}K`;
  const calls = [
    [...writesZeros, "resize2fs", "-z", undo, copy, size],
    ["e2fsck", "-f", "-n", copy],
  ];
  for (const argv of calls) {
    const ended = system.run(argv);
    if (ended.status !== 0)
      throw failureOfTool(
        store,
        argv.filter((word) => !writesZeros.includes(word)),
        ended,
      );
  }
}

function checkFileSystem(
  system: System,
  { store, type }: ResizeStepArguments["check-file-system"],
): void {
  const bytes = system.status(store)?.bytes ?? 0;
  const superblock = readSuperblock(system, store, bytes);
  const verdict = runChecker(system, { path: store, superblock, hasPendingLog: false });
  switch (verdict.kind) {
    case "clean":
      return;
    case "damaged":
    case "copy-broken":
      throw damagedStore(store, type);
    case "unable":
      throw unchecked(store, describeInability(verdict));
    case "failed":
      throw unchecked(store, verdict.says);
    case "not-asked":
      throw failureOfNotAsked(store, verdict.reason);
  }
}

/** Nothing is resized that nobody has found in order. */
function unchecked(store: string, why: string): Failure {
  return new Failure(
    "tool",
    `Cannot resize ${formatPath(store)}: its file system could not be checked first: ${why}`,
  );
}

function failureOfNotAsked(store: string, reason: NotAsked): Failure {
  if (reason === "pending-log") return pending(store);
  if (typeof reason === "string") return unchecked(store, "no file system was recognised in it");
  if ("absent" in reason) return unchecked(store, reason.absent);
  if ("missing" in reason) return missing(`resize ${formatPath(store)}`, reason.missing);
  return unchecked(store, reason.because);
}

function failureOfTool(store: string, argv: readonly string[], ended: Finished): Failure {
  const [tool = ""] = argv;
  const action = `resize ${formatPath(store)}`;
  if (ended.status === 127) return missing(action, tool);
  const inability = findInability(ended, argv);
  if (inability !== undefined) return unchecked(store, describeInability(inability));
  return toolFailure(`Cannot ${action}`, { ...ended, argv });
}

function growMounted(system: System, { store, argv }: ResizeStepArguments["grow-mounted"]): void {
  runTool(system, { action: `grow the file system in ${formatPath(store)} to fill it`, argv });
}
