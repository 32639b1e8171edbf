// The tarball: the tree, for any distribution.

import { basename, dirname, join } from "node:path";
import { runTool } from "../lib/tool.ts";
import type { Release } from "./release.ts";

/** Packs the tree. */
export function packTarball({ version, epoch, output }: Release, tree: string): void {
  const file = join(output, `backstore-${version}-x86_64.tar`);
  runTool([
    ...["tar", "--create", "--file", file, "--directory", dirname(tree), "--format=gnu"],
    ...["--sort=name", `--mtime=@${epoch}`, "--owner=root:0", "--group=root:0", basename(tree)],
  ]);
  // One thread: with more of them the result depends on their number.
  runTool(["xz", "-9", "--threads=1", "--force", file]);
}
