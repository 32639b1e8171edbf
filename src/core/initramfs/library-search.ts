// Where the dynamic linker searches for a library on the machine that writes an initramfs, and
// where it finds it in the initramfs, which has no list of directories (ld.so.cache).
// Facts: ld.so(8), ldconfig(8), musl's ldso/dynlink.c.

import { directoryOf } from "../text/path.ts";

/** The facts that determine where a program's libraries are searched for. */
interface LibrarySearch {
  /** The program that loads it. */
  readonly interpreter: string;
  /** The paths of libraries in the linker's own list, by name. */
  readonly known: ReadonlyMap<string, readonly string[]>;
}

/** A library that a file needs, and where that file wants it searched for. */
interface WantedLibrary {
  readonly name: string;
  /** The directory of the file that needs it. */
  readonly origin: string;
  readonly searchPath: readonly string[];
}

const usualDirectories = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"];
// musl has no list.
const directoriesOfMusl = ["/lib", "/usr/local/lib", "/usr/lib"];

/**
 * Parses the output of "ldconfig -p". Libraries for certain processors are left out: the machine
 * that boots may be older.
 */
export function parseKnownLibraries(text: string): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, name, traits = "", path] = /^\t(\S+) \((.*)\) => (\/.*)$/.exec(line) ?? [];
    if (name === undefined || path === undefined || traits.includes("hwcap")) continue;
    known.set(name, [...(known.get(name) ?? []), path]);
  }
  return known;
}

/** Returns the paths where a library may be, in the order of search. */
export function listLibraryPaths(
  { interpreter, known }: LibrarySearch,
  { name, origin, searchPath }: WantedLibrary,
): readonly string[] {
  if (name.includes("/")) return [];
  const wanted = searchPath
    .map((path) => path.replace(/^\$(?:ORIGIN|\{ORIGIN\})(?=\/|$)/, origin))
    .filter((path) => path.startsWith("/") && !path.includes("$"))
    .map(withoutDots);
  const isMusl = hasMusl(interpreter);
  const usual = isMusl ? directoriesOfMusl : usualDirectories;
  return [
    ...wanted.map((path) => `${path}/${name}`),
    ...(isMusl ? [] : (known.get(name) ?? [])),
    ...usual.map((path) => `${path}/${name}`),
  ];
}

/** Returns whether a library is the interpreter itself, which is always present. */
export function isInterpreter(interpreter: string, name: string): boolean {
  return name === baseName(interpreter) || (hasMusl(interpreter) && name.startsWith("libc."));
}

/**
 * Returns the libraries that glibc loads when a thread ends, without naming them: if they are
 * missing, the program is aborted.
 */
export function listUnnamedLibraries(interpreter: string): readonly string[] {
  return hasMusl(interpreter) ? [] : ["libgcc_s.so.1"];
}

/**
 * Chooses the directory of the initramfs for a program's libraries: that of its C library (`paths`
 * are those of all it needs), which every linker searches without being told; otherwise that of the
 * linker, like musl's.
 */
export function chooseLibraryDirectory(interpreter: string, paths: readonly string[]): string {
  const libc = paths.find((path) => baseName(path).startsWith("libc."));
  return directoryOf(libc ?? interpreter);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Files get the same path in the initramfs, where the directories before a ".." may be missing. */
function withoutDots(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

function hasMusl(interpreter: string): boolean {
  return baseName(interpreter).startsWith("ld-musl");
}
