// A machine in memory on which a store's file system is mounted, with as much free space as a test
// needs.
import { image } from "./memory/image.ts";
import type { Fault } from "./memory/recorded.ts";
import { createMemory } from "./memory.ts";

/** The unit of the sizes here. */
export const mebibyte = 2 ** 20;

/** Mounts a store on /store; `fill()` leaves only so much of it free. */
export function mountStore({
  type = "xfs",
  megabytes = 64,
  faults = [],
}: {
  type?: string;
  megabytes?: number;
  faults?: readonly Fault[];
} = {}) {
  const { system } = createMemory({
    files: { store: {} },
    disks: [{ name: "sda", content: image({ type, bytes: megabytes * mebibyte }) }],
    types: [type],
    faults,
  });
  system.mount({ source: "/dev/sda", target: "/store", type });
  const fill = (leftBytes: number) => {
    system.createFile("/store/fill");
    system.allocate("/store/fill", 0, system.room("/store").freeBytes - leftBytes);
  };
  return { system, fill };
}
