// Drivers of disks that answer at once and count their disks by themselves (vda, nvme0n1, mmcblk0), so that the order
// in which others find theirs (sda …) does not matter to them.

/** Tells whether a module is such a driver, or a bus that such disks hang on. */
export function isPromptModule(module: string): boolean {
  return promptModules.includes(module);
}

/** Lists the buses that such disks hang on, by their names in /sys/bus. */
export const promptBuses: readonly string[] = ["pci", "virtio", "xen"];

const promptModules = ["virtio_pci", "virtio_blk", "nvme", "vmd", "xen_blkfront"];
