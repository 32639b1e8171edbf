// Writes the add-on: this program and its hooks, for the initramfs of any distribution.

import { planAddon } from "../../core/initramfs/addon-contents.ts";
import type { System } from "../port/system.ts";
import { readWhole } from "./module-packing.ts";
import { checkOutput, withWork, writeArchive } from "./write-archive.ts";

/** Writes the add-on, and returns its length; `hooks` are texts by the files of the hooks. */
export function makeAddon(
  system: System,
  { output, hooks }: { output: string; hooks: ReadonlyMap<string, string> },
): number {
  checkOutput(system, output);
  return withWork(system, "make the add-on", (work) => {
    const { bytes } = writeArchive(system, output, () => ({
      segments: planAddon(readWhole(system, "/proc/self/exe"), hooks),
      // Every kernel of a distribution unpacks it.
      compression: "gzip" as const,
      work,
    }));
    return bytes;
  });
}
