// The facts about an image file and about the disk that it is to be written to.

import type { ImageFacts, TargetDisk } from "../../core/install/plan-stick-image.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { inspectContents, inspectDevice } from "../create/inspect-device.ts";
import { discoverRemovable } from "../devices/disk-facts.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import { readIfPresent } from "../port/files.ts";
import type { System } from "../port/system.ts";

/** Inspects a disk; throws a Failure that begins with `cannot` if it is none. */
export function inspectTarget(system: System, given: string, cannot: string): TargetDisk {
  const device = inspectDevice(system, given, { cannot });
  const name = device.path.replace(/^\/dev\//, "").replaceAll("/", "!");
  return {
    ...device,
    partOf: findDiskOf(system, name),
    isOptical: name.startsWith("sr"),
    isRemovable: discoverRemovable(system, device.path),
  };
}

/** Inspects an image file; throws a Failure that begins with `cannot` if there is none. */
export function inspectImage(system: System, path: string, cannot: string): ImageFacts {
  const kind = orFail(cannot, () => system.status(path))?.kind;
  if (kind === undefined)
    throw new Failure("not-found", `${cannot}: there is no image ${formatPath(path)}`);
  if (kind !== "file")
    throw new Failure("usage", `${cannot}: the image ${formatPath(path)} is not a file`);
  const bytes = orFail(cannot, () => system.deviceBytes(path));
  return orFail(`${cannot}: the image cannot be read`, () => ({
    path,
    bytes,
    contents: inspectContents(system, path),
    isHybrid: isHybrid(system.readBytes(path, 0, 512)),
  }));
}

function isHybrid(sector: Uint8Array): boolean {
  return sector[510] === 0x55 && sector[511] === 0xaa;
}

function findDiskOf(system: System, name: string): string | undefined {
  const directory = `/sys/class/block/${name}`;
  if (readIfPresent(system, `${directory}/partition`) === undefined) return undefined;
  const place = ifPossible(() => system.readLink(directory)) ?? "";
  return `/dev/${(place.split("/").at(-2) ?? name).replaceAll("!", "/")}`;
}
