// Why a step failed, in words for the user: "Cannot mount …: read-only file system", and what to do
// about it.
import { describe, type Plan, type Step, type StepFailure } from "../../core/steps/step.ts";
import { Failure } from "../../core/text/failure.ts";
import { failureOfErrno } from "../port/errors.ts";
import { errnoOf } from "../port/system.ts";

/** Describes why a step of a plan failed. */
export function describeFailure(
  { title }: Plan,
  step: Step,
  { message, hint }: Failure,
): StepFailure {
  return { plan: title, step: step.do, message, ...(hint === undefined ? {} : { hint }) };
}

/**
 * Makes a Failure of an exception in a step: the findings of a tool or a check need no more words,
 * an errno needs those of the step.
 */
export function failureOf(step: Step, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const failure = failureOfErrno(`Cannot ${describe(step)}`, error);
  if (failure === undefined) throw error;
  const hint = findHint(step, errnoOf(error));
  return hint === undefined ? failure : new Failure(failure.code, failure.message, hint);
}

/**
 * Returns what the step makes of an errno; undefined if it means no more than elsewhere. A device
 * that cannot be written to may have a write-protection switch; of other mounts only the kernel
 * knows more.
 */
function findHint(step: Step, errno: string | undefined): string | undefined {
  // The kernel makes a FAT file system read-only if it finds an error in it, as power failures
  // leave them.
  if (errno === "EROFS" && "path" in step)
    return "see the kernel log (dmesg), remount it read-write (mount -o remount,rw) and try again";
  if (!mounting.has(step.do)) return undefined;
  const isProtected = errno === "EROFS" || errno === "EACCES";
  return isProtected && step.do === "mount"
    ? `check whether it is write-protected: blockdev --getro ${step.source}`
    : "see the kernel log: dmesg";
}

const mounting: ReadonlySet<Step["do"]> = new Set([
  "mount",
  "mount-file",
  "mount-partition",
  "mount-overlay",
]);
