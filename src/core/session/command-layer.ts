// The lowest layer of a session's root, which has nothing but the name of the command, in a
// directory that every login looks for programs in (decision 0044). Below the base, it adds a name
// where there is none, and changes nothing that the base or a store has.

import type { Step } from "../steps/step.ts";
import { localPrograms, nameCommand } from "../takeover/leave-command.ts";
import type { SrmFacts } from "./loaded-srms.ts";
import { places } from "./places.ts";
import { baseLayers } from "./session-steps.ts";

/** Makes the layer, in memory. */
export function makeCommandLayer({ apart }: SrmFacts): Step[] {
  if (apart !== undefined) return [];
  const directory = `${places.command}/${localPrograms}`;
  return [{ do: "make-directory", path: directory }, nameCommand(directory)];
}

/** Lists the layers of a root below its changes, from the top down. */
export function rootLayers(facts: SrmFacts): readonly string[] {
  return [...baseLayers(facts), ...(facts.apart === undefined ? [places.command] : [])];
}
