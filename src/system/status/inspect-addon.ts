// The add-on on the medium of the running session.

import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { findInstallRecord } from "../stores/read-install-record.ts";

/** Returns the version that is installed on a mounted device; undefined if it is unknown. */
export function inspectAddon(system: System, device: string): string | undefined {
  const mount = system
    .mounts()
    .find(
      ({ source, root }) =>
        root === "/" && (source === device || ifPossible(() => system.resolve(source)) === device),
    );
  return mount && findInstallRecord(system, mount.target)?.version;
}
