// Debian's archive as this machine's apt knows it: no host is named anywhere else.

import { runTool } from "./tool.ts";

/** A suite of Debian, and the lines of a sources.list that lead to it. */
export interface Archive {
  readonly suite: string;
  readonly sources: readonly string[];
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Returns the archive of this machine's own release, with its updates. */
export function readArchive(): Archive {
  const debian = listTargets();
  const { suite } = findMain(debian);
  return { suite, sources: debian.map(({ uri, codename }) => formatSource(uri, codename)) };
}

/** Returns the archive of another release, from where this machine gets its own. */
export function readArchiveOf(suite: string): Archive {
  return { suite, sources: [formatSource(findMain(listTargets()).uri, suite)] };
}

/** One part of an archive in apt's configuration. */
interface Target {
  readonly uri: string;
  readonly codename: string;
}

function listTargets(): Target[] {
  const format = "$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)";
  return runTool(["apt-get", "indextargets", "--format", format, "Created-By: Packages"])
    .trim()
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , component, origin]) => component === "main" && origin === "Debian")
    .map(([uri = "", codename = ""]) => ({ uri, codename }));
}

/** The release itself has no suffix, as "bookworm-updates" has. */
function findMain(targets: readonly Target[]): { uri: string; suite: string } {
  const main = targets.find(({ codename }) => !codename.includes("-"));
  if (main === undefined)
    throw new Error("Cannot find Debian's archive: this machine's apt knows none");
  return { uri: main.uri, suite: main.codename };
}

function formatSource(uri: string, suite: string): string {
  return `deb [signed-by=${keyring}] ${uri} ${suite} main`;
}
