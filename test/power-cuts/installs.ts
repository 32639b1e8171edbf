// "install" and "uninstall" on a stick with files on FAT as a guest does them, recorded, and what
// boot loaders and the next runs find after each power failure. mtools reads the stick as a boot
// loader does: without writing, and by its file allocation table.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../../scripts/lib/tool.ts";
import { makeDistribution } from "../machines/bootable/distributions.ts";
import { programs } from "../machines/bootable/loaders.ts";
import { codeBytes } from "../machines/bootable/sticks.ts";
import { claimDirectory } from "../machines/claim.ts";
import { writeFat, writeTree } from "../machines/disks/media.ts";
import { writeActions } from "../machines/guest/actions.ts";
import { withTemporary } from "../machines/guest/base.ts";
import { makeInitramfs } from "../machines/guest/initramfs.ts";
import { discoverKernel } from "../machines/guest/kernel.ts";
import { unpackKernel } from "../machines/guest/vmlinux.ts";
import { chooseLane, kernelOf } from "../machines/lane.ts";
import { makeNodes } from "../machines/nodes.ts";
import { listFiles } from "../media/tree.ts";
import { makeToolMedium } from "./hosts.ts";
import { judgeDisks } from "./judge.ts";
import { type MarkedDisk, markFunctions, writeMarkedDisk } from "./marks.ts";
import { type Recording, recordBoot } from "./record.ts";

/** A stick on which that is done. */
export interface Installed {
  readonly name: string;
  /** The size of its clusters, and the kind of its file allocation table. */
  readonly sectorsPerCluster: number;
  readonly bits: 16 | 32;
}

const grub = `menuentry "Live medium" {
	linux /arch/boot/x86_64/vmlinuz-linux archisobasedir=arch archisolabel=ARCH_202611
	initrd /arch/boot/x86_64/initramfs-linux.img
}
`;

/** The menus that change, and a list of checksums of one. */
export const menus = [
  "boot/grub/grub.cfg",
  "boot/syslinux/archiso_sys-linux.cfg",
  "loader/entries/01-archiso-x86_64-linux.conf",
] as const;
const list = "sha256sum.txt";
export const texts = [...menus, list] as const;

/** Records a guest that installs on the stick, and then uninstalls; a mark tells each end. */
export async function recordInstall({ name, sectorsPerCluster, bits }: Installed) {
  const directory = join(claimDirectory(), "cuts", name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const { label, tree } = makeDistribution("archiso");
  const sum = createHash("sha256").update(grub).digest("hex");
  const more = { "boot/grub/grub.cfg": grub, [list]: `${sum}  ./boot/grub/grub.cfg\n` };
  const partition = join(directory, "partition.img");
  withTemporary((root) => {
    const whole = { ...tree, ...more };
    writeTree(root, whole);
    writeFat(partition, {
      ...{ label, kibibytes: 48 * 1024, root, tree: whole },
      options: ["-F", String(bits), "-s", String(sectorsPerCluster)],
    });
  });
  runTool(["syslinux", "--install", "--directory", "/boot/syslinux", partition]);
  const file = join(directory, "store.img");
  const disk = writeMarkedDisk(file, partition);
  makeBootable(file);
  const actions = join(directory, "actions.img");
  writeActions(
    actions,
    [
      ...[markFunctions, "load-modules", "mkdir /run/at", `mount -t vfat \${disk}1 /run/at`],
      ...["mark 0", "say_done install backstore install /run/at"],
      ...["mark 1", "say_done uninstall backstore uninstall /run/at", "mark 2"],
    ].join("\n"),
  );
  const kernel = discoverKernel();
  const recording = await recordBoot(
    {
      directory,
      kernel: unpackKernel(kernel.vmlinuz),
      initramfs: makeInitramfs(kernel),
      cmdline: "backstore=off archisodevice=/dev/vda",
      disks: [
        { name: "medium", file: makeToolMedium(), readonly: true },
        { name: "store", file },
        { name: "actions", file: actions, readonly: true },
      ],
    },
    { name: "store", file },
  );
  for (const what of ["install", "uninstall"]) {
    const said = recording.result.facts.text("done", what);
    if (!said?.endsWith("status 0\n")) throw new Error(`Cannot ${what} in the guest: ${said}`);
  }
  return { recording, disk };
}

/** Puts the code of a BIOS into the first sector, and makes the first partition the active one. */
function makeBootable(path: string): void {
  const disk = openSync(path, "r+");
  writeSync(disk, readFileSync(programs.partitionCode).subarray(0, codeBytes), 0, undefined, 0);
  writeSync(disk, Uint8Array.of(0x80), 0, 1, 446);
  closeSync(disk);
}

/** What a boot loader finds on a stick. */
export interface Found {
  /** The text of each menu and list; undefined for one that cannot be read. */
  readonly texts: Readonly<Record<string, string | undefined>>;
  /** The digest of each file below "backstore", by its path there. */
  readonly own: ReadonlyMap<string, string>;
}

/** Reads the menus and what was added, as a boot loader would. */
export function readStick(image: string, { content }: MarkedDisk): Found {
  const drive = `${image}@@${content.offset}`;
  const found = texts.map((path) => {
    const { status, stdout } = spawnSync("mtype", ["-i", drive, `::/${path}`]);
    return [path, status === 0 ? stdout.toString("latin1") : undefined] as const;
  });
  return { texts: Object.fromEntries(found), own: readOwn(drive) };
}

/**
 * A new directory of FAT has a place before it has contents, and a new file a length before it has a
 * place: not all of them can be read. Boot loaders do not look there, but a file system checker has
 * to come before the next run.
 */
function readOwn(drive: string): Found["own"] {
  const top = runTool(["mdir", "-b", "-i", drive, "::/"]);
  if (!/^::\/backstore\/?$/m.test(top)) return new Map();
  return withTemporary((directory) => {
    spawnSync("mcopy", ["-s", "-n", "-Q", "-i", drive, "::/backstore", directory]);
    return new Map(
      listFiles(directory).map((path) => [
        path.replace(/^backstore\//, ""),
        createHash("sha256")
          .update(readFileSync(join(directory, path)))
          .digest("hex"),
      ]),
    );
  });
}

/** Lets the next runs of both commands work on disks, and returns what they came to. */
export function judgeInstall(
  name: string,
  { recording, count, image, put }: Judging,
): Promise<string[]> {
  const lane = chooseLane();
  const kernel = kernelOf(lane);
  const disks = [
    { name: "medium", file: makeToolMedium(), readonly: true },
    { name: "judged", file: image },
  ];
  const request = {
    directory: join(recording.directory, `judge-${name}`),
    kernel,
    initramfs: makeInitramfs(kernel),
    cmdline: `backstore=off archisodevice=${makeNodes(lane, disks)("medium")}`,
    disks,
    timeoutMs: 1_000_000,
  };
  const script = [
    ...["load-modules", "disk=$1", "set -- $disk'1' vfat backstore"],
    "cat > /run/judge-common <<'COMMON_ENDS'",
    ...[readFileSync("test/power-cuts/judge-common.sh", "utf8"), "COMMON_ENDS"],
    readFileSync("test/power-cuts/judge-install.sh", "utf8"),
  ].join("\n");
  return judgeDisks({ request, lane, count, put, script });
}

interface Judging {
  readonly recording: Recording;
  readonly count: number;
  /** Where each disk is put, by its number from one. */
  readonly image: string;
  readonly put: (number: number) => void;
}
