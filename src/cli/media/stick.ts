// On a stick that an ISO image was written onto whole.

import { Failure } from "../../core/text/failure.ts";
import type { MediumWork, TargetOf } from "./medium-work.ts";

/** What is done there. */
export const stick: MediumWork<"stick"> = { install: refuse, uninstall: refuse };

function refuse({ cannot }: TargetOf<"stick">): never {
  throw new Failure(
    "usage",
    `${cannot}: sticks that an ISO image was written onto cannot be changed by this version`,
  );
}
