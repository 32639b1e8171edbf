// A store in which Debian's packages were installed and removed by dpkg itself: whatever is done with
// it, the kernel shows the same tree, and what was reverted is the base's.
import { mkdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { makeOnce } from "../../scripts/lib/cache.ts";
import { readArchive } from "../../scripts/lib/debian-archive.ts";
import { runTool } from "../../scripts/lib/tool.ts";
import { makeRoot } from "../package/debian-root.ts";
import { buildJudge } from "./build-judge.ts";
import { copyProgram, isRoot, run, temporaryDirectory, tryRun } from "./programs.ts";

const missing = ["mmdebstrap", "mksquashfs"].filter(
  (name) => tryRun(["sh", "-c", `command -v ${name}`]).status !== 0,
);
if (!isRoot) missing.push("root");
const reason = missing.length === 0 ? "" : ` (skipped: no ${missing.join(", no ")})`;

/** Those have programs that are setuid, configuration, scripts and documents. */
const packages = ["hello", "sudo", "libcap2-bin"];

/** Returns a directory with packages of this machine's release, made once. */
function makeDebs(): string {
  const { suite, sources } = readArchive();
  return makeOnce({
    name: "debian-packages",
    inputs: [JSON.stringify({ packages, suite, sources })],
    make(path) {
      mkdirSync(path);
      runTool(["apt-get", "-qq", "download", ...packages], { directory: path });
    },
  });
}

describe.skipIf(missing.length > 0)(`a store of Debian's packages${reason}`, () => {
  const directory = temporaryDirectory();
  const program = copyProgram(directory);
  const judge = buildJudge("debian-judge", directory);

  test("shows the same wherever it is carried, and its packages by name", {
    timeout: 900_000,
  }, () => {
    const root = makeRoot(readArchive().suite);
    const told = run([...judge, program, directory, root, makeDebs()]);
    const lines = told.split("\n").map((line) => line.trim().split(/ {2,}/));
    const tell = (word: string) => lines.filter(([one]) => one === word).map(([, name]) => name);
    expect(tell("added")).toEqual(packages.toSorted());
    expect(tell("removed")).toEqual(["bash-completion", "fish", "fish-common", "man-db"]);
    expect(tell("changed")).toEqual([]);
  });
});
