// The plan that takes changes out of an upper directory.

import { formatBase64 } from "../bytes/base64.ts";
import type { Plan, Step } from "../steps/step.ts";
import { asideDirectory } from "../stores/store-names.ts";
import { formatPath } from "../text/quoted.ts";
import type { ChosenReverts, Revert } from "./choose-reverts.ts";

/** Plans reverts in the store whose directory is `store`. */
export function planRevert(chosen: ChosenReverts, store: string): Plan {
  const { reverts, emptied, independent, originAttribute: attribute } = chosen;
  const upper = `${store}/upperdir`;
  const aside = `${store}/${asideDirectory}`;
  return {
    title: `Put back what the base has, in ${formatPath(store)}`,
    steps: [
      ...independent.map((path): Step => ({ do: "forget-origin", upper, path, attribute })),
      ...reverts.map((revert) => planOne(revert, { upper, aside })),
      ...emptied.map((path): Step => ({ do: "remove-empty", path: `${upper}${path}` })),
      { do: "sync-file-system", path: upper },
      { do: "remove-aside", path: aside },
    ],
    result: undefined,
  };
}

function planOne({ path, like }: Revert, at: { upper: string; aside: string }): Step {
  if (like === undefined) return { do: "take-out", path, ...at };
  const { mode, uid, gid } = like;
  const xattrs = Object.fromEntries(
    [...like.xattrs].map(([name, value]) => [name, formatBase64(value)]),
  );
  return { do: "describe-directory", upper: at.upper, path, mode, uid, gid, xattrs };
}
