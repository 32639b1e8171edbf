// Disks of the patient that are not stores: containers of other systems, hibernated systems, noise,
// nothing. Each is made once, small, by its own tool; md and bcache by hand, because their tools
// need a kernel that has them.

import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import * as formats from "../../support/formats.ts";
import { withTemporary } from "../guest/base.ts";
import { writeHost } from "./hosts.ts";
import { writeDisk } from "./media.ts";
import { makeUsedStore } from "./store-files.ts";

const mebibyte = 1024 * 1024;
const lvmConfig =
  "devices{use_devicesfile=0} activation{udev_sync=0 udev_rules=0} backup{backup=0 archive=0}";

const makers = {
  /** A hibernated Windows, with a store's file beside it. */
  "hibernated-ntfs": (path: string) =>
    writeHost({
      type: "ntfs",
      label: "windows",
      path,
      tree: { ...usedStore(), "hiberfil.sys": `hibr${"\0".repeat(65532)}` },
    }),
  luks: (path: string) => {
    writeEmpty(path, 20);
    const quick = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000", "--key-file", "-"];
    runTool(["cryptsetup", "luksFormat", "-q", ...quick, path], { input: "a key" });
  },
  lvm: (path: string) => {
    writeEmpty(path, 8);
    const device = runTool(["losetup", "--find", "--show", path]).trim();
    try {
      runTool(["pvcreate", "-q", "-ff", "-y", "--config", lvmConfig, device]);
    } finally {
      runTool(["losetup", "--detach", device]);
    }
  },
  /**
   * One half of a mirror whose file system, with a store's file on it, is visible through the
   * member.
   */
  "md-0.90": (path: string) => {
    writeHost({ type: "ext4", label: "mirrored", path, tree: usedStore() });
    appendFileSync(path, formats.md("0.90", "", 2048));
  },
  "md-1.2": (path: string) => writeFileSync(path, formats.md("1.2", "host:array", 2048)),
  bcache: (path: string) => {
    writeFileSync(path, formats.bcache("cache"));
    truncateSync(path, 2 * mebibyte);
  },
  /** Random bytes, the same each time. */
  garbage: (path: string) => {
    const digests = Array.from({ length: (2 * mebibyte) / 32 }, (_, index) =>
      createHash("sha256").update(String(index)).digest(),
    );
    writeFileSync(path, Buffer.concat(digests));
  },
  empty: (path: string) => writeEmpty(path, 2),
  /** A Linux hibernated in its swap, on the disk of a host with a used store. */
  "sleeping-linux": (path: string) =>
    withTemporary((directory) => {
      const host = join(directory, "host");
      writeHost({ type: "ext4", label: "asleep", path: host, tree: usedStore() });
      const swap = join(directory, "swap");
      writeFileSync(swap, formats.swap("", "S1SUSPEND"));
      writeDisk(path, "gpt", [{ file: host }, { file: swap }]);
    }),
} as const;

export type OtherDisk = keyof typeof makers;

/** The disks that makeOtherDisk() makes. */
export const otherDisks: readonly OtherDisk[] = [
  "hibernated-ntfs",
  "luks",
  "lvm",
  "md-0.90",
  "md-1.2",
  "bcache",
  "garbage",
  "empty",
  "sleeping-linux",
];

/** Returns the path of the image of such a disk. */
export function makeOtherDisk(name: OtherDisk): string {
  return makeOnce({
    name: `other-disk-${name}`,
    inputs: [readFileSync("test/machines/disks/other-disks.ts"), readFileSync(makeUsedStore())],
    make: makers[name],
  });
}

function usedStore() {
  return { "sysrcd.bs": { file: makeUsedStore() } };
}

function writeEmpty(path: string, megabytes: number): void {
  writeFileSync(path, "");
  truncateSync(path, megabytes * mebibyte);
}
