// The manual pages as man(1) and mandoc read them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readManualPages } from "../../scripts/manual-pages.ts";
import { run, temporaryDirectory, tryRun } from "./programs.ts";

const directory = temporaryDirectory();
const pages = readManualPages(".").map(({ file }) => file);
const built = join(directory, "built");

beforeAll(() => {
  run([process.execPath, "scripts/manual.mjs", built]);
});

test("the same pages are the same bytes in another directory, and have the date of the release", () => {
  const again = join(directory, "again");
  run([process.execPath, "scripts/manual.mjs", again]);
  expect(readdirSync(built).sort()).toEqual(pages);
  const [, date = ""] = /^## \S+ - (\S+)$/m.exec(readFileSync("CHANGELOG.md", "utf8")) ?? [];
  for (const page of pages) {
    const roff = readFileSync(join(built, page), "utf8");
    expect(readFileSync(join(again, page), "utf8")).toBe(roff);
    expect(roff).toContain(` "${date}" "backstore `);
  }
});

describe("manual pages", () => {
  for (const page of pages) {
    test(`${page}: mandoc and man have nothing to warn of`, () => {
      const file = join(built, page);
      const lint = tryRun(["mandoc", "-Tlint", file]);
      expect([lint.status, lint.stdout, lint.stderr]).toEqual([0, "", ""]);
      const { status, stderr } = tryRun(["man", "--warnings", "--local-file", file]);
      expect([status, stderr]).toEqual([0, ""]);
    });

    test(`${page}: lines fit 80 columns`, () => {
      const shown = run(["env", "MANWIDTH=80", "man", "--local-file", join(built, page)]);
      expect(shown.split("\n").filter((line) => [...line].length > 80)).toEqual([]);
      // The page is there at all, with its name where whatis(1) looks for it.
      const name = page.replace(/\.\d$/, "");
      expect(shown).toMatch(new RegExp(`^NAME\n {7}${name.replaceAll(".", "\\.")} - \\w`, "m"));
    });

    test(`${page}: what can be copied from it has plain hyphens and quotes`, () => {
      const file = join(built, page);
      // As a groff without the changes of Debian shows it: a "-" that is not escaped is no minus.
      const roff = readFileSync(file, "utf8");
      for (const [, example = ""] of roff.matchAll(/^\.EX\n([\s\S]*?)^\.EE$/gm))
        expect(example).not.toMatch(/(?<!\\)[-'`~^]/);
      expect(roff).not.toMatch(/\\f\[B\][^\\\n]*-/);
    });
  }
});
