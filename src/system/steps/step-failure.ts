// Why a step could not be done, in words for people: "Cannot mount …: read-only file system", and what to do about it.
import { describe, type Plan, type Step, type StepFailure } from "../../core/steps/step.ts";
import { Failure, type FailureCode } from "../../core/text/failure.ts";
import { reasonOf } from "../port/errors.ts";
import { errnoOf } from "../port/system.ts";

/** Describes why a step of a plan could not be done. */
export function describeFailure({ title }: Plan, { message, hint }: Failure): StepFailure {
  return { plan: title, message, ...(hint === undefined ? {} : { hint }) };
}

/** Makes a Failure of what a step threw: what a tool or a check has found is said by itself, an errno needs the step's words. */
export function failureOf(step: Step, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const message = `Cannot ${describe(step)}: ${reasonOf(error)}`;
  const errno = errnoOf(error) ?? "";
  return new Failure(codes[errno] ?? "tool", message, findHint(step, errno));
}

/** A device that cannot be written to may have a switch for that; else only the kernel says more. */
function findHint(step: Step, errno: string): string | undefined {
  // So the kernel makes a FAT in which it finds an error, as a power cut leaves them.
  if (errno === "EROFS" && "path" in step)
    return "see what the kernel says of it (dmesg), make it writable (mount -o remount,rw), and try again";
  if (step.do !== "mount" && step.do !== "mount-file" && step.do !== "mount-overlay")
    return undefined;
  const isProtected = errno === "EROFS" || errno === "EACCES";
  return isProtected && step.do === "mount"
    ? `see whether it is write-protected: blockdev --getro ${step.source}`
    : "see what the kernel says of it: dmesg";
}

/** Says which kind of failure an errno is, where it is not just one of the kernel's. */
const codes: Readonly<Record<string, FailureCode>> = {
  EAGAIN: "in-use",
  EBUSY: "in-use",
  ETXTBSY: "in-use",
  EDQUOT: "no-room",
  EFBIG: "no-room",
  ENOSPC: "no-room",
  EUCLEAN: "damaged",
};
