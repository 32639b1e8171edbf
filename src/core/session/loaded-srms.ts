// Which of SystemRescue's modules a session has as layers over the base, and why others are left
// out. One that cannot be used does not stop a boot.

import type { BaseModule } from "../medium/base-identity.ts";
import { isUsable, srmDirectory, type UsableSrm } from "../medium/srm.ts";
import { formatPath } from "../text/quoted.ts";
import { places } from "./places.ts";
import type { SessionFacts } from "./session.ts";

/** The facts that decide about modules. */
export type SrmFacts = Pick<SessionFacts, "options" | "medium" | "live" | "apart" | "refusedSrms">;

/** A module with the place where it is mounted. */
export interface LoadedSrm extends UsableSrm {
  readonly place: string;
}

/** Lists the modules that a session mounts, from the top down. */
export function listLoadedSrms(facts: SrmFacts): readonly LoadedSrm[] {
  // Another initramfs has mounted its modules already.
  if (facts.live !== undefined || !facts.options.loadsrm.value) return [];
  return listUsable(facts).map((srm, index) => ({ ...srm, place: places.srm(index + 1) }));
}

/** Lists the modules that are part of the base, whoever has mounted them. */
export function listBaseModules(facts: SrmFacts): readonly BaseModule[] {
  const { live, options } = facts;
  if (!options.loadsrm.value || live?.layers.length === 1) return [];
  return listUsable(facts).map(({ path, fingerprint }) => ({ name: nameOf(path), fingerprint }));
}

/** Describes the modules that were requested and are left out, as sentences. */
export function describeLeftOutSrms(facts: SrmFacts): readonly string[] {
  const { options, medium, live, refusedSrms = [] } = facts;
  if (live !== undefined || !options.loadsrm.value || medium.layout.name === "unknown") return [];
  const directory = srmDirectory(medium.layout);
  if (directory === undefined)
    return ["Cannot load modules (loadsrm): only media of SystemRescue have them"];
  if (medium.srms.length === 0)
    return [
      `Cannot load modules (loadsrm): there is no "*.srm" in ${formatPath(directory)} on the medium`,
    ];
  const faults = medium.srms.flatMap((srm) =>
    isUsable(srm) ? [] : [`Cannot load the module ${formatPath(srm.path)}: ${srm.fault}`],
  );
  const refused = refusedSrms.map(({ message }) => message);
  return [...faults, ...refused].map((message) => `${message}; the session goes on without it`);
}

function listUsable({ medium, refusedSrms = [] }: SrmFacts): readonly UsableSrm[] {
  return medium.srms
    .filter(isUsable)
    .filter((srm) => !refusedSrms.some(({ path }) => path === srm.path));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
