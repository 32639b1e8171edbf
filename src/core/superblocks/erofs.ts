// EROFS, the other read-only base. Fields: Documentation/filesystems/erofs.rst and the kernel's
// erofs_fs.h.

import { labelText, sizeOf, u8, u32le, uuidText } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import type { Superblock } from "./superblock.ts";

const moreThan32Bits = 0x80;

/** Identifies EROFS. */
export function identifyErofs(source: Source): Superblock | undefined {
  const block = source.at(1024, 128);
  if (block === undefined || u32le(block, 0) !== 0xe0f5e1e2) return undefined;
  const blockShift = u8(block, 12);
  if (blockShift < 9 || blockShift > 16) return undefined;
  const isWide = (u32le(block, 80) & moreThan32Bits) !== 0;
  return {
    type: "erofs",
    label: labelText(block, 64, 16),
    uuid: uuidText(block, 48),
    bytes: isWide ? undefined : sizeOf(u32le(block, 36), 2 ** blockShift),
    unclean: [],
  };
}
