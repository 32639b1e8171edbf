// The external tools that backstore runs for what they are the authority on; one that is missing or
// fails becomes a sentence for the user.

import { Failure } from "../../core/text/failure.ts";
import { formatLine } from "../../core/text/quoted.ts";
import type { Finished, System } from "./system.ts";

/** One run of a tool; `action` says what it is for, as the continuation of "Cannot". */
interface ToolCall {
  readonly action: string;
  readonly argv: readonly string[];
  /** The working directory. */
  readonly directory?: string;
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
  "fsck.f2fs": "f2fs-tools",
  "mkfs.btrfs": "btrfs-progs",
  "mkfs.ext2": "e2fsprogs",
  "mkfs.ext3": "e2fsprogs",
  "mkfs.ext4": "e2fsprogs",
  "mkfs.xfs": "xfsprogs",
  resize2fs: "e2fsprogs",
  tune2fs: "e2fsprogs",
  unsquashfs: "squashfs-tools",
  wipefs: "util-linux",
  xfs_admin: "xfsprogs",
  xfs_growfs: "xfsprogs",
  xfs_io: "xfsprogs",
  xfs_repair: "xfsprogs",
  xorriso: "xorriso",
  xz: "xz-utils",
};

/**
 * Runs a tool and returns its standard output; throws Failure "tool" if it is missing or its exit
 * status is not 0.
 */
export function runTool(system: System, { action, argv, directory }: ToolCall): string {
  return expectSuccess(system.run(argv, directory === undefined ? {} : { directory }), {
    action,
    argv,
  });
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
  throw new Failure(
    "tool",
    `Cannot ${action}: "${tool}" says "${lastLineOf(stderr)}" (${describeEnd(ended)})`,
  );
}

/**
 * Returns the last line of a program's output as it may be shown: a disk may have a name in it that
 * a terminal would obey.
 */
export function lastLineOf(output: string): string {
  const line =
    output
      .slice(-longestTail)
      .trimEnd()
      .split(/[\n\r]/)
      .at(-1) ?? "";
  return formatLine(line.length > longestLine ? `${line.slice(0, longestLine)}…` : line);
}

const longestTail = 65_536;
const longestLine = 400;

/** Describes how a program ended, in a word and a number ("status 3", "signal 9"). */
export function describeEnd({ status, signal }: Finished): string {
  return signal === undefined ? `status ${status}` : `signal ${signal}`;
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
