// Documents name files, links, commands and statuses that exist.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { readManualPages } from "../scripts/manual-pages.ts";
import { flagsOf, parseArguments, shortOf } from "../src/cli/command-line/arguments.ts";
import { commands, statusesOf } from "../src/cli/command-table.ts";
import { backstoreWords, optionTable } from "../src/core/options/options-table.ts";
import { newStoreSettings } from "../src/core/stores/overlay-settings.ts";
import {
  formatEndedRecord,
  formatMountedRecord,
  formatNewRecord,
  formatNextRecord,
} from "../src/core/stores/store-record.ts";
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

/** Returns what a manual page has below a heading, up to the next one. */
function sectionOf(page: string, heading: string): string {
  const [, text = ""] =
    new RegExp(`^## ${heading}\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, "m").exec(read(page)) ?? [];
  return text;
}

/** Returns what a pattern's first group finds in the program. */
function findInSources(pattern: RegExp): string[] {
  return readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => find(join("src", name), pattern));
}

/** A record with all that a session can write. */
function wholeRecord(): string {
  const base = {
    label: "A",
    image: "b.sfs",
    release: "1",
    fingerprint: "c",
    modules: [{ name: "d" }],
  };
  const use = {
    ...{ base, session: { boot: "e", machine: "f", started: "2026-01-31T00:00:00Z" } },
    ...{ phases: { before: 1, medium: 2, store: 3 }, note: "h" },
  };
  const created = formatNewRecord({
    id: "g",
    settings: newStoreSettings,
    created: "2026-01-31T00:00:00Z",
    version: "0",
    use,
  });
  const overlayMount = { kind: "born", time: "2026-01-31T00:00:00.000000000Z" } as const;
  const room = { totalBytes: 2, usedBytes: 1 };
  const removal = { do: "remove-same", path: "/i", inode: 1 } as const;
  const noted = formatNextRecord(created, [removal]) ?? "";
  const mounted = formatMountedRecord(noted, { overlayMount, uptimeMs: 10, ...room });
  return (
    formatEndedRecord(mounted, { boot: "e", ended: "2026-01-31T00:00:01Z", usedBytes: 2 }) ?? ""
  );
}

function keysOf(value: object, before = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = `${before}${key}`;
    if (Array.isArray(inner)) return [at, ...keysOf(inner[0], `${at}[].`)];
    return [at, ...(typeof inner === "object" ? keysOf(inner, `${at}.`) : [])];
  });
}

/** Returns the words of each call of the program in a document's commands. */
function findCalls(file: string): string[][] {
  const lines = read(file)
    .replaceAll(/\\\n */g, "")
    .split("\n");
  return lines.flatMap((line) => {
    const [, call] = /^ {4}(?:\S+\/)?backstore ([a-z].*)$/.exec(line) ?? [];
    if (call === undefined) return [];
    const [command = ""] = call.split(/ +(?:#|\||>|\|\|)(?: |$)/);
    return [
      [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ""),
    ];
  });
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

describe("commands that documents show", () => {
  const shown = documents.map((file) => ({ file, calls: findCalls(file) }));
  for (const { file, calls } of shown.filter(({ calls: { length } }) => length > 0))
    test(`${file} shows commands that the program takes`, async () => {
      for (const [name = "", ...words] of calls) {
        const entry = commands.find((one) => one.name === name);
        expect(entry, `backstore ${name}`).toBeDefined();
        if (entry === undefined) continue;
        const command = await entry.load();
        expect(() => parseArguments(command, words), `${name} ${words.join(" ")}`).not.toThrow();
      }
    });

  test("they are seen by this test", () => {
    const number = (name: string) => shown.find(({ file }) => file === name)?.calls.length;
    expect(number("README.md")).toBeGreaterThan(10);
    expect(number("docs/man/backstore-install.8.md")).toBeGreaterThan(4);
  });
});

describe("manual pages", () => {
  test("there is one for each command, and for nothing else that is called a command", () => {
    const described = documents
      .filter((file) => file.startsWith("docs/man/backstore-") && file.endsWith(".8.md"))
      .map((file) => file.slice("docs/man/backstore-".length, -".8.md".length));
    expect(described.sort()).toEqual(commands.map(({ name }) => name).sort());
    const listed = sectionOf("docs/man/backstore.8.md", "COMMANDS").matchAll(/^`(\w+)`$/gm);
    expect([...listed].map(([, name]) => name)).toEqual(commands.map(({ name }) => name));
  });

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

    test(`backstore-${name}(8) names exit statuses that the command can have`, () => {
      const entry = commands.find((one) => one.name === name);
      const text = sectionOf(`docs/man/backstore-${name}.8.md`, "EXIT STATUS").replace(/\s+/g, " ");
      const named = [...text.matchAll(/(?:^ ?|; |, |\| )(\d+) (?=if|for|whatever|even|\|)/g)];
      const can = [0, ...Object.values(entry ? statusesOf(entry) : {})];
      expect(named.length).toBeGreaterThan(2);
      expect(named.map(([, status]) => Number(status)).filter((one) => !can.includes(one))).toEqual(
        [],
      );
      expect(text).toMatch(/[Oo]therwise as in \*\*backstore\*\*\(8\)/);
    });
  }

  test("backstore(8) names the files that a session leaves for people, and no others", () => {
    const written = findInSources(/"(\/run\/(?:backstore|(?:udev\/)?\w+\.d)\/[^"]+|\/mnt\/\w+)"/g);
    // What the plans of sessions make, as the golden ones show it.
    const plans = readdirSync(join(root, "test/golden/plans")).flatMap((name) =>
      find(
        join("test/golden/plans", name),
        /(\/(?:run\/(?:backstore|archiso)|mnt)\/\w+|(?<=\/command)\/usr\/local\/bin\/\w+)/g,
      ),
    );
    const left = new Set([...written, ...plans]);
    const places = sectionOf("docs/man/backstore.8.md", "FILES").matchAll(/^`\/.*`$/gm);
    const named = [...places].flatMap(([line]) => line.split(", ").map((one) => one.slice(1, -1)));
    // A directory of a file that is named.
    expect(named.sort()).toEqual([...left].filter((path) => path !== "/run/backstore/bin").sort());
  });

  test("backstore.json(5) has the keys of a record, and no others", () => {
    const keys = keysOf(JSON.parse(wholeRecord()));
    const described = sectionOf("docs/man/backstore.json.5.md", "KEYS").matchAll(/^(`.*`)$/gm);
    const named = [...described].flatMap(([line]) =>
      line.split(", ").map((one) => one.slice(1, -1)),
    );
    expect(named.sort()).toEqual(keys.sort());
  });

  test("backstore-options(7) and backstore-boot.json(5) have all that their documents have", () => {
    const pages = new Map(readManualPages(root).map(({ file, markdown }) => [file, markdown]));
    const options = pages.get("backstore-options.7") ?? "";
    for (const { name, help } of optionTable) expect(options).toContain(`\n\`${name}\`\n: ${help}`);
    for (const { word, help } of backstoreWords)
      expect(options).toContain(`\n\`${word}\`\n: ${help}`);
    const keys = find("docs/boot-json.md", /^\| `(\S+)` \|/gm);
    expect(keys.length).toBeGreaterThan(100);
    for (const key of keys)
      expect(pages.get("backstore-boot.json.5")).toContain(`\n\`${key}\`\n: `);
    for (const page of pages.values()) expect(page).not.toMatch(/^\||\]\(/m);
  });

  test("pages refer to pages of ours that are there", () => {
    const there = readManualPages(root).map(({ file }) => file);
    const named = readManualPages(root).flatMap(({ markdown }) =>
      [...markdown.matchAll(/\*\*(backstore[\w.-]*)\*\*\((\d)\)/g)].map(
        ([, name, section]) => `${name}.${section}`,
      ),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((page) => !there.includes(page))).toEqual([]);
  });

  for (const page of documents.filter((file) => file.startsWith("docs/man/")))
    test(`${page} says where bugs are reported`, () => {
      expect(read(page)).toContain(`## REPORTING BUGS\n\n<${bugsUrl}>\n`);
      expect(JSON.parse(read("package.json")).bugs.url).toBe(bugsUrl);
    });

  test("manual pages show commands and their output in lines that a terminal has room for", () => {
    const pages = documents.filter((file) => file.startsWith("docs/man/"));
    // man(1) indents by seven columns where these lines are indented by four.
    const wide = pages.flatMap((file) => find(file, /^ {4}(.{73,})$/gm));
    expect(wide).toEqual([]);
  });

  for (const file of ["docs/man/backstore.8.md", "docs/design.md"]) {
    test(`${file} has the table of exit statuses`, () => {
      const statuses = find(file, /^\| (\d+) \|/gm).map(Number);
      expect(statuses).toEqual([0, ...Object.values(exitStatus)]);
    });
  }
});
