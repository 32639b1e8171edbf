// Paths that a person gives, in directories that may belong to somebody else, who can put a link
// there at any moment: it leads where its owner wants, and he may want to have somebody else's
// files changed. The kernel's own rule (fs.protected_symlinks) is for directories like /tmp alone.

import { Failure } from "../../core/text/failure.ts";
import { directoryOf, joinPath } from "../../core/text/path.ts";
import { formatPath } from "../../core/text/quoted.ts";
import { orFail } from "./errors.ts";
import type { System } from "./system.ts";

/** As many as the kernel follows. */
const mostLinks = 40;

interface Crossed {
  readonly path: string;
  readonly uid: number;
}

/**
 * Returns a path without links; its last name may be missing. Links that are crossed belong to root
 * or to the owner of what is there in the end; others throw a Failure, `cannot` and why. Whoever
 * opens the result without following links gets what was judged here.
 */
export function resolveOwnLinks(system: System, given: string, cannot: string): string {
  const names = split(given);
  const crossed: Crossed[] = [];
  let links = 0;
  let at = given.startsWith("/") ? "/" : orFail(cannot, () => system.resolve("."));
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    const path = name === ".." ? directoryOf(at) : joinPath(at, name);
    const status = system.linkStatus(path);
    if (status?.kind !== "link") {
      at = path;
      continue;
    }
    if (++links > mostLinks) throw new Failure("not-found", `${cannot}: too many links`);
    if (status.uid !== 0) crossed.push({ path, uid: status.uid });
    // Links of the kernel's own lead further than their text says.
    const isKernels = path.startsWith("/proc/");
    const target = orFail(cannot, () => (isKernels ? system.resolve(path) : system.readLink(path)));
    if (target.startsWith("/")) at = "/";
    names.unshift(...split(target));
  }
  requireOwn(system, { given, real: at, crossed }, cannot);
  return at;
}

function split(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function requireOwn(
  system: System,
  { given, real, crossed }: { given: string; real: string; crossed: readonly Crossed[] },
  cannot: string,
): void {
  const uid = (system.linkStatus(real) ?? system.linkStatus(directoryOf(real)))?.uid;
  const foreign = crossed.find((link) => link.uid !== uid);
  if (foreign === undefined) return;
  const subject = foreign.path === given ? "it" : formatPath(foreign.path);
  throw new Failure(
    "unsafe",
    `${cannot}: ${subject} is a link whose owner does not own what it leads to`,
    `name what is meant: ${formatPath(real)}`,
  );
}
