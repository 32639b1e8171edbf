// The plan that wins room in a store.

import type { Plan, Step } from "../steps/step.ts";
import { unfinishedUpper } from "../stores/store-names.ts";
import { formatPath } from "../text/quoted.ts";
import type { ChosenReclaims } from "./choose-reclaims.ts";
import { planRevert } from "./plan-revert.ts";

/** Plans it in the store whose directory is `store`; with `trim`, its free room is given back. */
export function planReclaim(
  { reverts }: ChosenReclaims,
  { store, trim }: { store: string; trim: boolean },
): Plan {
  return {
    title: `Win room in ${formatPath(store)}`,
    steps: [
      ...planRevert(reverts, store).steps,
      { do: "remove-aside", path: `${store}/${unfinishedUpper}` },
      ...(trim ? trimming(store) : []),
    ],
    result: undefined,
  };
}

/** The removals are on the disk before that, or the journal would still need their blocks. */
function trimming(store: string): Step[] {
  return [
    { do: "sync-file-system", path: store },
    { do: "run-tool", action: "give free room back", argv: ["fstrim", store] },
  ];
}
