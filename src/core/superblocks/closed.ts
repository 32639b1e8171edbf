// What may contain a store but cannot be inspected as it is.
import { formatList } from "../text/quoted.ts";
import type { Superblock } from "./superblock.ts";

/**
 * The reasons why some types that may contain a store cannot be inspected as they are: they are
 * encrypted, or part of something that the kernel has to assemble first.
 */
const closed: Readonly<Record<string, string>> = {
  crypto_LUKS: "it is encrypted and locked",
  linux_raid_member: "it is a member of a RAID (md) and is not inspected on its own",
  LVM2_member: "it belongs to LVM and is not inspected on its own",
  bcache: "it belongs to bcache and is not inspected on its own",
};

/** Describes why the contents of a device are not visible; undefined if its type is no reason. */
export function describeClosed({ type, signatures = [] }: Superblock): string | undefined {
  if (type !== "ambivalent") return closed[type];
  return `it has the marks of ${formatList(signatures, "and")}, and none of them is believed`;
}
