// Inspecting an ISO image in a file or on a device, and what is installed on it.

import { partOf } from "../../core/bytes/parts.ts";
import { openSource } from "../../core/bytes/source.ts";
import { ownDirectory } from "../../core/install/install-record.ts";
import { type InstalledImage, readInstalledImage } from "../../core/install/installed-image.ts";
import { type ReadImage, readImage } from "../../core/iso/check-session.ts";
import { blockBytes, volumeBlocks } from "../../core/iso/volume.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatPath } from "../../core/text/quoted.ts";
import type { System } from "../port/system.ts";

/** An ISO image, and what is installed on it. */
export interface InspectedImage {
  readonly image: ReadImage;
  readonly installed: InstalledImage | undefined;
  /** The image as it was before anything was installed on it. */
  readonly original: ReadImage;
}

/** Inspects an image at a path; throws a Failure that begins with `cannot`. */
export function inspectImage(system: System, path: string, cannot: string): InspectedImage {
  const bytes = system.deviceBytes(path);
  const image = readImage(
    openSource((offset, length) => system.readBytes(path, offset, length), bytes),
  );
  if (image === undefined)
    throw new Failure("damaged", `${cannot}: it is no ISO image, or its directories are damaged`);
  const missing = volumeBlocks(image.facts.volume) * blockBytes - bytes;
  if (missing > 0)
    throw new Failure(
      "damaged",
      `${cannot}: it is not complete: ${missing} bytes are missing at its end`,
      "copy or download it once more",
    );
  const installed = readInstalledImage(image);
  if (installed === "damaged")
    throw new Failure(
      "damaged",
      `${cannot}: ${formatPath(ownDirectory)} is on it, but what it was before is not`,
    );
  return { image, installed, original: installed?.original ?? withoutRest(system, path, image) };
}

/** A device is longer than the image on it. */
function withoutRest(system: System, path: string, image: ReadImage): ReadImage {
  const { source, facts } = image;
  const bytes = facts.blocks * blockBytes;
  if (system.status(path)?.kind !== "block" || bytes > source.bytes) return image;
  return { ...image, source: partOf(source, { offset: 0, bytes }) };
}
