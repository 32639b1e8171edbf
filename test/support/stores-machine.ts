// A machine in memory on which stores are created: sticks and disks of all kinds, and programs that
// do to a file what the real ones do, as far as it can be read afterwards.
import type { System } from "../../src/system/port/system.ts";
import * as formats from "./formats.ts";
import { image } from "./memory/image.ts";
import { createMemory, type Machine, type Memory, type Program } from "./memory.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** The superblocks of new file systems, by the program that makes them. */
const makers: Readonly<Record<string, (label: string) => Uint8Array>> = {
  "mkfs.ext4": (label) => formats.ext("ext4", label),
  "mkfs.ext3": (label) => formats.ext("ext3", label),
  "mkfs.ext2": (label) => formats.ext("ext2", label),
  "mkfs.xfs": formats.xfs,
  "mkfs.btrfs": formats.btrfs,
};

/** Stand-ins for mkfs and wipefs; a test may leave one out or let it fail. */
export const programs: Readonly<Record<string, Program>> = {
  ...Object.fromEntries(
    Object.entries(makers).map(([name, make]): [string, Program] => [
      name,
      ({ argv, system }) => {
        if (argv[1] === "-V") return {};
        const label = argv.includes("-L") ? (argv[argv.indexOf("-L") + 1] ?? "") : "";
        system.writeBytes(argv.at(-1) ?? "", 0, make(label));
        return {};
      },
    ]),
  ),
  wipefs: ({ argv, system }) => {
    const path = argv.at(-1) ?? "";
    if (argv.includes("--all")) system.writeBytes(path, 0, new Uint8Array(70 * 1024));
    return { stdout: argv.includes("--json") ? '{"signatures": []}\n' : "" };
  },
};

/**
 * Makes a machine with a USB stick of each of some types, mounted on /mnt/TYPE, and an internal
 * disk on /home.
 */
export function storesMachine(more: Machine = {}): Memory {
  const types = ["ext4", "vfat", "exfat", "btrfs", "xfs"];
  const sticks = types.map((type, index) => ({
    name: `sd${"abcde"[index]}`,
    place: "pci0000:00/usb1/1-1",
    content: image({ type, bytes: type === "vfat" ? 8 * GiB : GiB }),
  }));
  const memory = createMemory({
    files: { home: {}, mnt: Object.fromEntries(types.map((type) => [type, {}])), etc: { x: "x" } },
    programs,
    ...more,
    disks: [
      ...sticks,
      { name: "nvme0n1", content: image({ type: "ext4", bytes: GiB }) },
      ...(more.disks ?? []),
    ],
  });
  for (const [index, type] of types.entries())
    mount(memory.system, `/dev/sd${"abcde"[index]}`, { type, target: `/mnt/${type}` });
  mount(memory.system, "/dev/nvme0n1", { type: "ext4", target: "/home" });
  return memory;
}

function mount(
  system: System,
  source: string,
  { type, target }: { type: string; target: string },
): void {
  system.mount({ source, target, type });
}

/** Makes a disk of 64 MiB that contains an ext4 file system with a label. */
export function labelledDisk(name: string, label: string) {
  const pieces = [{ offset: 0, bytes: formats.ext("ext4", label) }];
  const sys = { "device/model": "Cruzer Blade\n", serial: "4C530001\n" };
  return { name, content: image({ type: "ext4", bytes: 64 * MiB, pieces }), sys };
}
