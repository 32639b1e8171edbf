// Extended attributes on file systems that lack a kind of them (no SELinux, no access control
// lists), and can still contain a store.

import { errnoOf, type System } from "./system.ts";

/** Sets an extended attribute; returns whether the file system can keep it. */
export function keepXattr(
  system: System,
  path: string,
  { name, value }: { readonly name: string; readonly value: Uint8Array },
): boolean {
  try {
    system.setXattr(path, name, value);
    return true;
  } catch (error) {
    if (errnoOf(error) !== "EOPNOTSUPP" && errnoOf(error) !== "EINVAL") throw error;
    return false;
  }
}
