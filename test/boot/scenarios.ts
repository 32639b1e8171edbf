// All boot scenarios, in the order in which they run.

import type { Scenario } from "./scenario.ts";
import { fallbacks } from "./scenarios/fallbacks.ts";
import { kernels } from "./scenarios/kernels.ts";
import { kinds } from "./scenarios/kinds.ts";
import { naming } from "./scenarios/naming.ts";
import { places } from "./scenarios/places.ts";
import { refused } from "./scenarios/refused.ts";

export const scenarios: readonly Scenario[] = [
  ...naming,
  ...kinds,
  ...places,
  ...refused,
  ...fallbacks,
  ...kernels,
];
