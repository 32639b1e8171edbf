// "backstore help": every manual page, by each of its names.
import { describe, expect, test } from "vitest";
import { readManualPages } from "../../scripts/manual-pages.ts";
import { commands } from "../../src/cli/command-table.ts";
import { exitStatus } from "../../src/core/text/failure.ts";
import { call, silent } from "../support/call.ts";
import { createMemory } from "../support/memory.ts";

const pages = readManualPages(".").map(({ file }) => {
  const [, name = "", section = ""] = /^(.+)\.(\d)$/.exec(file) ?? [];
  return { file, name, title: `${name}(${section})` };
});

async function help(...words: readonly string[]) {
  return call(createMemory(), ["help", ...words]);
}

describe("backstore help", () => {
  test("shows the page of the program", async () => {
    const { status, stdout, stderr } = await help();
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^backstore\(8\)\n\nNAME\n {7}backstore - keep the changes/);
  });

  for (const { name } of commands)
    test(`${name} shows the page of the command`, async () => {
      const { status, stdout } = await help(name);
      expect([status, stdout.split("\n")[0]]).toEqual([0, `backstore-${name}(8)`]);
    });

  for (const { file, name, title } of pages)
    test(`shows ${title} by each of its names`, async () => {
      const short = [name, file, title].map((one) => one.replace(/^backstore-/, ""));
      for (const word of [name, file, title, ...short]) {
        const { status, stdout } = await help(word);
        expect([word, status, stdout.split("\n")[0]]).toEqual([word, 0, title]);
      }
    });

  test("names the page that was probably meant", async () => {
    const { status, stdout, stderr } = await help("optoins");
    expect([status, stdout]).toEqual([exitStatus["not-found"], ""]);
    expect(stderr).toBe(
      'backstore: Cannot show "optoins": there is no manual page of that name, did you mean "options"?\nHint: see "backstore help"\n',
    );
  });

  for (const columns of [undefined, 30, 60, 80])
    test(`fits ${columns === undefined ? "a file" : `${columns} columns`}, but for commands`, async () => {
      for (const { name } of pages) {
        const { stdout } = await call(createMemory(), ["help", name], {
          terminal: { ...silent, columns },
        });
        const wide = stdout
          .split("\n")
          .filter((line) => line.length > (columns ?? 80) && !/^ {11}/.test(line));
        expect(wide).toEqual([]);
      }
    });
});
