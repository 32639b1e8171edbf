// Interprets the exit status and output of a file system's own checker. Exit statuses: e2fsck(8),
// xfs_repair(8), btrfs-check(8), fsck.f2fs(8); the lines that are complaints were observed with the
// tools of Debian 12 and 13.
import type { CheckerInability, CheckerVerdict } from "../../core/check/check-facts.ts";
import type { Finished } from "../port/system.ts";
import { describeTool, missing } from "../port/tool.ts";

/** Judges a file system by the output and exit status of its checker. */
export function judge(ended: Finished, argv: readonly string[]): CheckerVerdict {
  const { status, stdout, stderr } = ended;
  const [tool = ""] = argv;
  if (status === undefined || isNotRun(status)) return judgeFailure(ended, argv);
  const inability = findInability(ended, argv);
  if (inability !== undefined) return { kind: "unable", ...inability };
  const output = `${stdout}${stderr}`.replaceAll("\r", "\n").split("\n");
  if (
    tool === "xfs_repair" &&
    output.some((line) => line.includes("valuable metadata changes in a log"))
  )
    return { kind: "not-asked", reason: "pending-log" };
  const lines = output.map(cleanLine).filter((line) => line !== "");
  const told = lines
    .map((line, index) => (isQuestionAlone(line) ? (lines[index - 1] ?? line) : line))
    .filter((line, index) => signs[tool]?.test(lines[index] ?? line) === true)
    .filter((line) => !isOfScan(line));
  const says = told[0] ?? lines.at(-1) ?? "";
  if (status === 0)
    return tool === "btrfs" && told.length > 0
      ? { kind: "copy-broken", tool, says }
      : { kind: "clean", afterReplay: false };
  const isDamage = isDamaged({ tool, status, complaints: told.length });
  if (!isDamage) return judgeFailure(ended, argv);
  return { kind: "damaged", tool, says, more: Math.max(0, told.length - 1) };
}

/** It is missing, or its libraries are, as a shell and the loader tell it. */
function isNotRun(status: number): boolean {
  return status === 126 || status === 127;
}

/**
 * Finds out whether a checker could not understand or read a file system, which says nothing about
 * it; undefined if it could. A boot and every command ask this before they believe in damage.
 */
export function findInability(
  { status, stdout, stderr }: Finished,
  [tool = ""]: readonly string[],
): CheckerInability | undefined {
  if (status === 0) return undefined;
  const lines = `${stdout}${stderr}`.split(/[\n\r]/).map(cleanLine);
  for (const [why, words] of inabilities) {
    const says = lines.find((line) => words.test(line));
    // The file is a copy, or known by another name.
    if (says !== undefined) return { tool, why, says: says.replace(/^\/\S+ has /, "it has ") };
  }
  return undefined;
}

/** What e2fsck, xfs_repair, btrfs and fsck.f2fs say of features and errors that are no damage. */
const inabilities: readonly (readonly [CheckerInability["why"], RegExp])[] = [
  ["protected", /\bMMP: (?:device currently active|(?:e2)?fsck being run|unknown sequence)/],
  [
    "too-old",
    /unsupported (?:filesystem |option(?:al)? |incompat |ro_compat )?feature|unknown \S+ features|get a newer version|more recent xfs_repair|unsupported (?:version|checksum)/i,
  ],
  [
    "unreadable",
    /read failed: Invalid argument|device \d+ is missing|missing devices?|(?:Permission denied|Operation not permitted|Device or resource busy|Too many open files|No such (?:file or directory|device)\b.*|Read-only file system)(?: while .*)?$|(?:cannot|couldn't|could not|unable to) (?:allocate|malloc)|memory allocation failed|out of memory/i,
  ],
];

function isDamaged({
  tool,
  status,
  complaints,
}: {
  tool: string;
  status: number;
  complaints: number;
}): boolean {
  // If e2fsck cannot even begin, because no superblock makes sense, that is damage too.
  if (tool === "e2fsck") return (status & 4) !== 0 || ((status & 8) !== 0 && complaints > 0);
  // It exits with 255 whatever it finds.
  if (tool === "fsck.f2fs") return complaints > 0;
  return status === 1;
}

/**
 * btrfs looks for the other members of a file system on every device of the machine: what it could
 * not read there is nothing that it found in this file system, and a member that it needs and did
 * not find is named by another line.
 */
function isOfScan(line: string): boolean {
  return /^ERROR: cannot (?:open|scan) \/dev\//.test(line);
}

/** If a complaint of e2fsck is long, its question is on the next line. */
function isQuestionAlone(line: string): boolean {
  return /^[A-Z]\w+\? no$/.test(line);
}

/** Patterns for the complaints of each tool; its other lines report progress. */
const signs: { readonly [tool: string]: RegExp | undefined } = {
  e2fsck: /\? no$|UNEXPECTED|[Ii]nvalid|[Cc]orrupt|\bbad\b|not valid/,
  "fsck.f2fs": /^\[ASSERT\]|\[Fail\]/,
  xfs_repair: /^(?:bad |would |Metadata |agf |agi |.*(?:bad CRC|bad magic|corrupt|disconnected))/,
  btrfs:
    /^(?:ERROR|bad |checksum verify failed|Csum didn't match|parent transid|ref mismatch|root \d+ inode \d+ errors)/,
};

/**
 * Removes the parts of a line meant for a watching user: e2fsck begins some lines with the path,
 * which is a copy's or one that is gone by then.
 */
function cleanLine(line: string): string {
  return line.replace(/^\/\S*: /, "").trim();
}

/**
 * Returns what e2fsck -p or e2image complains of in a file system, of several complaints the one
 * that stopped it; undefined if it had nothing to do that a power failure does not cause anyway.
 * Its exit status is 1 for both.
 */
export function findComplaint(ended: Finished): string | undefined {
  const complaints = listComplaints(ended);
  const stop = complaints.findIndex((line) => line.startsWith("UNEXPECTED INCONSISTENCY"));
  return complaints[Math.max(stop - 1, 0)];
}

/**
 * Lists the complaints except those that any power failure causes: a journal, deleted files that
 * were open, checksums.
 */
export function listComplaints({ stdout, stderr }: Finished): readonly string[] {
  return `${stdout}${stderr}`
    .split("\n")
    .map((line) => cleanLine(line.replace(named, "")))
    .filter((line) => line !== "" && !harmless.some((pattern) => pattern.test(line)));
}

/**
 * e2fsck begins its lines with the label, in which it replaces spaces and colons by underscores, or
 * with the path.
 */
const named = /^(?!e2fsck: |e2image: )[^ \t:]+: /;

const harmless = [
  /^recovering journal$/,
  /^(?:Clearing|Truncating) orphaned inode /,
  // The list of such files in a file of its own (orphan_file), which every mount marks as present.
  /^Orphan file \(inode \d+\) block \d+ is not clean\./,
  /^Feature orphan_present is set but orphan file is clean\./,
  // The answer to a long complaint, which stands before it.
  /^(?:CLEARED|FIXED)\.$/,
  /^Setting free (?:blocks|inodes) count to /,
  /^(?:(?!(?:mount|write) time ).)*(?:mount|write) time .*is in the future/,
  /^\(by less than a day, probably due to the hardware clock being incorrectly set\)/,
  /^\d+\/\d+ files \(.*non-contiguous\), \d+\/\d+ blocks$/,
  /^e2image \d|^e2fsck \d/,
];

/** Judges a checker that is missing, or did not complete. */
export function judgeFailure(ended: Finished, argv: readonly string[]): CheckerVerdict {
  const [tool = ""] = argv;
  const isIncomplete = /error while loading shared libraries|symbol lookup error/.test(
    ended.stderr,
  );
  if (ended.status === 127 && !isIncomplete) {
    const { hint } = missing("check", tool);
    return { kind: "not-asked", reason: { missing: tool, hint } };
  }
  return { kind: "failed", says: describeTool({ ...ended, argv }) };
}
