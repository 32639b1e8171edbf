// What can be reclaimed in a store.

import {
  type ChosenReclaims,
  chooseReclaims,
  type NamedKinds,
  type ReclaimSum,
} from "../../core/revert/choose-reclaims.ts";
import { asideDirectory, unfinishedUpper } from "../../core/stores/store-names.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { type OverlayDirectories, withOverlay } from "../changes/inspect-changes.ts";
import { withLayer } from "../changes/read-layer.ts";
import { orFail } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { searchIn, type TellFault } from "./inspect-reverts.ts";

/** Chooses what is reclaimed in a store, by its upper directory; errnos become Failures. */
export function inspectReclaims(
  system: System,
  directories: OverlayDirectories,
  { named, tellFault }: { named: NamedKinds; tellFault: TellFault },
): ChosenReclaims {
  return orFail("Cannot look for what can be reclaimed", () => {
    const chosen = withOverlay(system, directories, (layers) =>
      chooseReclaims(layers, named, searchIn(system, layers, tellFault)),
    );
    const [copies, marks, ...others] = chosen.sums;
    const leftovers = measureLeftovers(system, directoryOf(directories.upper));
    const sums = [copies, marks, leftovers, ...others].filter((one) => one !== undefined);
    return { ...chosen, sums };
  });
}

function measureLeftovers(system: System, store: string): ReclaimSum {
  let [paths, bytes] = [0, 0];
  for (const name of [asideDirectory, unfinishedUpper]) {
    const top = joinPath(store, name);
    if (system.linkStatus(top)?.kind !== "directory") continue;
    withLayer(system, top, (layer) => {
      const pending = [""];
      for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
        paths++;
        for (const names of layer.list(at))
          for (const one of names) {
            const entry = layer.look(`${at}/${one}`);
            if (entry?.kind === "directory") pending.push(`${at}/${one}`);
            else paths++;
            if (entry?.kind === "file") bytes += entry.allocatedBytes / entry.links;
          }
      }
    });
  }
  return { kind: "leftovers", paths, bytes: Math.round(bytes), isTaken: true };
}
