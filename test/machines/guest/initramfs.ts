// The initramfs under test: the result of `backstore initramfs` with the built binary and the
// guest's kernel.

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { makeOnce } from "../../../scripts/lib/cache.ts";
import { runTool } from "../../../scripts/lib/tool.ts";
import { checkersByType } from "../../../src/core/file-systems/checkers.ts";
import type { Kernel } from "./kernel.ts";

export const binary = resolve("dist/backstore");

/**
 * Returns the path of the initramfs for a kernel, made once for each binary, each `options` of the
 * command, and the checkers of this machine that it contains.
 */
export function makeInitramfs(kernel: Kernel, options: readonly string[] = []): string {
  if (!existsSync(binary))
    throw new Error(`Cannot make an initramfs: there is no "${binary}" (npm run build makes it)`);
  return makeOnce({
    name: `initramfs${options.map((option) => option.replace(/\W+/g, "-")).join("")}`,
    inputs: [readFileSync(binary), kernel.version, ...options, ...readCheckers()],
    make: (path) => {
      runTool([binary, "initramfs", "--modules", kernel.modules, "--output", path, ...options]);
    },
  });
}

let checkers: readonly Buffer[] | undefined;

function readCheckers(): readonly Buffer[] {
  checkers ??= [...new Set(Object.values(checkersByType).flat())].flatMap((tool) => {
    const directories = ["/usr/local/sbin", "/usr/sbin", "/usr/local/bin", "/usr/bin"];
    const path = directories.map((directory) => `${directory}/${tool}`).find(existsSync);
    return path === undefined ? [] : [readFileSync(path)];
  });
  return checkers;
}
