// What an ISO image is, before a session is appended to it: how long it is, its volume descriptors,
// the view that its first partition has of it, and what boots it.

import { decodeByteText } from "../bytes/byte-text.ts";
import { hasText, u8, u32le } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import { readMbrEntries } from "../superblocks/mbr.ts";
import { readPartitions } from "../superblocks/partitions.ts";
import { tablesEnd } from "./system-area.ts";
import { blockBytes, findDescriptor, readVolume, type Volume, volumeBlocks } from "./volume.ts";

/** An ISO image, or a device that one was written to. */
export interface IsoFacts {
  /** Its end, in blocks: what its volume and its partition tables say; more may be behind it. */
  readonly blocks: number;
  readonly volume: Volume;
  /** Descriptors of its own for the first partition, whose addresses begin with it. */
  readonly view: Volume | undefined;
  /** The first partition of an MBR that has a part in sector 16 or a view, in sectors of 512. */
  readonly partition: { readonly start: number; readonly sectors: number } | undefined;
  readonly boot: readonly BootImage[];
  /** A checksum of the image that is in it, and that any change makes wrong (implantisomd5). */
  readonly implantedSum: ImplantedSum | undefined;
}

/** A checksum of an image in its primary descriptor, which a boot of Fedora compares. */
export interface ImplantedSum {
  /** Whether its distributor says that the image is a release that is supported. */
  readonly isSupported: boolean;
}

/** A boot image of El Torito. */
export interface BootImage {
  readonly firmware: "bios" | "uefi" | "other";
  readonly block: number;
  /** Where its entry of the boot catalog is. */
  readonly entry: number;
}

/** Reads what an image is; undefined if it is no ISO 9660. */
export function readIso(source: Source): IsoFacts | undefined {
  const volume = readVolume(source, 0);
  if (volume === undefined) return undefined;
  const [first] = readMbrEntries(source.at(0, 512) ?? new Uint8Array(512));
  const view = readView(source);
  const viewStart = view === undefined ? 0 : view.base * sectorsOfBlock;
  const isOurs = first !== undefined && first.sectors > 0 && first.start === viewStart;
  return {
    blocks: Math.max(volumeBlocks(volume), Math.ceil(tablesEnd(source) / sectorsOfBlock)),
    ...{ volume, view },
    partition: isOurs ? { start: first.start, sectors: first.sectors } : undefined,
    boot: readBootImages(source, volume),
    implantedSum: readImplantedSum(volume),
  };
}

const sectorsOfBlock = blockBytes / 512;

/** Partitions that begin with the image have the same view. */
function readView(source: Source): Volume | undefined {
  const [first] = readPartitions(source);
  if (first === undefined || first.offset === 0 || first.offset % blockBytes !== 0)
    return undefined;
  return readVolume(source, first.offset / blockBytes);
}

const platforms: Readonly<Record<number, BootImage["firmware"]>> = { 0: "bios", 239: "uefi" };
const mostSections = 32;

/** Reads the boot catalog: an entry of 32 bytes each. */
function readBootImages(source: Source, volume: Volume): BootImage[] {
  const record = findDescriptor(volume, "boot");
  const catalogAt = record === undefined ? 0 : u32le(record, 0x47) * blockBytes;
  const catalog = record && source.at(catalogAt, blockBytes);
  if (catalog === undefined || u8(catalog, 0) !== 1) return [];
  const found: BootImage[] = [];
  let platform = u8(catalog, 1);
  for (let index = 1; index < 2 * mostSections; index++) {
    const entry = catalog.subarray(index * 32, index * 32 + 32);
    const mark = u8(entry, 0);
    if (mark === 0x90 || mark === 0x91) platform = u8(entry, 1);
    else if (mark === 0x88)
      found.push({
        firmware: platforms[platform] ?? "other",
        ...{ block: u32le(entry, 8), entry: catalogAt + index * 32 },
      });
    else if (mark === 0 && index > 1) break;
  }
  return found;
}

/** It is in the part of the primary descriptor that applications may use. */
function readImplantedSum(volume: Volume): ImplantedSum | undefined {
  const primary = findDescriptor(volume, "primary");
  if (primary === undefined || !hasText(primary, 883, "ISO MD5SUM = ")) return undefined;
  const text = decodeByteText(primary.subarray(883, 883 + 512));
  return { isSupported: text.includes("RHLISOSTATUS=1") };
}
