// The session's names in the running system, where the other initramfs has mounted another /run by
// now: a hook of it calls this just before it hands over.

import { sessionDirectory } from "../core/session/places.ts";
import {
  type LeftFile,
  leftPlaces,
  type NewPlaces,
  planSettling,
} from "../core/session/plan-settling.ts";
import { joinPath } from "../core/text/path.ts";
import { listIfPresent } from "../system/port/files.ts";
import type { System } from "../system/port/system.ts";
import { execute } from "../system/steps/execute.ts";

/** Brings what is left below /run to where the running system finds it. */
export function settle(system: System, places: NewPlaces): void {
  const { directory } = leftPlaces;
  const names = listIfPresent(system, directory).map((name) => joinPath(directory, name));
  const files = [...names, ...leftPlaces.files].flatMap((path): LeftFile[] => {
    const status = system.linkStatus(path);
    if (status === undefined || status.kind === "directory") return [];
    const target = status.kind === "link" ? system.readLink(path) : undefined;
    return [{ path, bytes: status.bytes, mode: status.mode, target }];
  });
  // A session without a store has nothing mounted there.
  const hasMounts = listIfPresent(system, sessionDirectory).length > 0;
  const isThere = (path: string) => system.linkStatus(path) !== undefined;
  const plan = planSettling(places, { files, hasMounts, isThere });
  for (const { message } of execute(system, plan).failures)
    system.say("stderr", `backstore: ${message}\n`);
}
