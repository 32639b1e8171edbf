// squashfs 4, the usual base. It has neither label nor uuid, and no state that could be unclean.
// Fields: Documentation/filesystems/squashfs.rst and the kernel's squashfs_fs.h.

import { hasText, u16le, u32le, u64le } from "../bytes/fields.ts";
import type { Source } from "../bytes/source.ts";
import type { Superblock } from "./superblock.ts";

/** Identifies squashfs version 4; `bytes` is the size it uses, without the padding after it. */
export function identifySquashfs(source: Source): Superblock | undefined {
  const block = source.at(0, 96);
  if (block === undefined || !hasText(block, 0, "hsqs") || u16le(block, 28) !== 4) return undefined;
  const blockShift = u16le(block, 22);
  if (blockShift < 12 || blockShift > 20 || u32le(block, 12) !== 2 ** blockShift) return undefined;
  return {
    type: "squashfs",
    label: undefined,
    uuid: undefined,
    bytes: u64le(block, 40),
    unclean: [],
  };
}
