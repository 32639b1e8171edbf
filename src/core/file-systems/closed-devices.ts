// Devices that may contain a store but cannot be inspected as they are: encrypted ones, parts of
// something that the kernel has to assemble first, and those with the signatures of two file
// systems (blkid's names on the left).
import type { Superblock } from "../devices/device.ts";
import { formatList } from "../text/word-list.ts";

const reasons: Readonly<Record<string, string>> = {
  crypto_LUKS: "it is encrypted, and locked",
  linux_raid_member: "it is a member of a RAID (md), and is not looked into by itself",
  LVM2_member: "it belongs to LVM, and is not looked into by itself",
  bcache: "it belongs to bcache, and is not looked into by itself",
};

/** Describes why the contents of a device are not visible; undefined if its type is no reason. */
export function describeClosed({ type, signatures = [] }: Superblock): string | undefined {
  if (type !== "ambivalent") return reasons[type];
  return `it has the marks of ${formatList(signatures, "and")}, and none of them is believed`;
}
