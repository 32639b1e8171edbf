// Where the dynamic linker looks for a library on the machine that makes an initramfs, and where it finds it in the
// initramfs, which has no list of directories (ld.so.cache). Facts: ld.so(8), ldconfig(8), musl's ldso/dynlink.c.

import { directoryOf } from "../stores/store-names.ts";

/** Is what decides where a program's libraries are looked for. */
export interface LibrarySearch {
  /** The program that loads it. */
  readonly interpreter: string;
  /** Libraries that the linker's own list has, by name: their paths. */
  readonly known: ReadonlyMap<string, readonly string[]>;
}

/** Is a library that something needs, and what that says of it. */
export interface WantedLibrary {
  readonly name: string;
  /** What needs it: its directory, and the directories it wants searched. */
  readonly origin: string;
  readonly searchPath: readonly string[];
}

const usualDirectories = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"];
// musl has no list.
const directoriesOfMusl = ["/lib", "/usr/local/lib", "/usr/lib"];

/** Parses what "ldconfig -p" prints. Libraries for certain processors are left out: the machine that boots may be older. */
export function parseKnownLibraries(text: string): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [, name, traits = "", path] = /^\t(\S+) \((.*)\) => (\/.*)$/.exec(line) ?? [];
    if (name === undefined || path === undefined || traits.includes("hwcap")) continue;
    known.set(name, [...(known.get(name) ?? []), path]);
  }
  return known;
}

/** Gives the paths where a library may be, the first first. */
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

/** Tells whether a library is the interpreter itself, which is there whatever else is. */
export function isInterpreter(interpreter: string, name: string): boolean {
  return name === baseName(interpreter) || (hasMusl(interpreter) && name.startsWith("libc."));
}

/** Names what glibc loads when a thread is ended, without naming it: where it is not there, the program is ended too. */
export function listUnnamedLibraries(interpreter: string): readonly string[] {
  return hasMusl(interpreter) ? [] : ["libgcc_s.so.1"];
}

/**
 * Chooses the directory of the initramfs that holds a program's libraries: the one of its C library (`paths` are those
 * of all that it needs), which every linker searches without being told; else the one of the linker, as musl's does.
 */
export function chooseLibraryDirectory(interpreter: string, paths: readonly string[]): string {
  const libc = paths.find((path) => baseName(path).startsWith("libc."));
  return directoryOf(libc ?? interpreter);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** What is taken from here must get the same path in the initramfs, where what ".." leads over may not be. */
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
