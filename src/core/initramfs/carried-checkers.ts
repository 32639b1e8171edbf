// The file system checkers in an initramfs: tools of the machine that wrote it, and the libraries
// they need. Each file is compressed separately and stored beside the modules; at boot it gets its
// own path only when it is needed.
import { moduleDirectory } from "../modules/module-index.ts";

/** The index of the checkers in an initramfs, as it is stored there. */
export interface CheckerIndex {
  /** For each tool, the paths of all files that it needs, including its own: "/bin/e2fsck". */
  readonly tools: { readonly [tool: string]: readonly string[] };
}

/** The path of the index in the initramfs: a CheckerIndex as JSON. */
export const checkerIndexFile = `${moduleDirectory}/checkers.json`;

/** Returns the path in the initramfs of the zstd frame that contains the file `path`. */
export function checkerFile(path: string): string {
  return `${moduleDirectory}/checkers${path}.zst`;
}
