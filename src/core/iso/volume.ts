// The volume descriptors of an ISO 9660 image, which are a block each: where its trees begin, how
// long it is, what it boots. Layouts: ECMA-119, section 8; El Torito, section 2.

import { hasText, u8, u32le } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";

/** The bytes of a block, by which everything in an image is addressed. */
export const blockBytes = 2048;

/** The block of an image's first volume descriptor. */
export const firstDescriptor = 16;

const mostDescriptors = 16;

/** A volume descriptor. */
export interface VolumeDescriptor {
  readonly kind: "primary" | "joliet" | "boot" | "other" | "end";
  readonly bytes: Uint8Array;
}

/** The volume descriptors of a tree, block after block. */
export interface Volume {
  /** The block of the first one. */
  readonly block: number;
  /**
   * What is added to every address in them: the first block of the partition that they are for.
   */
  readonly base: number;
  /** The first is the primary one, the last one the end. */
  readonly descriptors: readonly VolumeDescriptor[];
}

/** Reads the volume descriptors of an image that begins at a block; undefined if it has none. */
export function readVolume(source: Source, base: number): Volume | undefined {
  return readVolumeAt(source, { block: base + firstDescriptor, base });
}

/** Reads volume descriptors that may lie anywhere, as those of a session do. */
export function readVolumeAt(
  source: Source,
  { block, base }: Pick<Volume, "block" | "base">,
): Volume | undefined {
  const descriptors: VolumeDescriptor[] = [];
  while (descriptors.length < mostDescriptors) {
    const bytes = source.at((block + descriptors.length) * blockBytes, blockBytes);
    const kind = bytes && identifyDescriptor(bytes);
    if (bytes === undefined || kind === undefined) return undefined;
    if (descriptors.length === 0 && kind !== "primary") return undefined;
    descriptors.push({ kind, bytes: bytes.slice() });
    if (kind === "end") return { block, base, descriptors };
  }
  return undefined;
}

function identifyDescriptor(bytes: Uint8Array): VolumeDescriptor["kind"] | undefined {
  if (!hasText(bytes, 1, "CD001")) return undefined;
  const type = u8(bytes, 0);
  if (type === 255) return "end";
  if (type === 1) return "primary";
  if (type === 0) return hasText(bytes, 7, "EL TORITO SPECIFICATION") ? "boot" : "other";
  const isJoliet = ["%/@", "%/C", "%/E"].some((sequence) => hasText(bytes, 88, sequence));
  return type === 2 && isJoliet ? "joliet" : "other";
}

/** Returns the first descriptor of a kind. */
export function findDescriptor(
  { descriptors }: Volume,
  kind: VolumeDescriptor["kind"],
): Uint8Array | undefined {
  return descriptors.find((one) => one.kind === kind)?.bytes;
}

/** Returns all of a volume's descriptors as they are in the image. */
export function descriptorBytes({ descriptors }: Volume): Uint8Array {
  const bytes = new Uint8Array(descriptors.length * blockBytes);
  for (const [index, one] of descriptors.entries()) bytes.set(one.bytes, index * blockBytes);
  return bytes;
}

/** Returns the block at which the tree of a volume begins. */
export function rootBlock(volume: Volume): number {
  const primary = findDescriptor(volume, "primary");
  return primary === undefined ? 0 : volume.base + u32le(primary, rootAt + 2);
}

/** Returns how many blocks a volume says that it has, from the beginning of its image. */
export function volumeBlocks(volume: Volume): number {
  const primary = findDescriptor(volume, "primary");
  return primary === undefined ? 0 : volume.base + u32le(primary, spaceAt);
}

const spaceAt = 80;
const pathTablesAt = 132;
const rootAt = 156;
const rootBytes = 34;

/**
 * Returns the descriptors of a volume with the trees of a session; undefined where the session has
 * not the same trees. `blocks` is the length of the image with the session, without the base.
 */
export function withTrees(volume: Volume, session: Volume, blocks: number): Volume | undefined {
  const changed = volume.descriptors.map((one): VolumeDescriptor | undefined => {
    if (one.kind !== "primary" && one.kind !== "joliet") return one;
    const other = findDescriptor(session, one.kind);
    if (other === undefined) return undefined;
    const bytes = one.bytes.slice();
    bytes.set(other.subarray(pathTablesAt, rootAt + rootBytes), pathTablesAt);
    setBoth(bytes, spaceAt, blocks);
    return { kind: one.kind, bytes };
  });
  const descriptors = changed.filter((one) => one !== undefined);
  return descriptors.length === changed.length ? { ...volume, descriptors } : undefined;
}

/** Numbers of descriptors are there in both orders of bytes. */
function setBoth(bytes: Uint8Array, at: number, value: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(at, value, true);
  view.setUint32(at + 4, value);
}
