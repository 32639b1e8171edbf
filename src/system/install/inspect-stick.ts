// Inspecting a stick that an ISO image was written onto whole: the image, what is installed on it,
// and the stores behind it.

import { partOf } from "../../core/bytes/parts.ts";
import type { Device } from "../../core/devices/device.ts";
import { findStoreType } from "../../core/file-systems/store-types.ts";
import { findDescriptorBlocks, type StickFacts } from "../../core/install/plan-stick.ts";
import { belowPartition, findUnfinished } from "../../core/install/unfinished-session.ts";
import type { ReadImage } from "../../core/iso/check-session.ts";
import type { IsoFacts } from "../../core/iso/iso-facts.ts";
import { blockBytes, rootBlock, volumeBlocks } from "../../core/iso/volume.ts";
import { roundUp } from "../../core/text/size.ts";
import { discoverImage } from "../devices/discover-image.ts";
import type { System } from "../port/system.ts";
import { type InspectedImage, inspectImage } from "./inspect-image.ts";

/** A stick, and the image on it. */
export interface InspectedStick extends InspectedImage {
  readonly stick: StickFacts;
  /** Where installing or undoing was interrupted: what to put back before anything else. */
  readonly unfinished: InspectedImage["installed"];
}

/** Inspects a stick; throws a Failure that begins with `cannot`. */
export function inspectStick(system: System, path: string, cannot: string): InspectedStick {
  const inspected = inspectImage(system, path, cannot);
  const { image, installed } = inspected;
  const [whole, ...partitions] = discoverImage(system, path);
  const volumeEnd = volumeBlocks(image.facts.volume) * blockBytes;
  const unfinished = installed === undefined ? findUnfinishedOn(image, partitions) : undefined;
  const known = installed ?? unfinished;
  const imageEnd = known?.record.iso.bytes ?? volumeEnd;
  const isStore = ({ superblock, offset = 0 }: (typeof partitions)[number]) =>
    offset >= imageEnd && findStoreType(superblock?.type ?? "") !== undefined;
  const stores = partitions.filter(isStore);
  // Until something is installed, a partition behind the volume may be one of the image.
  const behind = partitions.filter(
    (one) => isStore(one) || (known !== undefined && (one.offset ?? 0) >= imageEnd),
  );
  const others = partitions.filter((partition) => !isStore(partition));
  const ends = others.map(({ offset = 0, bytes }) => offset + bytes);
  const bytes = system.deviceBytes(path);
  const imageBytes =
    known?.record.iso.bytes ??
    (stores.length === 0
      ? image.facts.blocks * blockBytes
      : roundUp(Math.max(volumeEnd, ...ends) + spareBytes, blockBytes));
  return {
    ...inspected,
    original: known?.original ?? shorten(image, Math.min(imageBytes, bytes)),
    unfinished,
    stick: {
      ...{ path, bytes, imageBytes: Math.min(imageBytes, bytes) },
      session: installed === undefined ? undefined : findSession(image.facts),
      partitions: behind.map(({ offset = 0, bytes: size }) => ({ offset, bytes: size })),
      stores: stores.map(({ offset = 0, bytes: size, partition = 0, superblock }) => ({
        ...{ offset, bytes: size, number: partition },
        ...{ type: superblock?.type ?? "", label: superblock?.label },
      })),
      identity: { type: whole?.superblock?.type, uuid: whole?.superblock?.uuid },
    },
  };
}

function findUnfinishedOn(
  image: ReadImage,
  partitions: readonly Device[],
): InspectedStick["unfinished"] {
  const end = volumeBlocks(image.facts.volume) * blockBytes;
  const store = partitions.find(
    ({ offset = 0, superblock }) =>
      offset >= end && findStoreType(superblock?.type ?? "") !== undefined,
  );
  return findUnfinished(image, [
    ...belowPartition(image),
    ...findDescriptorBlocks(image.facts.blocks * blockBytes, store?.offset),
  ]);
}

/** A second partition table that the image had at its end, before a store was made. */
const spareBytes = 64 * 1024;

function shorten(image: ReadImage, bytes: number): ReadImage {
  return { ...image, source: partOf(image.source, { offset: 0, bytes }) };
}

/** The tree is in the session, and the volume ends with it. */
function findSession({ volume }: IsoFacts): StickFacts["session"] {
  const offset = rootBlock(volume) * blockBytes;
  return { offset, bytes: volumeBlocks(volume) * blockBytes - offset };
}
