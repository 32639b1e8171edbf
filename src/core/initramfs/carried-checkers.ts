// What an initramfs carries to check file systems with: tools of the machine that made it, and the libraries that they
// need. Each file is compressed by itself and lies beside the modules; at boot it gets its own path only when it is wanted.
import { moduleDirectory } from "../modules/module-index.ts";

/** Is the index of the checkers in an initramfs, as it is kept there. */
export interface CheckerIndex {
  /** By tool, the paths of all files that it needs, its own among them: "/bin/e2fsck". */
  readonly tools: { readonly [tool: string]: readonly string[] };
}

const ext = ["e2fsck", "e2image"];

/** Names the tools that checking a file system takes, by blkid's word for its type. */
export const checkersByType: { readonly [type: string]: readonly string[] } = {
  // e2image makes the copy that e2fsck is rehearsed on.
  ext2: ext,
  ext3: ext,
  ext4: ext,
  xfs: ["xfs_repair"],
  btrfs: ["btrfs"],
  f2fs: ["fsck.f2fs"],
};

/** Is the path of the index in the initramfs: a CheckerIndex as JSON. */
export const checkerIndexFile = `${moduleDirectory}/checkers.json`;

/** Gives the path in the initramfs of the zstd frame that holds the file `path`. */
export function checkerFile(path: string): string {
  return `${moduleDirectory}/checkers${path}.zst`;
}

/** Gives the types that can be checked where some tools are there. */
export function checkableTypes(isThere: (tool: string) => boolean): readonly string[] {
  return Object.entries(checkersByType).flatMap(([type, tools]) =>
    tools.every(isThere) ? [type] : [],
  );
}
