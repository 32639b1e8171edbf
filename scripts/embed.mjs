// Writes the C file that embeds bytecode and texts in the executable (native/host.h, struct
// embedded). What is seldom needed is packed with zstd, whose decoder the host has for kernel
// modules.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Returns the C file for entries of `name`, `file`, and whether they are `packed`. */
export function embed(entries) {
  const blobs = entries.map(({ name, file, packed }) => {
    const raw = readFileSync(file);
    const bytes = packed
      ? execFileSync("zstd", ["-19", "-q", "-c", file], { maxBuffer: 1 << 28 })
      : raw;
    return { name, bytes, unpacked: packed ? raw.length : 0 };
  });
  return [
    '#include "host.h"',
    ...blobs.map(({ bytes }, index) => `static const uint8_t blob_${index}[] = {${bytes.join()}};`),
    "const struct embedded embedded[] = {",
    ...blobs.map(
      ({ name, bytes, unpacked }, index) =>
        `    { "${name}", blob_${index}, ${bytes.length}, ${unpacked} },`,
    ),
    "    { 0 },",
    "};",
    "",
  ].join("\n");
}
