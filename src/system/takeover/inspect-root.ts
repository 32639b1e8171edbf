// Looks at the root that another initramfs has assembled.

import {
  addTraces,
  identifyRoot,
  isLeftAlone,
  type LeftAlone,
  type LiveRoot,
} from "../../core/takeover/live-root.ts";
import { walkUpper } from "../changes/walk-changes.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { isSeenIn } from "./seen-files.ts";

/** Inspects the root that is mounted at a path. */
export function inspectRoot(system: System, root: string): LiveRoot | LeftAlone {
  const mounts = system.mounts();
  const devices = mounts
    .map(({ source }) => source)
    .filter((path) => /^\/dev\/loop\d+$/.test(path));
  const finding = identifyRoot({
    root,
    mounts,
    loops: new Map(
      devices.flatMap((device) => {
        const file = ifPossible(() => system.loopFile(device));
        return file === undefined ? [] : [[device, file] as const];
      }),
    ),
    resolve: (path) => ifPossible(() => system.resolve(path)),
    isSeen: (directory) => ifPossible(() => isSeenIn(system, { directory, root })) ?? false,
  });
  if (isLeftAlone(finding)) return finding;
  return addTraces(finding, walkUpper(system, finding.upper));
}
