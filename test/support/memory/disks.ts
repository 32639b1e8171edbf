// The machine's disks: their nodes in /dev, and their entries in /sys
// (Documentation/ABI/stable/sysfs-block).
import { type Content, partOf } from "./content.ts";
import type { Devices } from "./devices.ts";
import { type Put, written } from "./edited.ts";
import { directory, link, put, type Tree } from "./entry.ts";
import type { TreeFileSystem } from "./tree.ts";

/** A disk as a test writes it. */
export interface Disk {
  /** The kernel's name: "sda", "nvme0n1", "sr0". */
  readonly name: string;
  readonly content: Content;
  readonly partitions?: readonly Partition[];
  /** Its place below /sys/devices; "…/usb1/…" makes it a USB disk. */
  readonly place?: string;
  readonly isRemovable?: boolean;
  readonly isReadonly?: boolean;
  /** Whether it has an exclusive user that is not a mount: swap, a RAID, a volume group. */
  readonly isClaimed?: boolean;
  /** More files of its directory in /sys: { "device/model": "Stick" }. */
  readonly sys?: Tree;
  /** When it appears, in milliseconds from the machine's start; from the beginning by default. */
  readonly comesAtMs?: number;
}

/** A partition; the bytes of the partition table are part of the content. */
export interface Partition {
  readonly number: number;
  readonly offset: number;
  readonly bytes: number;
}

const diskMajor = 8;
const minorsOfDisk = 16;

/** Attaches a disk and its partitions; `index` counts the disks of the machine. */
export function attachDisk(
  disk: Disk,
  { devices, sysfs, index }: { devices: Devices; sysfs: TreeFileSystem; index: number },
): void {
  const {
    name,
    partitions = [],
    place = "pci0000:00/0000:00:01.0",
    isReadonly = false,
    isClaimed = false,
  } = disk;
  let { content } = disk;
  const change = (put: Put) => {
    content = written(content, put);
  };
  const home = `devices/${place}/block/${name}`;
  const minor = index * minorsOfDisk;
  addDevice({ name, home, minor, bytes: content.length, type: "disk" });
  devices.add(name, {
    number: diskMajor * 256 + minor,
    device: { content: () => content, put: change, isReadonly, isClaimed },
  });
  put(sysfs.root, home, directory({ removable: disk.isRemovable ? "1\n" : "0\n", ...disk.sys }));
  for (const { number, offset, bytes } of partitions) {
    const partName = /\d$/.test(name) ? `${name}p${number}` : `${name}${number}`;
    addDevice({
      name: partName,
      home: `${home}/${partName}`,
      minor: minor + number,
      bytes,
      type: "partition",
      number,
    });
    put(
      sysfs.root,
      `${home}/${partName}`,
      directory({ partition: `${number}\n`, start: `${offset / 512}\n` }),
    );
    devices.add(partName, {
      number: diskMajor * 256 + minor + number,
      device: {
        content: () => partOf(content, offset, bytes),
        put: (one) => change({ ...one, offset: offset + one.offset }),
        isReadonly,
      },
    });
  }

  function addDevice(one: {
    name: string;
    home: string;
    minor: number;
    bytes: number;
    type: string;
    number?: number;
  }): void {
    const lines = [
      `MAJOR=${diskMajor}`,
      `MINOR=${one.minor}`,
      `DEVNAME=${one.name}`,
      `DEVTYPE=${one.type}`,
      `DISKSEQ=${index + 1}`,
    ];
    if (one.number !== undefined) lines.push(`PARTN=${one.number}`);
    const files = {
      size: `${one.bytes / 512}\n`,
      ro: isReadonly ? "1\n" : "0\n",
      dev: `${diskMajor}:${one.minor}\n`,
      uevent: `${lines.join("\n")}\n`,
    };
    put(sysfs.root, one.home, directory(files));
    put(sysfs.root, `class/block/${one.name}`, link(`../../${one.home}`));
    if (one.type === "disk") put(sysfs.root, `block/${one.name}`, link(`../${one.home}`));
  }
}
