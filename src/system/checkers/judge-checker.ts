// Interprets the exit status and output of a file system's own checker. Exit statuses: e2fsck(8),
// xfs_repair(8), btrfs-check(8), fsck.f2fs(8); the lines that are complaints were observed with the
// tools of Debian 12 and 13.
import type { CheckerVerdict } from "../../core/check/check-facts.ts";
import type { Finished } from "../port/system.ts";
import { describeTool, missing } from "../port/tool.ts";

/** Judges a file system by the output and exit status of its checker. */
export function judge(ended: Finished, argv: readonly string[]): CheckerVerdict {
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
  const isDamage = isDamaged({ tool, status, complaints: told.length });
  if (!isDamage) return judgeFailure(ended, argv);
  return { kind: "damaged", tool, says, more: Math.max(0, told.length - 1) };
}

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
  if (tool === "e2fsck") return (status & 12) !== 0;
  // It exits with 255 whatever it finds.
  if (tool === "fsck.f2fs") return complaints > 0;
  return status === 1;
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
export function cleanLine(line: string): string {
  return line.replace(/^\/\S*: /, "").trim();
}

/** Judges a checker that is missing, or did not complete. */
export function judgeFailure(ended: Finished, argv: readonly string[]): CheckerVerdict {
  const [tool = ""] = argv;
  if (ended.status === 127) {
    const { hint } = missing("check", tool);
    return { kind: "not-asked", reason: { missing: tool, hint } };
  }
  return { kind: "failed", says: describeTool({ ...ended, argv }) };
}
