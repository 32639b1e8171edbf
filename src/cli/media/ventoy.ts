// On a stick of Ventoy.

import { Failure } from "../../core/text/failure.ts";
import type { MediumWork, TargetOf } from "./medium-work.ts";

/** What is done there. */
export const ventoy: MediumWork<"ventoy"> = { install: refuse, uninstall: refuse };

function refuse({ cannot }: TargetOf<"ventoy">): never {
  throw new Failure("usage", `${cannot}: sticks of Ventoy cannot be changed by this version`);
}
