// The line that says why, from what the tools really said (Debian 12).
import { expect, test } from "vitest";
import { chooseReasonLine } from "../../../src/core/text/tool-lines.ts";

const cases: readonly (readonly [tool: string, output: string, line: string])[] = [
  [
    "tune2fs",
    "tune2fs 1.47.0 (5-Feb-2023)\ntune2fs: Permission denied while trying to open e.img\nCouldn't find valid filesystem superblock.\n",
    "tune2fs: Permission denied while trying to open e.img",
  ],
  [
    "tune2fs",
    "tune2fs: Bad magic number in super-block while trying to open z.img\ntune2fs 1.47.0 (5-Feb-2023)\n",
    "tune2fs: Bad magic number in super-block while trying to open z.img",
  ],
  [
    "e2fsck",
    "e2fsck 1.47.0 (5-Feb-2023)\ne2fsck: Permission denied while trying to open e.img\nYou must have r/w access to the filesystem or be root\n",
    "e2fsck: Permission denied while trying to open e.img",
  ],
  [
    "e2fsck",
    "The filesystem size (according to the superblock) is 409600 blocks\nThe physical size of the device is 389120 blocks\nEither the superblock or the partition table is likely to be corrupt!\nAbort? yes\n\ne2fsck 1.47.0 (5-Feb-2023)\n",
    "The filesystem size (according to the superblock) is 409600 blocks",
  ],
  [
    "e2fsck",
    "\n\ns.img: UNEXPECTED INCONSISTENCY; RUN fsck MANUALLY.\n\t(i.e., without -a or -p options)\ns.img: The filesystem size (according to the superblock) is 409600 blocks\n",
    "s.img: The filesystem size (according to the superblock) is 409600 blocks",
  ],
  [
    "resize2fs",
    "resize2fs 1.47.0 (5-Feb-2023)\nresize2fs: Bad magic number in super-block while trying to open z.img\nCouldn't find valid filesystem superblock.\n",
    "resize2fs: Bad magic number in super-block while trying to open z.img",
  ],
  [
    "e2image",
    "e2image 1.47.0 (5-Feb-2023)\ne2image: No space left on device error writing block 3\n",
    "e2image: No space left on device error writing block 3",
  ],
  [
    "mkfs.ext4",
    "e.img: Permission denied while setting up superblock\n",
    "e.img: Permission denied while setting up superblock",
  ],
  ["mkfs.ext4", "Invalid filesystem option set: nosuch\n", "Invalid filesystem option set: nosuch"],
  [
    "mkfs.xfs",
    "Filesystem must be larger than 300MB.\nUsage: mkfs.xfs\n/* blocksize */\t\t[-b size=num]\n<value> is xxx (512 byte blocks).\n",
    "Filesystem must be larger than 300MB.",
  ],
  [
    "mkfs.xfs",
    "Invalid value 1234567890123 for -L option\nUsage: mkfs.xfs\n<value> is xxx (512 byte blocks).\n",
    "Invalid value 1234567890123 for -L option",
  ],
  [
    "xfs_admin",
    "xfs_admin: z.img is not a valid XFS filesystem (unexpected SB magic number 0x07c35e17)\nUse -F to force a read attempt.\n",
    "xfs_admin: z.img is not a valid XFS filesystem (unexpected SB magic number 0x07c35e17)",
  ],
  [
    "xfs_repair",
    "Phase 1 - find and verify superblock...\nbad primary superblock - bad magic number !!!\n\nattempting to find secondary superblock...\n..Sorry, could not find valid secondary superblock\nExiting now.\n",
    "bad primary superblock - bad magic number !!!",
  ],
  [
    "mkfs.btrfs",
    "ERROR: 's.img' is too small to make a usable filesystem\nERROR: minimum size for each btrfs device is 114294784\n",
    "ERROR: 's.img' is too small to make a usable filesystem",
  ],
  [
    "mkfs.btrfs",
    "NOTE: several default settings have changed in version 5.15, please make sure\n      this does not affect your deployments:\nERROR: unable to open b.img: Permission denied\nERROR: unable prepare device: b.img\n",
    "ERROR: unable to open b.img: Permission denied",
  ],
  [
    "btrfs",
    "No valid Btrfs found on z.img\nERROR: cannot open file system\nOpening filesystem to check...\n",
    "ERROR: cannot open file system",
  ],
  [
    "exfatlabel",
    "open failed : ex.img, Permission denied\nexfatprogs version : 1.2.0\n",
    "open failed : ex.img, Permission denied",
  ],
  [
    "exfatlabel",
    "failed to find exfat file system\nexfatprogs version : 1.2.0\n",
    "failed to find exfat file system",
  ],
  [
    "fatlabel",
    "fatlabel: warning - lowercase labels might not work properly on some systems\nopen: Read-only file system\n",
    "open: Read-only file system",
  ],
  ["f2fslabel", "\tError: Failed to open the device!\n", "Error: Failed to open the device!"],
  [
    "unsquashfs",
    "Parallel unsquashfs: Using 2 processors\nFATAL ERROR: Can't find a valid SQUASHFS superblock on z.img\n",
    "FATAL ERROR: Can't find a valid SQUASHFS superblock on z.img",
  ],
  [
    "cp",
    "cp: error writing 'a': No space left on device\ncp: failed to x\n",
    "cp: error writing 'a': No space left on device",
  ],
  ["a tool of others", "one\ntwo\n\n", "two"],
  ["exfatlabel", "exfatprogs version : 1.2.0\n", "exfatprogs version : 1.2.0"],
  ["constructor", "", ""],
];
for (const [tool, output, line] of cases)
  test(`chooseReasonLine() of ${tool}: ${line}`, () => {
    expect(chooseReasonLine(tool, output)).toBe(line);
  });
