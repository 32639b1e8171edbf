// Finds the checkers of file systems on the machine that makes an initramfs, with all that they need to run. One that
// would not start is worse than none, so it counts as missing.
import { checkersByType } from "../../core/file-systems/checkers.ts";
import { chooseLibraryDirectory } from "../../core/initramfs/library-search.ts";
import { joinPath } from "../../core/text/path.ts";
import { formatQuoted } from "../../core/text/quoted.ts";
import { ifPossible } from "../port/errors.ts";
import type { System } from "../port/system.ts";
import { packageOf } from "../port/tool.ts";
import { findLibraries, type LibraryPlace, learnLibraries, openElf } from "./find-libraries.ts";
import { readWhole } from "./module-packing.ts";

/** Is a checker that can be carried. */
export interface FoundChecker {
  readonly tool: string;
  readonly files: readonly CheckerFile[];
}

/** Is one file of a checker. */
interface CheckerFile {
  /** Where it will be in the initramfs. */
  readonly path: string;
  /** Where it is now; no link. */
  readonly source: string;
}

/** Is a checker that cannot be carried. */
export interface MissingChecker {
  readonly tool: string;
  /** Why, as it stands after its name: "is not installed". */
  readonly reason: string;
  /** The package that has it, where that would help. */
  readonly package: string | undefined;
}

/** Tells which checkers can be carried and which cannot. */
export interface FoundCheckers {
  readonly found: readonly FoundChecker[];
  readonly missing: readonly MissingChecker[];
}

/** Finds all checkers that an initramfs can carry. */
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

/** Gives the files that a program needs, or the reason why it cannot be carried. */
function findFiles(
  place: LibraryPlace,
  { tool, path }: { readonly tool: string; readonly path: string },
): readonly CheckerFile[] | string {
  const program = openElf(place, path);
  if (program === undefined) return describeOther(place.system, path);
  // Where the initramfs's program looks, which is started without a PATH.
  const own = { path: `/bin/${tool}`, source: program.source };
  const { interpreter, needed } = program.elf;
  if (interpreter === undefined) {
    return needed.length === 0 ? [own] : "needs libraries, and does not say what loads them";
  }
  const isPlain = interpreter.startsWith("/") && !interpreter.split("/").includes("..");
  const loader = isPlain ? openElf(place, interpreter) : undefined;
  if (loader === undefined) return `needs ${formatQuoted(interpreter)}, which is not there`;

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
    ? "is a script, and the initramfs has no shell"
    : "is no program for this kind of machine";
}

/** Says which file of a checker would lie where that of another one does. */
function findClash(
  files: readonly CheckerFile[],
  sources: ReadonlyMap<string, string>,
): string | undefined {
  const clash = files.find(({ path, source }) => (sources.get(path) ?? source) !== source);
  return clash && `needs another ${formatQuoted(clash.path)} than those before it`;
}
