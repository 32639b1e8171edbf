// Copying the base into memory before the session starts (copytoram, docache), so that the medium
// can be removed. The files that SystemRescue's own scripts look for on the medium are copied too:
// its configuration, autorun scripts, modules. The plan is separate, and executed before the
// session's: its mount of the medium is gone when the store's begins.
import { closedFlags } from "../kernel/mount-flags.ts";
import { type Layout, yamlDirectory } from "../medium/layout.ts";
import type { MediumFile } from "../medium/medium.ts";
import type { Plan } from "../steps/step.ts";
import { formatSize } from "../text/size.ts";
import { places } from "./places.ts";
import { planSession } from "./plan-session.ts";
import type { SessionFacts } from "./session.ts";
import { mountBeside } from "./session-steps.ts";

/** The result of copying the base into memory; if it was requested but failed, why. */
export interface CopyResult {
  readonly isCopied: boolean;
  readonly problem: string | undefined;
}

/** The facts that decide about copying. */
export interface CopyFacts extends Omit<SessionFacts, "isCopied"> {
  /**
   * The memory that the kernel can still provide (MemAvailable), in bytes; undefined if it is not
   * known.
   */
  readonly availableBytes: number | undefined;
  /** All memory (MemTotal), in bytes. */
  readonly memoryBytes?: number | undefined;
}

/**
 * Lists the directories of a medium with files to copy, from the names at its top; "" is the top.
 */
export function directoriesToCopy(top: readonly string[], { image }: Layout): readonly string[] {
  const named = top.filter((name) => name === yamlDirectory || name.startsWith(autorun));
  return [...new Set(["", ...baseDirectories(image), ...named])];
}

/** Returns whether a file of one of those directories is copied. */
export function isCopied(path: string, { image }: Layout): boolean {
  const directory = parentOf(path);
  return (
    path === image ||
    path.startsWith(autorun) ||
    directory === yamlDirectory ||
    (path.endsWith(".srm") && baseDirectories(image).includes(directory))
  );
}

const autorun = "autorun";

/**
 * SystemRescue's modules are above the directory of the architecture, those of its first generation
 * beside the base.
 */
function baseDirectories(image: string): string[] {
  return [parentOf(image), parentOf(parentOf(image))];
}

/** Plans the copy; undefined if it was not requested, and if no system is going to run. */
export function planCopy(facts: CopyFacts): Plan<CopyResult> | undefined {
  const { options, medium, devices } = facts;
  if (!options.copytoram.value && !options.docache.value) return undefined;
  if (planSession({ ...facts, isCopied: false }).result.session === "stopped") return undefined;
  const { files } = medium;
  const needed = neededBytes(files);
  const limit = findLimit(facts);
  if (limit !== undefined && needed > limit.bytes)
    return planNoCopy(`${formatSize(needed)} is needed, but ${limit.because}`);
  const directories = [...new Set(files.map(({ path }) => parentOf(path)))];
  return {
    title: "Copy the base into memory",
    steps: [
      { do: "make-directory", path: places.copy },
      {
        do: "mount",
        source: "backstore",
        target: places.copy,
        type: "tmpfs",
        readonly: false,
        flags: closedFlags,
        data: `mode=0755,size=${needed}`,
      },
      { do: "make-directory", path: places.medium },
      mountBeside(medium.device, { devices, target: places.medium }),
      ...directories
        .filter((directory) => directory !== "")
        .map(
          (directory) => ({ do: "make-directory", path: `${places.copy}/${directory}` }) as const,
        ),
      ...files.map(
        ({ path, bytes }) =>
          ({
            do: "copy-file",
            from: `${places.medium}/${path}`,
            to: `${places.copy}/${path}`,
            bytes,
          }) as const,
      ),
      { do: "unmount", target: places.medium },
    ],
    result: { isCopied: true, problem: undefined },
    otherwise: planNoCopy(undefined),
  };
}

/** Finds how much memory the copy may use, in words as well; undefined if that is not known. */
function findLimit({
  options,
  availableBytes,
  memoryBytes,
}: CopyFacts): { readonly bytes: number; readonly because: string } | undefined {
  const size = options.copytoram_size.value;
  const asked = size && ("bytes" in size ? size.bytes : shareOf(memoryBytes, size.percent));
  const share = asked === undefined ? mostOfMemory : 1;
  const limits = [asked, availableBytes && availableBytes * share].filter(
    (bytes) => bytes !== undefined,
  );
  if (limits.length === 0) return undefined;
  const bytes = Math.min(...limits);
  const free =
    availableBytes === undefined ? "" : ` of the ${formatSize(availableBytes)} of free memory`;
  return { bytes, because: `at most ${formatSize(bytes)}${free} may be used` };
}

function shareOf(bytes: number | undefined, percent: number): number | undefined {
  return bytes === undefined ? undefined : Math.floor((bytes * percent) / 100);
}

/** Without a reason, that of the failed step is used later. */
function planNoCopy(reason: string | undefined): Plan<CopyResult> {
  const problem = "Cannot copy the base into memory, so do not remove the medium";
  return {
    title: "Use the base on the medium",
    steps: [],
    result: {
      isCopied: false,
      problem: reason === undefined ? problem : `${problem}: ${reason}`,
    },
  };
}

/** The session needs memory too; SystemRescue uses at most this share as well. */
const mostOfMemory = 0.75;

const pageBytes = 4096;
const spareBytes = 2 ** 20;

function neededBytes(files: readonly MediumFile[]): number {
  return files.reduce(
    (sum, { bytes }) => sum + Math.ceil(bytes / pageBytes) * pageBytes,
    spareBytes,
  );
}

function parentOf(path: string): string {
  return path.split("/").slice(0, -1).join("/");
}
