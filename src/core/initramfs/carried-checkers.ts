// The file system checkers in an initramfs: tools of the machine that wrote it, and the libraries
// they need. Each file is compressed separately and stored beside the modules; at boot it gets its
// own path only when it is needed.
import { moduleDirectory } from "../modules/module-index.ts";

/** The index of the checkers in an initramfs, as it is stored there. */
export interface CheckerIndex {
  /** For each tool, the paths of all files that it needs, including its own: "/bin/e2fsck". */
  readonly tools: { readonly [tool: string]: readonly string[] };
}

const ext = ["e2fsck", "e2image"];

/** The tools needed to check a file system, by blkid's name for its type. */
export const checkersByType: { readonly [type: string]: readonly string[] } = {
  // e2image makes the copy on which e2fsck is rehearsed.
  ext2: ext,
  ext3: ext,
  ext4: ext,
  xfs: ["xfs_repair"],
  btrfs: ["btrfs"],
  f2fs: ["fsck.f2fs"],
};

/** The path of the index in the initramfs: a CheckerIndex as JSON. */
export const checkerIndexFile = `${moduleDirectory}/checkers.json`;

/** Returns the path in the initramfs of the zstd frame that contains the file `path`. */
export function checkerFile(path: string): string {
  return `${moduleDirectory}/checkers${path}.zst`;
}

/** Returns the types that can be checked with the tools that exist. */
export function checkableTypes(isThere: (tool: string) => boolean): readonly string[] {
  return Object.entries(checkersByType).flatMap(([type, tools]) =>
    tools.every(isThere) ? [type] : [],
  );
}
