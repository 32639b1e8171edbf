// Which file of the medium an option sysrescuecfg names. SystemRescue's initramfs has the medium at
// one place, and other paths are those of its own files.

import { useAddon } from "../options/option-names.ts";
import { Failure } from "../text/failure.ts";
import { parseInnerPath } from "../text/path.ts";
import { yamlDirectory } from "./layout.ts";

/** The path of a file on the medium, or why there is none, as a part of a sentence. */
export type ConfigurationPath = { readonly path: string } | { readonly problem: string };

const bootmnt = "/run/archiso/bootmnt/";

/** Finds the file that a value of sysrescuecfg names. */
export function findConfigurationPath(value: string): ConfigurationPath {
  if (/^https?:\/\//.test(value))
    return { problem: `it is on a network, which this initramfs does not have; ${useAddon}` };
  if (value.startsWith("/") && !value.startsWith(bootmnt))
    return { problem: `it is not on the medium, which is at "${bootmnt}"` };
  const path = value.startsWith("/") ? value.slice(bootmnt.length) : `${yamlDirectory}/${value}`;
  try {
    return { path: parseInnerPath(path, "the file") };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { problem: error.message };
  }
}
