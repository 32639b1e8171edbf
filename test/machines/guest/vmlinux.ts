// A bzImage spends its first seconds unpacking itself if the processor is emulated. QEMU can also
// start the kernel inside it (by its PVH entry), so guests get that: the same kernel, sooner.
// Facts: the kernel's Documentation/arch/x86/boot.rst (setup_sects, payload_offset,
// payload_length).

import { spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { makeOnce } from "../../../scripts/lib/cache.ts";

// Magic numbers of the kernel's possible compressions, and who unpacks each; the four bytes after
// the payload are its size.
const packings = [
  { magic: "fd377a58", unpack: ["xz", "-dc"] },
  { magic: "28b52ffd", unpack: ["zstd", "-dcq"] },
  { magic: "1f8b08", unpack: ["gzip", "-dc"] },
] as const;

/**
 * Returns the path of the ELF kernel inside a bzImage, or the bzImage if its compression is
 * unknown.
 */
export function unpackKernel(vmlinuz: string): string {
  const image = readFileSync(vmlinuz);
  const elf = makeOnce({
    name: "vmlinux",
    inputs: [image, "1"],
    make: (path) => writeFileSync(path, readElf(image) ?? ""),
  });
  return statSync(elf).size > 0 ? elf : vmlinuz;
}

function readElf(image: Buffer): Buffer | undefined {
  const start = (image.readUInt8(0x1f1) + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(start, start + image.readUInt32LE(0x24c) - 4);
  const packing = packings.find(
    ({ magic }) => payload.toString("hex", 0, magic.length / 2) === magic,
  );
  if (packing === undefined) return undefined;
  const [program, ...options] = packing.unpack;
  const { status, stdout } = spawnSync(program, options, { input: payload, maxBuffer: 1 << 30 });
  return status === 0 && stdout.toString("latin1", 1, 4) === "ELF" ? stdout : undefined;
}
