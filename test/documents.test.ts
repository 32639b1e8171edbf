// Documents name files, links, commands and statuses that exist.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { flagsOf, shortOf } from "../src/cli/command-line/arguments.ts";
import { commands } from "../src/cli/command-table.ts";
import { bugsUrl } from "../src/core/text/bugs.ts";
import { exitStatus } from "../src/core/text/failure.ts";

const root = join(import.meta.dirname, "..");
const places = [".", "docs", "test", "initramfs"];
const documents = places
  .flatMap((place) =>
    readdirSync(join(root, place), { recursive: place === "docs", encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(place, name)),
  )
  .sort();

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** Returns what a pattern's first group finds in a document. */
function find(file: string, pattern: RegExp): string[] {
  return [...read(file).matchAll(pattern)].map(([, found = ""]) => found);
}

test("documents are seen by this test", () => {
  expect(documents).toEqual(expect.arrayContaining(["README.md", "docs/man/backstore.8.md"]));
});

for (const file of documents) {
  test(`${file} links to what is there`, () => {
    const links = find(file, /\]\(([^)#]+)(?:#[^)]*)?\)/g).filter((link) => !link.includes("://"));
    expect(links.filter((link) => !existsSync(join(root, dirname(file), link)))).toEqual([]);
  });

  test(`${file} names files of ours that are there`, () => {
    const paths = find(file, /`((?:src|test|scripts|docs|native|bench)\/[\w./-]+)`/g);
    const missing = paths.filter((path) => !/[A-Z]{4}/.test(path) && !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });
}

describe("manual pages", () => {
  for (const { name, load } of commands) {
    test(`backstore-${name}(8) has the flags that the command takes`, async () => {
      const flags = flagsOf(await load()).map((flag) => {
        const short = shortOf(flag.name);
        return short === undefined ? `--${flag.name}` : `--${flag.name}\`, \`-${short}`;
      });
      const described = find(
        `docs/man/backstore-${name}.8.md`,
        /^`(--[\w-]+(?:`, `-\w)?)`[^\n]*\n: /gm,
      );
      expect(described.sort()).toEqual(flags.sort());
    });

    test(`backstore(8) lists the command ${name}`, () => {
      expect(read("docs/man/backstore.8.md")).toContain(`\n\`${name}\`\n: `);
    });
  }

  for (const page of documents.filter((file) => file.startsWith("docs/man/")))
    test(`${page} says where bugs are reported`, () => {
      expect(read(page)).toContain(`## REPORTING BUGS\n\n<${bugsUrl}>\n`);
      expect(JSON.parse(read("package.json")).bugs.url).toBe(bugsUrl);
    });

  test("manual pages show commands and their output in lines that a terminal has room for", () => {
    const pages = documents.filter((file) => file.startsWith("docs/man/"));
    // man(1) indents by seven columns where these lines are indented by four.
    const wide = pages.flatMap((file) => find(file, /^ {4}(.{73,})$/gm));
    // A boot loader's line cannot be broken.
    expect(wide.filter((line) => !/^ *(linux|initrd|append) /.test(line))).toEqual([]);
  });

  for (const file of ["docs/man/backstore.8.md", "docs/design.md"]) {
    test(`${file} has the table of exit statuses`, () => {
      const statuses = find(file, /^\| (\d+) \|/gm).map(Number);
      expect(statuses).toEqual([0, ...Object.values(exitStatus)]);
    });
  }
});
