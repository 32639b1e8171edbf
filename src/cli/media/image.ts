// On an ISO image.

import { Failure } from "../../core/text/failure.ts";
import type { MediumWork, TargetOf } from "./medium-work.ts";

/** What is done there. */
export const image: MediumWork<"image"> = { install: refuse, uninstall: refuse };

function refuse({ cannot }: TargetOf<"image">): never {
  throw new Failure("usage", `${cannot}: ISO images cannot be changed by this version`);
}
