// The plan that wins room in a store.

import type { Plan } from "../steps/step.ts";
import { unfinishedUpper } from "../stores/store-names.ts";
import { formatPath } from "../text/quoted.ts";
import type { ChosenReclaims } from "./choose-reclaims.ts";
import { planRevert } from "./plan-revert.ts";

/** Plans it in the store whose directory is `store`. */
export function planReclaim({ reverts }: ChosenReclaims, store: string): Plan {
  return {
    title: `Win room in ${formatPath(store)}`,
    steps: [
      ...planRevert(reverts, store).steps,
      { do: "remove-aside", path: `${store}/${unfinishedUpper}` },
    ],
    result: undefined,
  };
}
