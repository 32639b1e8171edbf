// A kernel's image by its header alone.

/** Forms the image of a kernel for x86 that says which release it is. */
export function formKernel(release: string): Buffer {
  const image = Buffer.alloc(4096);
  image.write("MZ");
  image.write("HdrS", 0x202, "latin1");
  image.writeUInt16LE(0x400, 0x20e);
  image.write(`${release} (builder@example) #1 SMP\0`, 0x600, "latin1");
  return image;
}
