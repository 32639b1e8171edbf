// What may hold a store and cannot be looked into as it is: what is encrypted, what is a part of something that the kernel
// has to put together first, and what two file systems claim (blkid's words on the left).
import type { Superblock } from "../devices/device.ts";
import { formatList } from "../text/word-list.ts";

const reasons: Readonly<Record<string, string>> = {
  crypto_LUKS: "it is encrypted, and locked",
  linux_raid_member: "it is a member of a RAID (md), and is not looked into by itself",
  LVM2_member: "it belongs to LVM, and is not looked into by itself",
  bcache: "it belongs to bcache, and is not looked into by itself",
};

/** Describes why what is on a device cannot be seen in it; undefined where its type is no reason. */
export function describeClosed({ type, signatures = [] }: Superblock): string | undefined {
  if (type !== "ambivalent") return reasons[type];
  return `it has the marks of ${formatList(signatures, "and")}, and none of them is believed`;
}
