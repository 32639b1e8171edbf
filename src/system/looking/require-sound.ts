// Whether the kernel has met damage while a file system was read. Of a directory whose blocks are
// damaged, ext2, ext3 and ext4 list the others without an errno: only the kernel's log tells that
// there are names missing (fs/ext4/dir.c).

import { findDamageWord } from "../../core/kernel/kernel-word.ts";
import { Failure } from "../../core/text/failure.ts";
import { formatLine, formatShellWord } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import { mountOf } from "../port/mount-of.ts";
import type { System } from "../port/system.ts";

/** What was read. */
interface ReadPlace {
  /** A path on the file system. */
  readonly path: string;
  /** What a person calls it. */
  readonly given: string;
  readonly cannot: string;
}

/** Throws Failure "damaged" if the kernel has met damage where something was read. */
export type RequireSound = (place: ReadPlace) => void;

/** Begins to watch what the kernel says of damage. */
export function watchDamage(system: System): RequireSound {
  const readLog = () => ifPossible(() => system.kernelLog()) ?? "";
  const before = readLog();
  return ({ path, given, cannot }) => {
    const { type = "", source = "" } = mountOf(system, path) ?? {};
    if (!type.startsWith("ext")) return;
    const name = source.slice(source.lastIndexOf("/") + 1);
    const word = findDamageWord({ before, log: readLog() }, name);
    if (word === undefined) return;
    const said = `its ${type} file system is damaged (the kernel says: ${formatLine(word)})`;
    throw new Failure("damaged", `${cannot}: ${said}`, adviseCheck(given));
  };
}

/** Returns what to do about a damaged store, as a hint. */
export function adviseCheck(given: string): string {
  return `see what can be repaired: backstore check ${formatShellWord(given)}`;
}
