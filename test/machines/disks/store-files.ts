// Store files as other programs leave them: new ones as any mkfs makes them, ones that a session
// has used, stores of the first generation, and files that only have the name.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { withTemporary } from "../guest/base.ts";
import { type Tree, writeTree } from "./media.ts";
import { smallestBytes, writeStore } from "./stores.ts";

export type StoreType = "ext2" | "ext3" | "ext4" | "xfs" | "btrfs";

const mebibyte = 1024 * 1024;

/** Returns the path of a store's file that was never used; a small one by default. */
export function makeNewStore(type: StoreType = "ext4", megabytes?: number): string {
  return makeOnce({
    name: `store-file-${type}${megabytes === undefined ? "" : `-${megabytes}`}`,
    inputs: ["1"],
    make: (path) => {
      const bytes = type.startsWith("ext") ? 16 * mebibyte : smallestBytes(type);
      writeStore({ type, bytes: megabytes === undefined ? bytes : megabytes * mebibyte, path });
    },
  });
}

/**
 * Returns the path of a store's file in which a session changed /etc/motd and created
 * /srv/new/file.
 */
export function makeUsedStore(): string {
  return makeFilled("used", {
    "upperdir/etc/motd": "changed\n",
    "upperdir/srv/new/file": "kept\n",
  });
}

/** Returns the path of a store of the first generation: what aufs keeps at the top of a branch. */
export function makeAufsStore(): string {
  return makeFilled("aufs", {
    ".wh..wh.aufs": "",
    ".wh..wh.plnk/.keep": "",
    ".wh..wh.orph/.keep": "",
    "etc/motd": "changed with aufs\n",
    "srv/.wh.gone.txt": "",
  });
}

/** Returns the path of a file system with something else in it than a store. */
export function makeOtherFileSystem(): string {
  return makeFilled("other", { "Photos/one.jpg": "no store\n" });
}

function makeFilled(name: string, tree: Tree): string {
  return makeOnce({
    name: `store-file-${name}`,
    inputs: [JSON.stringify(tree), readFileSync("test/machines/disks/store-files.ts")],
    make: (path) =>
      withTemporary((directory) => {
        const contents = join(directory, "contents");
        writeTree(contents, tree);
        writeStore({ type: "ext4", bytes: 16 * mebibyte, contents, path });
      }),
  });
}
