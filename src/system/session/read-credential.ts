// The options that a virtual machine is given from outside.

import { mostSmbiosBytes, readOemStrings, smbiosPath } from "../../core/kernel/smbios.ts";
import { findCredential } from "../../core/options/credential.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";

/** Reads the credential with options; undefined without one, or without the right to read it. */
export function readCredential(system: System): string | undefined {
  const table = ifPossible(() => system.readBytes(smbiosPath, 0, mostSmbiosBytes));
  return table && findCredential(readOemStrings(table));
}
