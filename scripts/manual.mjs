// Writes the manual pages, as man(1) reads them, to build/man or another directory: each from the Markdown that the
// program shows as well, by pandoc (docs/decisions/0048). The same sources make the same bytes: the
// date is that of the release.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "./load.mjs";

const root = join(import.meta.dirname, "..");
const [output = join(root, "build/man")] = process.argv.slice(2);

const sectionNames = { 5: "File Formats", 7: "Miscellaneous", 8: "System Administration" };

const { readManualPages } = await load("scripts/manual-pages.ts");
const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
const [, date] = /^## \S+ - (\d{4}-\d\d-\d\d)$/m.exec(changelog);

rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
for (const page of readManualPages(root)) writeFileSync(join(output, page.file), formRoff(page));

function formRoff({ file, markdown }) {
  const [, name, section] = /^(.+)\.(\d)$/.exec(file);
  const facts = {
    title: name.toUpperCase(),
    section,
    date,
    footer: `backstore ${version}`,
    header: sectionNames[section],
    // Names and paths stay whole, and lines without gaps.
    hyphenate: false,
    adjusting: "l",
  };
  const roff = execFileSync(
    "pandoc",
    [
      ...[
        "--from",
        "commonmark+definition_lists",
        "--to",
        "man",
        "--standalone",
        "--columns",
        "72",
      ],
      ...["--lua-filter", join(root, "scripts/manual-page.lua")],
      ...Object.entries(facts).flatMap(([key, value]) => ["--metadata", `${key}=${value}`]),
    ],
    { input: markdown.replace(/^# .*\n/, "").replace(/^#(#+) /gm, "$1 "), encoding: "utf8" },
  );
  return (
    roff
      // A font of which no page has a word; the groff of Debian 13 says that terminals have none.
      .replace(/^\.\\" Define V font[\s\S]*?^\.el \\\{\\\n[\s\S]*?^\.\\\}\n/m, "")
      // A heading begins a paragraph already, and mandoc says so.
      .replace(/^(\.S[HS] .*\n)\.PP\n/gm, "$1")
  );
}
