// The blocks changed by a tool of e2fsprogs, read from the undo file that it writes with -z: a
// header, then key blocks, each followed by the old contents of the blocks that its keys name. Only
// the keys are read here.
// Facts: the file as resize2fs and e2fsck 1.47 write it, compared with what they had changed
// (docs/decisions/0016).

import { hasText, isPowerOfTwo, u32le, u64le } from "../bytes/fields.ts";
import { mergeRanges, type Range } from "../bytes/ranges.ts";
import type { ReadBytes } from "../bytes/source.ts";
import { Failure } from "../text/failure.ts";

const magic = "E2UNDO02";
const keyBlockMagic = 0xcadecade;
const keyBytes = 16;

/**
 * Reads the changed ranges, merged; throws Failure "tool" for a file that those tools do not write.
 */
export function readUndoRanges(read: ReadBytes, bytes: number): Range[] {
  const header = read(0, 64);
  const keys = u64le(header, 8);
  const firstBlock = u64le(header, 24);
  const blockBytes = u32le(header, 32);
  const isPlausible =
    header.length === 64 &&
    hasText(header, 0, magic) &&
    isPowerOfTwo(blockBytes) &&
    blockBytes >= 1024 &&
    blockBytes <= 2 ** 20 &&
    u64le(header, 56) === 0;
  if (!isPlausible || keys === undefined || firstBlock === undefined || keys > bytes / keyBytes)
    throw unknownFile();
  const ranges: Range[] = [];
  let block = firstBlock;
  while (ranges.length < keys) {
    const at = block * blockBytes;
    if (!Number.isSafeInteger(at)) throw unknownFile();
    const keyBlock = read(at, blockBytes);
    if (keyBlock.length < blockBytes || u32le(keyBlock, 0) !== keyBlockMagic) throw unknownFile();
    const count = Math.min(keys - ranges.length, blockBytes / keyBytes - 1);
    block += 1;
    for (let key = 1; key <= count; key++) {
      const number = u64le(keyBlock, key * keyBytes);
      const changed = u32le(keyBlock, key * keyBytes + 12);
      const offset = number === undefined ? undefined : number * blockBytes;
      if (offset === undefined || !Number.isSafeInteger(offset)) throw unknownFile();
      ranges.push({ offset, bytes: changed });
      block += Math.ceil(changed / blockBytes);
    }
  }
  return mergeRanges(ranges);
}

function unknownFile(): Failure {
  return new Failure(
    "tool",
    "Cannot determine what e2fsprogs changed: its undo file has an unknown format",
    "use e2fsprogs 1.43 or newer",
  );
}
