// Drivers of file systems behind the initramfs of a distribution. The kernel requests a missing one
// from that initramfs; what it does not have is in the base, and so is the program that can load it
// from there, in whichever format it is: modprobe(8) of the base, with the base as its root.

import { driverOf } from "../../core/file-systems/mounting.ts";
import { reasonOf } from "../port/errors.ts";
import { resolveInside } from "../port/files.ts";
import { type ReadonlyRoot, showProc, withReadonlyRoot } from "../port/readonly-root.ts";
import type { System } from "../port/system.ts";
import { describeEnd } from "../port/tool.ts";
import { fileSystemHelpers, readFileSystems } from "./load-modules.ts";

/**
 * Makes the kernel able to mount a type, by blkid's name for it; returns a sentence about why it is
 * not able, undefined if it is.
 */
export function loadFromBase(
  system: System,
  place: ReadonlyRoot,
  type: string,
): string | undefined {
  const driver = driverOf(type) ?? type;
  const isThere = () => readFileSystems(system).has(driver);
  if (isThere()) return undefined;
  // What the kernel itself would run; options and the blacklist of modprobe.d(5) apply.
  const argv = ["modprobe", "-q", "-b", "-a", `fs-${driver}`, ...(fileSystemHelpers[type] ?? [])];
  system.run(argv, { timeoutMs });
  if (isThere()) return undefined;
  const reason = runInBase(system, place, argv);
  if (isThere()) return undefined;
  return `neither initramfs nor base has a driver for ${type}${reason === undefined ? "" : `: ${reason}`}`;
}

/** Drivers of file systems have no hardware to wait for. */
const timeoutMs = 10_000;

/** Returns why nothing was loaded, if it is known. */
function runInBase(
  system: System,
  place: ReadonlyRoot,
  argv: readonly string[],
): string | undefined {
  const { release } = system.kernel();
  const directory = `/lib/modules/${release}`;
  if (resolveInside(system, place.root, directory) === undefined)
    return `the base has no modules of the kernel ${release}`;
  try {
    // Whose modules are loaded has all rights anyway.
    const options = { timeoutMs, apart: { root: place.at, user: 0 } };
    const ended = withReadonlyRoot(system, place, () => {
      showProc(system, place.at);
      return system.run(argv, options);
    });
    return ended.status === 0 ? undefined : `its modprobe ended with ${describeEnd(ended)}`;
  } catch (error) {
    return reasonOf(error);
  }
}
