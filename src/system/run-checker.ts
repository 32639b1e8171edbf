// Asks a file system's own checker, without changing anything. e2fsck does not replay a journal when it may not write, and
// takes for damage what only waits there: so a copy of what describes the files is made, the journal is replayed in
// that, and what is left for a person to decide tells whether there is damage. Statuses: e2fsck(8), xfs_repair(8).
import type { CheckerWord } from "../core/check-facts.ts";
import type { Superblock } from "../core/device.ts";
import { findInner } from "../core/inner-file-systems.ts";
import { formatPath } from "../core/quoted.ts";
import { hasRoomToRehearse, rehearseCheck } from "./rehearse-check.ts";
import type { Finished, System } from "./system.ts";
import { missing } from "./tool.ts";

/** Is a file system that nobody uses; `path` leads to a file or device of which every byte is its own. */
export interface CheckedFileSystem {
  readonly path: string;
  readonly superblock: Superblock | undefined;
  /** Whether a log waits that only a mount finds (xfs); undefined where that is not known. */
  readonly hasPendingLog: boolean | undefined;
}

/** Runs the checker and gives what it says. */
export function runChecker(system: System, checked: CheckedFileSystem): CheckerWord {
  const { path, superblock, hasPendingLog } = checked;
  const type = superblock?.type ?? "";
  const inner = findInner(type);
  if (superblock === undefined) return { kind: "not-asked", reason: "no-file-system" };
  if (inner === undefined) return notAsked(`backstore knows no checker for ${type}`);
  // xfs_repair would ignore the log, and call what is not written back yet damage.
  if (type === "xfs" && hasPendingLog === true) return { kind: "not-asked", reason: "pending-log" };
  const isPending = superblock.unclean.some((one) => one === "journal" || one === "orphans");
  if (type.startsWith("ext") && isPending) return checkCopy(system, path, superblock.bytes ?? 0);
  const argv = inner.check(path);
  return judge(system.run(argv), argv);
}

function checkCopy(system: System, path: string, bytes: number): CheckerWord {
  if (!hasRoomToRehearse(system, bytes)) return { kind: "not-asked", reason: "pending-log" };
  const { tool, ended } = rehearseCheck(system, path);
  if (tool === "e2image") return judgeUncopied(system, path, ended);
  // Repaired, and a reboot that is asked for, are no damage.
  const status = ended.status === undefined ? undefined : ended.status & ~3;
  const word = judge({ ...ended, status }, ended.argv);
  return word.kind === "clean" ? { kind: "clean", afterReplay: true } : word;
}

/** What e2fsck cannot even begin to check is damaged; what it complains of besides may wait in the journal. */
function judgeUncopied(system: System, path: string, copied: Finished): CheckerWord {
  if (copied.status === 127) return judgeFailure(copied, copied.argv);
  const argv = ["e2fsck", "-f", "-n", path];
  const ended = system.run(argv);
  const mayWait = ended.status !== undefined && (ended.status & 12) === 4;
  return mayWait ? { kind: "not-asked", reason: "pending-log" } : judge(ended, argv);
}

function judge(ended: Finished, argv: readonly string[]): CheckerWord {
  const { status, stdout, stderr } = ended;
  const [tool = ""] = argv;
  if (status === undefined || status === 127) return judgeFailure(ended, argv);
  const output = `${stdout}${stderr}`.replaceAll("\r", "\n").split("\n");
  if (
    tool === "xfs_repair" &&
    output.some((line) => line.includes("valuable metadata changes in a log"))
  )
    return { kind: "not-asked", reason: "pending-log" };
  const lines = output.map(cleanLine).filter((line) => line !== "");
  const told = lines
    .map((line, index) => (isQuestionAlone(line) ? (lines[index - 1] ?? line) : line))
    .filter((line, index) => signs[tool]?.test(lines[index] ?? line) === true);
  const says = told[0] ?? lines.at(-1) ?? "";
  if (status === 0)
    return tool === "btrfs" && told.length > 0
      ? { kind: "copy-broken", tool, says }
      : { kind: "clean", afterReplay: false };
  // What e2fsck cannot even begin to check, for want of a superblock that makes sense, is damaged too.
  const isDamage = tool === "e2fsck" ? (status & 12) !== 0 : status === 1;
  if (!isDamage) return judgeFailure(ended, argv);
  return { kind: "damaged", tool, says, more: Math.max(0, told.length - 1) };
}

/** Where e2fsck has much to say it asks in the line below. */
function isQuestionAlone(line: string): boolean {
  return /^[A-Z]\w+\? no$/.test(line);
}

/** What is a complaint among the lines of each tool; the rest tells of its progress. */
const signs: { readonly [tool: string]: RegExp | undefined } = {
  e2fsck: /\? no$|UNEXPECTED|[Ii]nvalid|[Cc]orrupt|\bbad\b|not valid/,
  xfs_repair: /^(?:bad |would |Metadata |agf |agi |.*(?:bad CRC|bad magic|corrupt|disconnected))/,
  btrfs:
    /^(?:ERROR|bad |checksum verify failed|Csum didn't match|parent transid|ref mismatch|root \d+ inode \d+ errors)/,
};

/** e2fsck begins some lines with the path, which is a copy's or one that is gone by then. */
function cleanLine(line: string): string {
  return line.replace(/^\/\S*: /, "").trim();
}

function judgeFailure(ended: Finished, argv: readonly string[]): CheckerWord {
  const [tool = ""] = argv;
  if (ended.status === 127) {
    const { hint } = missing("check", tool);
    return { kind: "not-asked", reason: { missing: tool, hint } };
  }
  const ending = ended.signal === undefined ? `status ${ended.status}` : `signal ${ended.signal}`;
  const last = `${ended.stdout}${ended.stderr}`.trimEnd().split("\n").at(-1) ?? "";
  return { kind: "failed", says: `"${tool}" says ${formatPath(last)} (${ending})` };
}

function notAsked(because: string): CheckerWord {
  return { kind: "not-asked", reason: { because } };
}
