// What the kernel has to be told or given before it mounts a file system: all devices of a btrfs, a
// subvolume, and modules that it requests by name.

import { writeFileSync } from "node:fs";
import { runTool } from "../../../scripts/lib/tool.ts";
import type { Disk } from "../machine.ts";
import {
  type Boot,
  forgets,
  keeps,
  look,
  medium,
  type Place,
  type Scenario,
  store,
} from "../scenario.ts";

const mebibyte = 2 ** 20;

/** Makes a btrfs on two disks that both hold everything, and leaves the second out if told to. */
function pair(place: Place, present: 1 | 2): readonly Disk[] {
  const disks = ["store", "mirror"].map((name) => ({ name, file: place.file(`${name}.img`) }));
  for (const { file } of disks) {
    writeFileSync(file, "");
    runTool(["truncate", "-s", String(160 * mebibyte), file]);
  }
  const raid = ["-d", "raid1", "-m", "raid1", "-L", "store"];
  runTool(["mkfs.btrfs", "-q", "-f", ...raid, ...disks.map(({ file }) => file)]);
  return disks.slice(0, present);
}

/** The host of the tests may not be able to mount them: half of a pair, or with such quotas. */
function withoutUpper({ expect: { upper: _, ...expect }, ...boot }: Boot): Boot {
  return { ...boot, expect };
}

function makeExt(place: Place, features: string): Disk {
  const disk = store(place, { bytes: 64 * mebibyte });
  runTool(["mkfs.ext4", "-q", "-F", "-b", "4096", "-L", "store", "-O", features, disk.file]);
  return disk;
}

function makeF2fs(place: Place): Disk {
  const disk = store(place, { type: "f2fs" });
  const features = "extra_attr,inode_checksum,quota,project_quota,compression,encrypt,verity";
  runTool(["mkfs.f2fs", "-q", "-f", "-l", "store", "-O", features, disk.file]);
  return disk;
}

function makeBtrfs(place: Place, sum: string): Disk {
  const disk = store(place, { type: "btrfs" });
  runTool(["mkfs.btrfs", "-q", "-f", "-L", "store", "--csum", sum, disk.file]);
  return disk;
}

export const members: readonly Scenario[] = [
  {
    name: "btrfs-pair",
    title: "a btrfs on two devices is a store",
    disks: (place) => [medium(place), ...pair(place, 2)],
    cmdline: "cow_label=store",
    writes: ["store", "mirror"],
    boots: keeps("store").map(withoutUpper),
  },
  {
    name: "btrfs-half",
    title: "a btrfs of which a device is missing is named as that, and not used",
    disks: (place) => [medium(place), ...pair(place, 1)],
    cmdline: "cow_label=store backstore=wait=1",
    boots: forgets({ problems: [/its btrfs needs 2 devices, and only 1 is here/] }),
  },
  {
    name: "btrfs-degraded",
    title: "a btrfs of which a device is missing is used where cow_flags=degraded says so",
    disks: (place) => [medium(place), ...pair(place, 1)],
    cmdline: "cow_label=store cow_flags=degraded",
    boots: [
      ...keeps("store").map(withoutUpper),
      {
        cmdline: "backstore=readonly",
        actions: look,
        expect: {
          session: "readonly",
          store: "store",
          files: { "/etc/motd": "changed\n", "/srv/new/file": "kept\n" },
        },
      },
    ],
  },
  {
    name: "feature-ext4",
    title: "an ext4 with quotas of all kinds, encryption and verity is a store",
    disks: (place) => [
      medium(place),
      makeExt(place, "quota,project,encrypt,verity,metadata_csum_seed"),
    ],
    cmdline: "cow_label=store",
    boots: keeps("store").map(withoutUpper),
  },
  {
    name: "feature-f2fs",
    title: "an f2fs with quotas, compression, encryption and verity is a store",
    disks: (place) => [medium(place), makeF2fs(place)],
    cmdline: "cow_label=store cow_flags=compress_algorithm=zstd,compress_extension=*",
    boots: keeps("store").map(withoutUpper),
  },
  {
    name: "feature-journaled-quota",
    title: "an ext4 that is mounted with quotas of the oldest format in its journal is a store",
    disks: (place) => [medium(place), store(place)],
    cmdline: "cow_label=store cow_flags=usrjquota=aquota.user,jqfmt=vfsold",
    boots: keeps("store"),
  },
  ...["xxhash", "sha256", "blake2"].map(
    (sum): Scenario => ({
      name: `feature-btrfs-${sum}`,
      title: `a btrfs with ${sum} checksums is a store`,
      disks: (place) => [medium(place), makeBtrfs(place, sum)],
      cmdline: "cow_label=store",
      boots: keeps("store"),
    }),
  ),
];
