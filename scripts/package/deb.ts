// The package for Debian and its derivatives, by dpkg-deb: nothing has to be configured, so there
// are no maintainer scripts.

import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runTool } from "../lib/tool.ts";
import { formatSortedVersion, type Release } from "./release.ts";
import { installTree, listFiles, setModes } from "./tree.ts";

const maintainer = "the backstore authors <maintainers@backstore.example>";

/** Packs what the tree installs. */
export function packDeb(release: Release, tree: string): void {
  const version = formatSortedVersion(release.version);
  const root = installTree(tree, {
    name: "deb",
    rules: [
      ...["install-program", "install-man", "install-completions", "install-doc"],
      ...["install-initramfs-tools", "install-dracut"],
      "ZSHDIR=/usr/share/zsh/vendor-completions",
    ],
  });
  const documents = join(root, "usr/share/doc/backstore");
  writeFileSync(join(documents, "copyright"), formatCopyright(release));
  const changelog = join(documents, "changelog");
  writeFileSync(changelog, formatChangelog(release, version));
  runTool(["gzip", "-9", "-n", changelog]);
  const overrides = join(root, "usr/share/lintian/overrides/backstore");
  mkdirSync(dirname(overrides), { recursive: true });
  copyFileSync("packaging/deb/lintian-overrides", overrides);

  const files = listFiles(root);
  const control = join(root, "DEBIAN");
  mkdirSync(control);
  const values = {
    "@VERSION@": version,
    "@INSTALLED_SIZE@": `${sizeInKibibytes(root, files)}`,
    "@BUILT_USING@": release.parts.flatMap(({ debian }) => debian ?? []).join(", "),
  };
  writeFileSync(
    join(control, "control"),
    fill(readFileSync("packaging/deb/control", "utf8"), values),
  );
  copyFileSync("packaging/deb/triggers", join(control, "triggers"));
  writeFileSync(join(control, "md5sums"), runTool(["md5sum", ...files], { directory: root }));
  setModes(root);
  runTool(
    [
      ...["dpkg-deb", "--root-owner-group", "-Zxz", "--threads-max=1", "--build", root],
      join(release.output, `backstore_${version}_amd64.deb`),
    ],
    { environment: { SOURCE_DATE_EPOCH: `${release.epoch}` } },
  );
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce(
    (filled, [name, value]) => filled.replace(name, value),
    text,
  );
}

function sizeInKibibytes(root: string, files: readonly string[]): number {
  const sizes = files.map((file) => Math.ceil(statSync(join(root, file)).size / 1024));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function formatChangelog({ version: release, epoch }: Release, version: string): string {
  return `backstore (${version}) unstable; urgency=medium

  * Release ${release}.

 -- ${maintainer}  ${formatMailDate(epoch)}
`;
}

/** Formats a date as in RFC 5322. */
function formatMailDate(epoch: number): string {
  return new Date(epoch * 1000).toUTCString().replace("GMT", "+0000");
}

const apache = `On Debian systems the Apache License, version 2.0, is in
/usr/share/common-licenses/Apache-2.0.`;

function formatCopyright({ parts }: Release): string {
  const own = readFileSync("LICENSE", "utf8");
  const others = parts.map(
    ({ name, version, license, homepage, text }) =>
      `${"-".repeat(78)}\n${name} ${version} <${homepage}>\nLicense: ${license}\n\n${
        license === "Apache-2.0" ? apache : text.trim()
      }\n`,
  );
  return `backstore is at <https://backstore.example/>.

${own}
The executable contains the parts below, each under its own licence. Of two licences
that a part offers, the first one is used. On Debian systems the GNU General Public
License is in /usr/share/common-licenses/GPL-3.

${others.join("\n")}`;
}
