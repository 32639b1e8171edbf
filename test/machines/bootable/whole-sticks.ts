// Sticks that an ISO image was written onto whole, and commands of ours that work on them: a loop
// device shows the stick to this machine's kernel, which need not know anything of what is on it.

import { copyFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { runTool } from "../../../scripts/lib/tool.ts";
import { binary } from "../guest/initramfs.ts";

const mebibyte = 1024 * 1024;

/** Room behind an image for its sessions and a small store. */
const spareBytes = 112 * mebibyte;

/** Writes an image onto a new stick, or makes an empty one that has room for it. */
export function writeWholeStick(path: string, image: string, isEmpty = false): void {
  if (isEmpty) writeFileSync(path, "");
  else copyFileSync(image, path);
  truncateSync(path, statSync(image).size + spareBytes);
}

/** Runs the program; the path of the stick's device takes the place of "DEVICE". */
export function workOnDevice(stick: string, words: readonly string[]): void {
  const device = runTool(["losetup", "--find", "--show", stick]).toString().trim();
  try {
    runTool([binary, ...words.map((word) => (word === "DEVICE" ? device : word))]);
  } finally {
    runTool(["losetup", "--detach", device]);
  }
}
