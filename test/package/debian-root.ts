// A root of a release of Debian, with its essential packages and the shells that complete words.
import { makeOnce } from "../../scripts/lib/cache.ts";
import { readArchiveOf } from "../../scripts/lib/debian-archive.ts";
import { runTool } from "../../scripts/lib/tool.ts";

/** Returns a fresh root of a release of Debian, made once. */
export function makeRoot(release: string): string {
  const { suite, sources } = readArchiveOf(release);
  // Pages and documents are what is tried, so none are left out but translations.
  const words = [
    ...["--mode=root", "--variant=essential", "--format=directory", "--include=man-db"],
    ...["--include=bash-completion,fish,zsh", "--dpkgopt=path-exclude=/usr/share/locale/*"],
  ];
  return makeOnce({
    name: `package-root-${release}`,
    inputs: [JSON.stringify({ words, suite, sources })],
    make: (path) => {
      runTool(["mmdebstrap", ...words, suite, path, ...sources]);
    },
  });
}
