// The loop devices that are mounted. A boot sees none of them, but who looks for a store may have
// it in such a file.

import { type Device, unknownDevice } from "../../core/devices/device.ts";
import { isBase } from "../../core/devices/volumes.ts";
import { driverOf } from "../../core/file-systems/mounting.ts";
import { sessionMounts } from "../../core/session/places.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { discoverImage } from "./discover-image.ts";

/**
 * Lists the mounted loop devices that may hold a store, without those of the session and those on
 * the files in `known`.
 */
export function discoverMountedLoops(system: System, known: ReadonlySet<string>): Device[] {
  const paths = system
    .mounts()
    .filter(
      ({ type, target }) =>
        driverOf(type) !== undefined && !isBase(type) && !target.startsWith(sessionMounts),
    )
    .flatMap(({ source }) => (/^\/dev\/loop\d+(?:p\d+)?$/.test(source) ? [source] : []));
  return [...new Set(paths)]
    .filter((path) => !known.has(ifPossible(() => system.loopStatus(path)?.file) ?? ""))
    .map((path) => ifPossible(() => discoverImage(system, path)[0]) ?? unknown(path));
}

function unknown(path: string): Device {
  return { ...unknownDevice(path, 0), problem: "it cannot be read without root" };
}
