// The layers of a base that somebody names: directories, and images on files or devices.

import { driverOf, unchangedOptions } from "../../core/file-systems/mounting.ts";
import { readFingerprint } from "../../core/medium/base-fingerprint.ts";
import { type Medium, unknownMedium } from "../../core/medium/medium.ts";
import type { ApartLayer } from "../../core/session/session.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { readSuperblock } from "../looking/read-superblock.ts";
import { ifPossible, orFail } from "../port/errors.ts";
import type { System } from "../port/system.ts";

/** Inspects a layer; throws Failure "not-found" if it is none. */
export function inspectLayer(system: System, given: string): ApartLayer {
  const cannot = `Cannot use ${formatPath(given)} as a base`;
  const kind = given === "" ? undefined : orFail(cannot, () => system.status(given)?.kind);
  if (kind === undefined) throw new Failure("not-found", `${cannot}: no such file or directory`);
  const path = orFail(cannot, () => system.resolve(given));
  if (kind === "directory") return { kind, path };
  if (kind !== "file" && kind !== "block")
    throw new Failure("not-found", `${cannot}: it is neither an image nor a directory`);
  const superblock = orFail(cannot, () => readSuperblock(system, path, system.deviceBytes(path)));
  const type = driverOf(superblock?.type ?? "");
  if (type === undefined)
    throw new Failure(
      "not-found",
      `${cannot}: it is ${superblock?.type ?? "not a file system"}`,
      "name a squashfs or erofs image, or a directory",
    );
  return { kind: "image", path, type, data: unchangedOptions(superblock) };
}

/**
 * Returns what a store's record says of a base: the identity of its lowest layer, or nothing if
 * that has none.
 */
export function inspectBaseMedium(system: System, layers: readonly ApartLayer[]): Medium {
  const unknown = unknownMedium(undefined);
  const lowest = layers.at(-1);
  if (lowest?.kind !== "image") return unknown;
  const { path, type } = lowest;
  const fingerprint = ifPossible(() =>
    readFingerprint((offset, length) => system.readBytes(path, offset, length), type),
  );
  if (fingerprint === undefined) return unknown;
  const image = path.slice(path.lastIndexOf("/") + 1);
  const layout = { name: "file", image, nested: [] } as const;
  return { ...unknown, layout, imageType: type, fingerprint };
}
