// An image in which some blocks have other contents: as it was, or as it will be.

import { joinParts, type Part } from "../bytes/parts.ts";
import { type Source, sourceOf } from "../bytes/source.ts";
import { blockBytes } from "./volume.ts";

/** Contents for blocks of an image, from one on. */
export interface Patch {
  readonly block: number;
  readonly bytes: Uint8Array;
}

/** Returns an image of `bytes` bytes with patches over it; later ones cover earlier ones. */
export function patchSource(source: Source, patches: readonly Patch[], bytes: number): Source {
  return joinParts([{ offset: 0, source }, ...patches.map(toPart)], bytes);
}

/** Returns a patch as a part of its image. */
export function toPart({ block, bytes }: Patch): Part {
  return { offset: block * blockBytes, source: sourceOf(bytes) };
}
