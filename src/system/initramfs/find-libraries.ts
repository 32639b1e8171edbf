// Finds the libraries of a program, on the machine that builds an initramfs, by reading it as the
// dynamic linker does: nothing is run, and libraries optimised for this machine's processor are not
// used.
import { type Elf, readElf } from "../../core/initramfs/elf.ts";
import {
  isInterpreter,
  listLibraryPaths,
  listUnnamedLibraries,
  parseKnownLibraries,
} from "../../core/initramfs/library-search.ts";
import { directoryOf } from "../../core/text/path.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { readWhole } from "./module-packing.ts";

/** The machine on which libraries are searched for. */
export interface LibraryPlace {
  readonly system: System;
  /** The architecture of this program itself. */
  readonly target: string | undefined;
  readonly known: ReadonlyMap<string, readonly string[]>;
}

/** An executable or a library that can be loaded here. */
interface Opened {
  readonly elf: Elf;
  /** Its path without symbolic links. */
  readonly source: string;
}

/** A library under the name used by a program, and where it was found by that name. */
interface Library extends Opened {
  readonly name: string;
  readonly path: string;
}

// No checker comes near this.
const mostBytes = 64 * 2 ** 20;

/** Learns the configuration of this machine's own dynamic linker. */
export function learnLibraries(system: System): LibraryPlace {
  return {
    system,
    target: readElf(readWhole(system, "/proc/self/exe"))?.target,
    known: parseKnownLibraries(system.run(["ldconfig", "-p"]).stdout),
  };
}

/**
 * Reads a program or library for the same architecture as this program; undefined for all others,
 * and what cannot be read.
 */
export function openElf({ system, target }: LibraryPlace, path: string): Opened | undefined {
  const status = system.status(path);
  if (status?.kind !== "file" || status.bytes > mostBytes) return undefined;
  const bytes = ifPossible(() => readWhole(system, path));
  const elf = bytes && readElf(bytes);
  if (elf === undefined || elf.target !== target) return undefined;
  return { elf, source: system.resolve(path) };
}

/** Finds all libraries that a program needs; a sentence's end ("needs …") if one is missing. */
export function findLibraries(
  place: LibraryPlace,
  { program, interpreter }: { readonly program: Opened; readonly interpreter: string },
): readonly Library[] | string {
  const { known } = place;
  const found = new Map<string, Library>();
  const pending = [{ ...program, name: "" }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { name: own, elf, source } = next;
    const origin = directoryOf(source);
    const searchPath = [...elf.searchPath, ...program.elf.searchPath];
    // The C library only names what others call.
    const endsThreads = elf.endsThreads && !own.startsWith("libc.");
    const unnamed = endsThreads ? listUnnamedLibraries(interpreter) : [];
    for (const name of [...elf.needed, ...unnamed]) {
      if (found.has(name) || isInterpreter(interpreter, name)) continue;
      const wanted = { name, origin, searchPath };
      const library = openFirst(place, listLibraryPaths({ interpreter, known }, wanted));
      if (library !== undefined) {
        found.set(name, { ...library, name });
        pending.push({ ...library, name });
      } else if (elf.needed.includes(name)) {
        return `needs the library ${formatQuoted(name)}, which was not found`;
      }
    }
  }
  return [...found.values()];
}

function openFirst(
  place: LibraryPlace,
  paths: readonly string[],
): (Opened & { readonly path: string }) | undefined {
  for (const path of paths) {
    const opened = openElf(place, path);
    if (opened !== undefined) return { ...opened, path };
  }
  return undefined;
}
