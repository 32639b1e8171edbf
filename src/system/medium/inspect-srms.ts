// SystemRescue's modules on a medium: what they are, as far as some kilobytes of each show it.

import { readFingerprint } from "../../core/medium/base-fingerprint.ts";
import type { Layout } from "../../core/medium/layout.ts";
import { mostSrms, type Srm, selectSrms, srmDirectory } from "../../core/medium/srm.ts";
import { identify } from "../../core/superblocks/identify.ts";
import { ifPossible } from "../port/errors.ts";
import { describeUnread, listBelowIfPresent } from "../port/files.ts";
import { type DiskPlace, errnoOf, type System } from "../port/system.ts";

/** Inspects the modules of a mounted medium, in the order of their names. */
export function inspectSrms(
  system: System,
  { root, layout }: { readonly root: string; readonly layout: Layout },
): readonly Srm[] {
  const directory = srmDirectory(layout);
  if (directory === undefined) return [];
  const names = selectSrms(listBelowIfPresent(system, { root, path: directory }));
  const paths = names.map((name) => `${directory}/${name}`);
  const srms = paths.slice(0, mostSrms).map((path) => inspectSrm(system, { root, path }));
  const [next, ...others] = paths.slice(mostSrms);
  if (next === undefined) return srms;
  const more = others.length === 0 ? "" : ` (${others.length} more are left out)`;
  return [...srms, { path: next, fault: `at most ${mostSrms} modules are loaded${more}` }];
}

function inspectSrm(system: System, place: DiskPlace): Srm {
  const { path } = place;
  try {
    return system.withFile(place, ({ status, read }): Srm => {
      const type = identify(read, status.bytes)?.type;
      if (type !== "squashfs" && type !== "erofs")
        return { path, fault: `it is ${type ?? "neither squashfs nor erofs"}` };
      return { path, type, fingerprint: ifPossible(() => readFingerprint(read, type)) };
    });
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return { path, fault: `it cannot be read: ${describeUnread(error)}` };
  }
}
