// The checkers in an initramfs (core/initramfs/carried-checkers.ts), unpacked when one is needed;
// until then they cost a boot nothing. Without an initramfs, the installed ones are used.
import { checkableTypes, checkersByType } from "../../core/file-systems/checkers.ts";
import {
  type CheckerIndex,
  checkerFile,
  checkerIndexFile,
} from "../../core/initramfs/carried-checkers.ts";
import { directoryOf } from "../../core/text/path.ts";
import { ifPossible } from "../port/errors.ts";
import { isProgramInside, makeDirectories, readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";

/**
 * Lists the types of file systems, as blkid names them, that can be checked without a base; unpacks
 * nothing.
 */
export function listCheckers(system: System): readonly string[] {
  const index = readIndex(system);
  return checkableTypes(
    (tool) => filesOf(index, tool) !== undefined || system.findProgram(tool) !== undefined,
  );
}

/**
 * Makes the checker of a type available, and returns the root to run it in: that of the initramfs,
 * or the base. Undefined if there is none, or no space to unpack it.
 */
export function prepareChecker(system: System, type: string, base?: string): string | undefined {
  const tools = Object.hasOwn(checkersByType, type) ? checkersByType[type] : undefined;
  if (tools === undefined) return undefined;
  const index = readIndex(system);
  const files = tools.map((tool) => filesOf(index, tool));
  const isReady = () =>
    tools.every(
      (tool, at) => unpackFiles(system, files[at] ?? []) && system.findProgram(tool) !== undefined,
    );
  // What an initramfs carries is there because the base has none, or an older one.
  const isCarried = files.every((paths) => paths !== undefined);
  if (isCarried && isReady()) return "/";
  if (base !== undefined && tools.every((tool) => isInside(system, base, tool))) return base;
  return isReady() ? "/" : undefined;
}

/** Where a program that is run apart is searched for. */
const directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

function isInside(system: System, root: string, tool: string): boolean {
  return directories.some((directory) => isProgramInside(system, root, `${directory}/${tool}`));
}

function readIndex(system: System): CheckerIndex | undefined {
  const text = readIfPresent(system, checkerIndexFile);
  // The file is our own, written by "backstore initramfs".
  return text === undefined ? undefined : (JSON.parse(text) as CheckerIndex);
}

function filesOf(index: CheckerIndex | undefined, tool: string): readonly string[] | undefined {
  return index !== undefined && Object.hasOwn(index.tools, tool) ? index.tools[tool] : undefined;
}

function unpackFiles(system: System, paths: readonly string[]): boolean {
  const isDone = ifPossible(() => {
    for (const path of paths) if (system.status(path) === undefined) unpackFile(system, path);
    return true;
  });
  return isDone === true;
}

/** Unpacks beside the final path, so that an incomplete file is never used. */
function unpackFile(system: System, path: string): void {
  const beside = `${path}.new`;
  makeDirectories(system, directoryOf(path), 0o755);
  // What a boot that was cut off has left.
  if (system.linkStatus(beside)) system.removeFile(beside);
  try {
    system.writeFile(beside, system.readPacked(checkerFile(path)), 0o755);
    system.rename(beside, path);
  } catch (error) {
    if (system.linkStatus(beside)) system.removeFile(beside);
    throw error;
  }
}
