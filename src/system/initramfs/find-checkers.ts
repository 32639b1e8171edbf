// Finds the file system checkers on the machine that builds an initramfs, with everything they need
// to run. One that would not start is worse than none, so it counts as missing.
import { checkersByType } from "../../core/file-systems/checkers.ts";
import { chooseLibraryDirectory } from "../../core/initramfs/library-search.ts";
import { joinPath } from "../../core/text/path.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { packageOf } from "../port/tool.ts";
import { findLibraries, type LibraryPlace, learnLibraries, openElf } from "./find-libraries.ts";
import { readWhole } from "./module-packing.ts";

/** A checker that can be included. */
export interface FoundChecker {
  readonly tool: string;
  readonly files: readonly CheckerFile[];
}

/** One file of a checker. */
interface CheckerFile {
  /** Its path in the initramfs. */
  readonly path: string;
  /** Its present path; not a symbolic link. */
  readonly source: string;
}

/** A checker that cannot be included. */
export interface MissingChecker {
  readonly tool: string;
  /** The reason, as the continuation of its name: "is not installed". */
  readonly reason: string;
  /** The package that contains it, if that would help. */
  readonly package: string | undefined;
}

/** The checkers that can be included and those that cannot. */
export interface FoundCheckers {
  readonly found: readonly FoundChecker[];
  readonly missing: readonly MissingChecker[];
}

/** Finds all checkers that an initramfs can include. */
export function findCheckers(system: System): FoundCheckers {
  const place = learnLibraries(system);
  const found: FoundChecker[] = [];
  const missing: MissingChecker[] = [];
  const sources = new Map<string, string>();
  for (const tool of new Set(Object.values(checkersByType).flat())) {
    const program = system.findProgram(tool);
    if (program === undefined) {
      missing.push({ tool, reason: "is not installed", package: packageOf(tool) });
      continue;
    }
    const files = findFiles(place, { tool, path: program });
    const reason = typeof files === "string" ? files : findClash(files, sources);
    if (typeof files === "string" || reason !== undefined) {
      missing.push({ tool, reason: reason ?? "", package: undefined });
      continue;
    }
    for (const { path, source } of files) sources.set(path, source);
    found.push({ tool, files });
  }
  return { found, missing };
}

/** Returns the files that a program needs, or the reason why it cannot be included. */
function findFiles(
  place: LibraryPlace,
  { tool, path }: { readonly tool: string; readonly path: string },
): readonly CheckerFile[] | string {
  const program = openElf(place, path);
  if (program === undefined) return describeOther(place.system, path);
  // Where the program in the initramfs looks, which is started without a PATH.
  const own = { path: `/bin/${tool}`, source: program.source };
  const { interpreter, needed } = program.elf;
  if (interpreter === undefined) {
    return needed.length === 0 ? [own] : "needs libraries but names no dynamic loader";
  }
  const isPlain = interpreter.startsWith("/") && !interpreter.split("/").includes("..");
  const loader = isPlain ? openElf(place, interpreter) : undefined;
  if (loader === undefined) return `needs ${formatQuoted(interpreter)}, which does not exist`;

  const libraries = findLibraries(place, { program, interpreter });
  if (typeof libraries === "string") return libraries;
  const paths = libraries.map((library) => library.path);
  const directory = chooseLibraryDirectory(interpreter, paths);
  return [
    own,
    { path: interpreter, source: loader.source },
    ...libraries.map(({ name, source }) => ({ path: joinPath(directory, name), source })),
  ];
}

function describeOther(system: System, path: string): string {
  const bytes = ifPossible(() => readWhole(system, path));
  if (bytes === undefined) return "cannot be read";
  const isScript = String.fromCharCode(...bytes.subarray(0, 2)) === "#!";
  return isScript
    ? "is a script, but the initramfs has no shell"
    : "is not a program for this architecture";
}

/** Finds a file of a checker with the same path as one of another. */
function findClash(
  files: readonly CheckerFile[],
  sources: ReadonlyMap<string, string>,
): string | undefined {
  const clash = files.find(({ path, source }) => (sources.get(path) ?? source) !== source);
  return clash && `needs a different ${formatQuoted(clash.path)} than the checkers before it`;
}
