// Runs a file system's own checker, without changing anything. If e2fsck must not write, it does
// not replay a journal, and reports pending changes as damage: so the metadata is copied, the
// journal is replayed in the copy, and damage is what is left for a person to decide. Exit
// statuses: e2fsck(8), xfs_repair(8).
import type { CheckerVerdict } from "../../core/check/check-facts.ts";
import { checkerCall } from "../../core/file-systems/checkers.ts";
import type { Superblock } from "../../core/superblocks/superblock.ts";
import { ifPossible } from "../port/errors.ts";
import type { Finished, System } from "../port/system.ts";
import { judge, judgeFailure, listComplaints } from "./judge-checker.ts";
import { hasRoomToRehearse, rehearseCheck } from "./rehearse-check.ts";

/** A file system that is not in use; `path` is a file or device that contains nothing else. */
interface CheckedFileSystem {
  readonly path: string;
  readonly superblock: Superblock | undefined;
  /** Whether there is a pending log that only a mount finds (xfs); undefined if it is not known. */
  readonly hasPendingLog: boolean | undefined;
}

/** Runs the checker and returns its verdict. */
export function runChecker(system: System, checked: CheckedFileSystem): CheckerVerdict {
  const { path, superblock, hasPendingLog } = checked;
  const type = superblock?.type ?? "";
  const argv = checkerCall(type, path);
  if (superblock === undefined) return { kind: "not-asked", reason: "no-file-system" };
  if (argv === undefined) return notAsked(`backstore has no checker for ${type}`);
  // xfs_repair would ignore the log, and report changes that are only there as damage.
  if (type === "xfs" && hasPendingLog === true) return { kind: "not-asked", reason: "pending-log" };
  const isPending = superblock.unclean.some((one) => one === "journal" || one === "orphans");
  if (type.startsWith("ext") && isPending) return checkCopy(system, path, superblock.bytes ?? 0);
  return onDevice(system, path, (at) => {
    const call = checkerCall(type, at) ?? [];
    return judge(system.run(call, { mostBytes: mostSaidBytes }), call);
  });
}

/**
 * Asks about a file, and once more about a loop device with it: xfs_repair reads in units of 512
 * bytes past the page cache, which a host with larger sectors refuses.
 */
function onDevice(
  system: System,
  path: string,
  ask: (path: string) => CheckerVerdict,
): CheckerVerdict {
  const verdict = ask(path);
  const isUnread = verdict.kind === "unable" && verdict.why === "unreadable";
  if (!isUnread || system.status(path)?.kind !== "file") return verdict;
  return ifPossible(() => system.withLoop({ file: path, readonly: true }, ask)) ?? verdict;
}

/** A badly damaged file system can cause endless output (fsck.f2fs: 11 MB for 128 MB). */
export const mostSaidBytes = 1 << 20;

function checkCopy(system: System, path: string, bytes: number): CheckerVerdict {
  if (!hasRoomToRehearse(system, bytes)) return { kind: "not-asked", reason: "pending-log" };
  const { tool, ended } = rehearseCheck(system, path);
  if (tool === "e2image") return judgeUncopied(system, path, ended);
  // "Repaired" and "reboot required" are said of a replayed journal as well.
  const status = ended.status === undefined ? undefined : ended.status & ~3;
  const word = judge({ ...ended, status }, ended.argv);
  if (word.kind !== "clean") return word;
  const [says, ...more] = listComplaints(ended);
  return says === undefined
    ? { kind: "clean", afterReplay: true }
    : { kind: "damaged", tool, says, more: more.length };
}

/**
 * If e2fsck cannot even begin, there is damage; its other complaints may be pending in the journal.
 */
function judgeUncopied(system: System, path: string, copied: Finished): CheckerVerdict {
  if (copied.status === 127) return judgeFailure(copied, copied.argv);
  const argv = ["e2fsck", "-f", "-n", path];
  const ended = system.run(argv);
  const mayWait = ended.status !== undefined && (ended.status & 12) === 4;
  return mayWait ? { kind: "not-asked", reason: "pending-log" } : judge(ended, argv);
}

function notAsked(because: string): CheckerVerdict {
  return { kind: "not-asked", reason: { because } };
}
