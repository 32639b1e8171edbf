// Packs what the build has made, the same bytes each time: package.ts [--output DIR]. The date of all
// is SOURCE_DATE_EPOCH, or that of the last commit.

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packArch } from "./package/arch.ts";
import { packDeb } from "./package/deb.ts";
import { readRelease } from "./package/release.ts";
import { packRpm } from "./package/rpm.ts";
import { packTarball } from "./package/tarball.ts";
import { makeTree } from "./package/tree.ts";

const { values } = parseArgs({ options: { output: { type: "string" } } });
const output = values.output ?? "dist/package";
const work = `${output}.work`;
for (const directory of [output, work]) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
}

const release = readRelease(work, output);
const tree = makeTree(release);
packTarball(release, tree);
packDeb(release, tree);
packRpm(release, tree);
packArch(release, tree);
copyFileSync(
  join(tree, "doc/backstore.spdx.json"),
  join(output, `backstore-${release.version}.spdx.json`),
);
rmSync(work, { recursive: true });

const sums = readdirSync(output)
  .sort()
  .map((name) => `${digestFile(join(output, name))}  ${name}\n`);
writeFileSync(join(output, "SHA256SUMS"), sums.join(""));
for (const name of readdirSync(output).sort()) console.log(join(output, name));

function digestFile(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
