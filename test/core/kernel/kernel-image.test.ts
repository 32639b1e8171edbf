import { describe, expect, test } from "vitest";
import { readKernelRelease } from "../../../src/core/kernel/kernel-image.ts";
import { formKernel } from "../../support/kernel-image.ts";

describe("readKernelRelease()", () => {
  test("readKernelRelease() reads the first word of what a kernel says of itself", () => {
    for (const release of ["6.1.0-56-amd64", "6.12.48+deb13-amd64", "6.17.1-arch1-1"])
      expect(readKernelRelease(formKernel(release))).toBe(release);
  });

  test("readKernelRelease() takes no release from what is none", () => {
    const image = formKernel("6.1.0");
    expect(readKernelRelease(image.subarray(0, 0x20f))).toBeUndefined();
    expect(readKernelRelease(image.subarray(0, 0x600))).toBeUndefined();
    expect(readKernelRelease(formKernel("../../etc"))).toBeUndefined();
    image.writeUInt16LE(0, 0x20e);
    expect(readKernelRelease(image)).toBeUndefined();
    expect(readKernelRelease(Buffer.alloc(4096))).toBeUndefined();
  });
});
