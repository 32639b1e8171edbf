// Reading and writing block devices past the page cache, in memory (native/direct.c).
import type { DirectCopy, System } from "../../../src/system/port/system.ts";
import { fail } from "./errors.ts";

/** The functions of the port that this file implements. */
type DirectFunctions = Pick<System, "readDirect" | "writeDirect" | "copyDirect" | "isSameDirect">;

const sectorBytes = 512;

/** Returns the functions for a System. */
export function directFunctions(
  system: Pick<System, "status" | "readBytes" | "writeBytes">,
): DirectFunctions {
  const check = (device: string, ...numbers: number[]) => {
    const kind = system.status(device)?.kind ?? fail("ENOENT", device);
    if (kind !== "block") fail("ENOTBLK", device);
    if (numbers.some((number) => number % sectorBytes !== 0)) fail("EINVAL", device);
  };
  /** What the file has of it, filled up to whole sectors. */
  const padded = ({ from, at, bytes }: DirectCopy) => {
    const found = system.readBytes(from, at, bytes);
    const whole = new Uint8Array(Math.ceil(found.length / sectorBytes) * sectorBytes);
    whole.set(found);
    return whole;
  };
  return {
    readDirect(device, offset, length) {
      check(device, offset, length);
      return system.readBytes(device, offset, length);
    },
    writeDirect(device, offset, data) {
      check(device, offset, data.length);
      system.writeBytes(device, offset, data);
    },
    copyDirect(copy) {
      const data = padded(copy);
      check(copy.device, copy.offset);
      system.writeBytes(copy.device, copy.offset, data);
    },
    isSameDirect(copy) {
      const data = padded(copy);
      check(copy.device, copy.offset);
      const found = system.readBytes(copy.device, copy.offset, data.length);
      return found.length === data.length && found.every((byte, index) => byte === data[index]);
    },
  };
}
