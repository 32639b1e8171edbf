// The package for Fedora, openSUSE and their derivatives, by rpmbuild: it packs what is installed,
// and looks for nothing in it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../lib/tool.ts";
import { formatSortedVersion, type Release } from "./release.ts";
import { installTree, listFiles } from "./tree.ts";

/** The directories that no other package owns. */
const directories = [
  "/usr/lib/dracut/modules.d/95backstore",
  "/usr/share/doc/backstore",
  "/usr/share/licenses/backstore",
];

/** Packs what the tree installs. */
export function packRpm(release: Release, tree: string): void {
  const staged = installTree(tree, { name: "rpm", rules: ["install", "install-dracut"] });
  const files = listFiles(staged).map((file) => describeFile(`/${file}`));
  const lines = [...directories.map((directory) => `%dir ${directory}`), ...files];
  writeFileSync(`${staged}.files`, `${lines.join("\n")}\n`);
  const version = formatSortedVersion(release.version);
  const versionOf = (part: string) =>
    release.parts.find(({ name }) => name === part)?.version.replace(/-[^-]*$/, "") ?? "";
  const macros = {
    _topdir: join(release.work, "rpmbuild"),
    _rpmdir: release.output,
    _rpmfilename: "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm",
    staged,
    release_version: version,
    release_license: listLicenses(release),
    release_quickjs: versionOf("quickjs"),
    release_zstd: versionOf("zstd").replace("+dfsg", ""),
    release_musl: versionOf("musl"),
    release_date: formatDate(release.epoch),
    _buildhost: "backstore.example",
    _binary_payload: "w19.zstdio",
    _build_id_links: "none",
    debug_package: "%{nil}",
    __os_install_post: "%{nil}",
    source_date_epoch_from_changelog: "0",
    use_source_date_epoch_as_buildtime: "1",
    clamp_mtime_to_source_date_epoch: "1",
  };
  runTool(
    [
      ...["rpmbuild", "-bb", "--quiet", "--target", "x86_64-linux", "--rcfile", readableSettings],
      ...Object.entries(macros).flatMap(([name, value]) => ["--define", `${name} ${value}`]),
      "packaging/rpm/backstore.spec",
    ],
    { environment: { SOURCE_DATE_EPOCH: `${release.epoch}` } },
  );
}

/** RPM's own settings, without those of the person who packs. */
const readableSettings = "/usr/lib/rpm/rpmrc";

function describeFile(file: string): string {
  if (file.startsWith("/usr/share/licenses/")) return `%license ${file}`;
  return /^\/usr\/share\/(?:doc|man)\//.test(file) ? `%doc ${file}` : file;
}

/** Of two licences that a part offers, the first one is used. */
function listLicenses({ parts }: Release): string {
  const others = parts.map(({ license }) => license.replace(/ OR .*/, ""));
  return [...new Set(["MIT", ...others])].join(" AND ");
}

/** Formats a date as a changelog of RPM has it ("Mon Nov 30 2026"). */
function formatDate(epoch: number): string {
  const [day = "", date = "", month = "", year = ""] = new Date(epoch * 1000)
    .toUTCString()
    .replace(",", "")
    .split(" ");
  return `${day} ${month} ${date} ${year}`;
}
