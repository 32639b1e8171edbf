// What a session is on a root that another initramfs has assembled and that is not taken over: the
// distribution's own, whatever it keeps.

import { chooseRequest } from "../choosing/store-request.ts";
import type { Options } from "../options/options.ts";
import type { Plan } from "../steps/step.ts";
import type { LeftAlone } from "../takeover/live-root.ts";
import { stopTitles } from "./plan-session.ts";
import type { SessionResult } from "./session.ts";

/**
 * Plans that a root stays as it is. Who requires a store wants the changes kept, by whomever; if
 * they are not, or that is not known, the boot stops.
 */
export function planLeftAlone(
  options: Options,
  { reason, changes }: Pick<LeftAlone, "reason" | "changes">,
): Plan<SessionResult> {
  const { required, off } = options.backstore.value;
  const isKept = changes === "kept";
  const isAsked = isStoreAsked(options);
  const isStopped = required && !off && !isKept;
  return {
    title: isStopped ? stopTitles.required : `No store is used: ${reason}`,
    steps: [],
    result: {
      session: isStopped ? "stopped" : changes === "lost" ? "volatile" : "foreign",
      reason,
      store: undefined,
      findings: isAsked && isKept ? ["The store that was asked for is not used"] : [],
      isMissed: isAsked && !isKept,
    },
  };
}

function isStoreAsked(options: Options): boolean {
  const request = chooseRequest(options);
  if ("none" in request) return request.isMissed;
  return "reference" in request || request.file.isAsked;
}
