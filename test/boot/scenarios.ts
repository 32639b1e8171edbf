// All boot scenarios, in the order in which they run.

import type { Scenario } from "./scenario.ts";
import { copies } from "./scenarios/copied.ts";
import { fallbacks } from "./scenarios/fallbacks.ts";
import { fileChoices } from "./scenarios/file-choices.ts";
import { fileHosts } from "./scenarios/file-hosts.ts";
import { fileRefused } from "./scenarios/file-refused.ts";
import { fileWords } from "./scenarios/file-words.ts";
import { kernels } from "./scenarios/kernels.ts";
import { kinds } from "./scenarios/kinds.ts";
import { naming } from "./scenarios/naming.ts";
import { places } from "./scenarios/places.ts";
import { refused } from "./scenarios/refused.ts";
import { statuses } from "./scenarios/status.ts";

export const scenarios: readonly Scenario[] = [
  ...naming,
  ...kinds,
  ...places,
  ...refused,
  ...fallbacks,
  ...fileWords,
  ...fileHosts,
  ...fileChoices,
  ...fileRefused,
  ...copies,
  ...statuses,
  ...kernels,
];
