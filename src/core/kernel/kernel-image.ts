// The header of a kernel for x86 (Documentation/arch/x86/boot.rst in Linux), as far as it tells
// which release the kernel is.

/** How much of an image has to be read for that at most. */
export const mostHeaderBytes = 0x200 + 0xffff + 256;

/** Reads the release from the beginning of an image; undefined if it is none, or does not say. */
export function readKernelRelease(image: Uint8Array): string | undefined {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (view.byteLength < 0x210 || view.getUint32(0x202) !== 0x48_64_72_53) return undefined;
  const pointer = view.getUint16(0x20e, true);
  if (pointer === 0) return undefined;
  // What follows the release are who built it, and when.
  const bytes = image.subarray(0x200 + pointer, 0x200 + pointer + 128);
  const [release = ""] = String.fromCharCode(...bytes).split(/[ \0]/, 1);
  return /^\d[\w.+~-]*$/.test(release) ? release : undefined;
}
