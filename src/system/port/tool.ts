// The external tools that backstore runs for what they are the authority on; one that is missing or
// fails becomes a sentence for the user.

import { findMendable } from "../../core/text/errnos.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatLine } from "../../core/text/quoted.ts";
import { chooseReasonLine } from "../../core/text/tool-lines.ts";
import type { Finished, RunOptions, System } from "./system.ts";

/** One run of a tool; `action` says what it is for, as the continuation of "Cannot". */
interface ToolCall extends Pick<RunOptions, "directory" | "waiting"> {
  readonly action: string;
  readonly argv: readonly string[];
}

// Debian's names; most other distributions use the same.
const packages: { readonly [tool: string]: string | undefined } = {
  btrfs: "btrfs-progs",
  depmod: "kmod",
  e2fsck: "e2fsprogs",
  e2image: "e2fsprogs",
  e2undo: "e2fsprogs",
  exfatlabel: "exfatprogs",
  f2fslabel: "f2fs-tools",
  fatlabel: "dosfstools",
  fstrim: "util-linux",
  "fsck.f2fs": "f2fs-tools",
  "mkfs.btrfs": "btrfs-progs",
  "mkfs.ext2": "e2fsprogs",
  "mkfs.ext3": "e2fsprogs",
  "mkfs.ext4": "e2fsprogs",
  "mkfs.xfs": "xfsprogs",
  implantisomd5: "isomd5sum",
  mcopy: "mtools",
  mksquashfs: "squashfs-tools",
  mmd: "mtools",
  resize2fs: "e2fsprogs",
  sfdisk: "fdisk",
  tune2fs: "e2fsprogs",
  unsquashfs: "squashfs-tools",
  wipefs: "util-linux",
  xfs_admin: "xfsprogs",
  xfs_growfs: "xfsprogs",
  xfs_io: "xfsprogs",
  xfs_repair: "xfsprogs",
  xorriso: "xorriso",
  xz: "xz-utils",
  zstd: "zstd",
};

/**
 * Runs a tool and returns its standard output; throws Failure "tool" if it is missing or its exit
 * status is not 0.
 */
export function runTool(system: System, { action, argv, ...options }: ToolCall): string {
  return expectSuccess(system.run(argv, options), { action, argv });
}

/**
 * Returns a tool's standard output; throws Failure "tool" if it was missing or its exit status is
 * not 0.
 */
export function expectSuccess(ended: Finished, { action, argv }: ToolCall): string {
  const [tool = ""] = argv;
  const { status, stdout, stderr } = ended;
  if (status === 0) return stdout;
  if (status === 127) throw missing(action, tool);
  // Standard output may be what was asked for, and then it has no reason in it.
  throw toolFailure(`Cannot ${action}`, stderr.trim() === "" ? ended : { ...ended, stdout: "" });
}

/** Returns the failure of a tool, in a sentence that begins with `cannot`. */
export function toolFailure(cannot: string, ended: Finished): Failure {
  const hint = ended.signal === fileTooLarge ? findMendable("EFBIG")?.hint : undefined;
  return new Failure("tool", `${cannot}: ${describeTool(ended)}`, hint);
}

/** Returns what a failed tool says, as the end of a sentence ('"tune2fs" says "…" (status 1)'). */
export function describeTool(ended: Finished): string {
  const [tool = ""] = ended.argv;
  const name = tool.slice(tool.lastIndexOf("/") + 1);
  const line = reasonLineOf(name, `${ended.stdout}\n${ended.stderr}`);
  return line === ""
    ? `"${name}" says nothing (${describeEnd(ended)})`
    : `"${name}" says "${line}" (${describeEnd(ended)})`;
}

/**
 * Returns the line of a program's output that says why it failed, as it may be shown: a disk may
 * have a name in it that a terminal would obey.
 */
export function reasonLineOf(tool: string, output: string): string {
  const line = chooseReasonLine(tool, output.slice(-longestTail));
  return formatLine(line.length > longestLine ? `${line.slice(0, longestLine)}…` : line);
}

const longestTail = 65_536;
const longestLine = 400;
/** SIGXFSZ: it wrote beyond what "ulimit -f" allows. */
const fileTooLarge = 25;

/** Describes how a program ended, in a word and a number ("status 3", "signal 9"). */
export function describeEnd({ status, signal }: Finished): string {
  if (signal === undefined) return `status ${status}`;
  return `signal ${signal}${signal === fileTooLarge ? ", file too large" : ""}`;
}

/** Throws Failure "tool" if a program is missing, before anything is done that needs it. */
export function requireTool(system: System, { action, tool }: { action: string; tool: string }) {
  // Only whether it exists matters, not how it answers.
  if (system.run([tool, "-V"]).status === 127) throw missing(action, tool);
}

/** Returns the name of the package that contains a tool. */
export function packageOf(tool: string): string {
  return packages[tool] ?? tool;
}

/** Returns the failure for a tool that is not installed. */
export function missing(action: string, tool: string): Failure {
  const hint = `install the package "${packageOf(tool)}"`;
  return new Failure("tool", `Cannot ${action}: "${tool}" is not installed`, hint);
}
