// What a guest does in one boot: a shell script on a small disk of its own (serial "actions"), so
// that the guest's own programs never change. The functions that it may use (say, say_files,
// say_list, say_tree, say_done) are in guest-facts.sh.

import { writeFileSync } from "node:fs";

/**
 * Writes a script as a raw disk image, padded with empty lines (a smaller disk makes the kernel
 * complain).
 */
export function writeActions(path: string, script: string): void {
  const text = Buffer.from(`${script}\n`);
  const image = Buffer.alloc(Math.ceil(text.length / 65536) * 65536, "\n");
  text.copy(image);
  writeFileSync(path, image);
}
