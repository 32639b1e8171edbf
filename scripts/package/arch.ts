// The package for Arch Linux and its derivatives: what makepkg does with a finished tree. makepkg
// itself does not run as root, and writes down where it ran.

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../lib/tool.ts";
import { formatPacmanVersion, type Release } from "./release.ts";
import { installTree, listFiles, setModes } from "./tree.ts";

/** Packs what the tree installs. */
export function packArch(release: Release, tree: string): void {
  const version = `${formatPacmanVersion(release.version)}-1`;
  const root = installTree(tree, {
    name: "arch",
    rules: ["install", "install-mkinitcpio", "install-dracut"],
  });
  writeFileSync(join(root, ".PKGINFO"), formatPackageInfo(release, version, root));
  setModes(root);
  const stamp = `@${release.epoch}`;
  runTool(["find", root, "-exec", "touch", "--no-dereference", "--date", stamp, "{}", "+"]);
  const [information, ...others] = runTool(["find", ".", "-mindepth", "1"], { directory: root })
    .trim()
    .split("\n")
    .map((path) => path.slice(2))
    .sort();
  writeMtree(root, [information ?? "", ...others]);
  setModes(root);
  runTool(["touch", "--date", stamp, join(root, ".MTREE")]);
  const file = join(release.output, `backstore-${version}-x86_64.pkg.tar`);
  runTool(["bsdtar", "--no-fflags", "-cnf", file, ...owned, "-T", "-"], {
    directory: root,
    input: [information, ".MTREE", ...others].join("\n"),
  });
  runTool(["zstd", "--quiet", "-19", "--threads=1", "--rm", file]);
}

const owned = ["--uid", "0", "--gid", "0", "--uname", "root", "--gname", "root"];

/** The digests by which "pacman -Qkk" checks an installed package. */
function writeMtree(root: string, paths: readonly string[]): void {
  const keys = "!all,use-set,type,uid,gid,mode,time,size,md5,sha256,link";
  runTool(
    ["bsdtar", "-cnf", ".MTREE", "--format=mtree", `--options=${keys}`, ...owned, "-T", "-"],
    { directory: root, input: paths.join("\n") },
  );
  const file = join(root, ".MTREE");
  runTool(["gzip", "-9", "-n", file]);
  runTool(["mv", `${file}.gz`, file]);
}

function formatPackageInfo({ epoch, parts }: Release, version: string, root: string): string {
  const sizes = listFiles(root).map((file) => statSync(join(root, file)).size);
  const licenses = ["MIT", ...parts.map(({ license }) => license)];
  const optional = readFileSync("packaging/arch/optdepends", "utf8").trim().split("\n");
  const lines = [
    ["pkgname", "backstore"],
    ["pkgbase", "backstore"],
    ["pkgver", version],
    ["pkgdesc", "Keeps the changes that are made on a live system"],
    ["url", "https://backstore.example/"],
    ["builddate", `${epoch}`],
    ["packager", "the backstore authors <maintainers@backstore.example>"],
    ["size", `${sizes.reduce((sum, size) => sum + size, 0)}`],
    ["arch", "x86_64"],
    ...[...new Set(licenses)].map((license) => ["license", license]),
    ...optional.map((line) => ["optdepend", line]),
  ];
  return lines.map(([name, value]) => `${name} = ${value}\n`).join("");
}
