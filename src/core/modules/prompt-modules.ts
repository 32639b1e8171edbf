// Drivers of disks that answer at once and number their disks themselves (vda, nvme0n1, mmcblk0),
// so that the order in which others find theirs (sda …) does not affect them.

/** Returns whether a module is such a driver, or a bus that such disks are attached to. */
export function isPromptModule(module: string): boolean {
  return promptModules.includes(module);
}

/** The buses that such disks are attached to, by their names in /sys/bus. */
export const promptBuses: readonly string[] = ["pci", "virtio", "xen"];

const promptModules = ["virtio_pci", "virtio_blk", "nvme", "vmd", "xen_blkfront"];
