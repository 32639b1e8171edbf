// Verifying the base before it is used (checksum): all of its image is read and compared with the
// checksum beside it, in memory if it was copied there. The plan is executed before the session's,
// because a base that is damaged is a reason to plan another session.

import type { Plan, Step } from "../steps/step.ts";
import { formatPath } from "../text/quoted.ts";
import { places } from "./places.ts";
import { planSession } from "./plan-session.ts";
import type { SessionFacts } from "./session.ts";
import { mediumPlace, mountBeside } from "./session-steps.ts";

/** The result of verifying the base. */
export interface VerificationResult {
  /** What is wrong with it, as a sentence; undefined if nothing is, as far as is known. */
  readonly fault: string | undefined;
  /** Why it was not verified although that was requested, as a sentence. */
  readonly problem: string | undefined;
}

/** Plans to verify the base; undefined if that is not requested, or no system is going to run. */
export function planVerification(facts: SessionFacts): Plan<VerificationResult> | undefined {
  const { options, medium, devices, isCopied, live } = facts;
  // Another initramfs has its own way to do that.
  if (live !== undefined || !options.checksum.value || medium.layout.name === "unknown")
    return undefined;
  if (planSession(facts).result.session === "stopped") return undefined;
  const { image } = medium.layout;
  if ("missing" in medium.sum) {
    const problem = `Cannot verify the base (checksum): ${medium.sum.missing}`;
    return {
      title: "Use the base without verifying it",
      steps: [],
      result: { fault: undefined, problem },
    };
  }
  const root = mediumPlace(isCopied);
  const before: Step[] = [
    { do: "make-directory", path: places.medium },
    mountBeside(medium.device, { devices, target: places.medium }),
  ];
  const { bytes = 0 } = medium.files.find(({ path }) => path === image) ?? {};
  return {
    title: "Verify the base",
    steps: [
      ...(isCopied ? [] : before),
      { do: "check-sum", root, path: image, bytes, sha512: medium.sum.sha512 },
      ...(isCopied ? [] : [{ do: "unmount", target: places.medium, optional: true } as const]),
    ],
    result: { fault: undefined, problem: undefined },
    otherwise: {
      title: "Do not use the base",
      steps: [],
      result: { fault: `the base ${formatPath(image)} is damaged`, problem: undefined },
    },
  };
}
