// What commands print fits the terminal: the tables, as rows or as a paragraph for each. Sentences
// are left to the terminal, so that what is copied from them stays in one piece.
import { describe, expect, test } from "vitest";
import { stick } from "../boot/start.ts";
import { bootMemory } from "../support/booted.ts";
import { call, ext4, imageFiles, silent } from "../support/call.ts";
import { createMemory } from "../support/memory.ts";

const store = { upperdir: {}, workdir: {} };
const images = imageFiles({
  "a.img": ext4("a store", { "persistent_ARCH/x86_64": store, "persistent_b/x86_64": store }),
  "b.img": ext4("b"),
});
const both = ["--image", "/a.img", "--image", "/b.img"];
const root = { isRoot: true };

const calls: Readonly<Record<string, (columns: number | undefined) => Promise<string>>> = {
  list: (columns) => print(["list", ...both, "--cmdline", "cow_label=c"], columns),
  explain: (columns) => print(["explain", ...both, "--cmdline", "cow_label=c"], columns),
  status: async (columns) => {
    const memory = bootMemory("cow_label=store", {
      disks: [stick(), { name: "sdb", content: ext4("store") }],
    });
    return (await call(memory, ["status"], { terminal: { ...silent, columns } })).stdout;
  },
};

async function print(words: readonly string[], columns: number | undefined): Promise<string> {
  const context = { ...root, terminal: { ...silent, columns } };
  return (await call(createMemory({ files: images }), words, context)).stdout;
}

/** Lists the lines of tables: they are below a heading, or below the headline of a status. */
function linesOfTables(text: string): string[] {
  const headings =
    /^(Stores \(.*|Not inspected|Options|Candidates \(.*|persistent: .*)\n((?: {2}.*\n)+)/gm;
  return [...text.matchAll(headings)].flatMap(([, , lines = ""]) => lines.trimEnd().split("\n"));
}

describe("tables fit", () => {
  for (const [name, printAt] of Object.entries(calls))
    for (const columns of [40, 79, 200])
      test(`${name} at ${columns} columns`, async () => {
        const lines = linesOfTables(await printAt(columns));
        expect(lines.length).toBeGreaterThan(2);
        expect(lines.filter((line) => line.length > columns)).toEqual([]);
      });

  for (const [name, printAt] of Object.entries(calls))
    test(`${name} says the same at every width`, async () => {
      const wordsAt = async (columns: number | undefined) =>
        (await printAt(columns)).split(/\s+/).sort();
      const whole = await wordsAt(undefined);
      expect(await wordsAt(200)).toEqual(whole);
      const narrow = await wordsAt(40);
      // Nothing says "store" before what is the store of a paragraph.
      expect(whole.filter((word) => !narrow.includes(word) && word !== "store")).toEqual([]);
    });

  test("a row that does not fit is a paragraph that names its columns", async () => {
    expect(await calls.list?.(40)).toContain(`Stores (+ a boot would use it, - not)
  - /persistent_ARCH/x86_64
      device  /a.img
      label   "a store"
      kind    directory (ext4)
`);
  });

  test("a file gets whole rows", async () => {
    const lines = (await calls.list?.(undefined))?.split("\n") ?? [];
    expect(lines[1]).toMatch(/^ {4}store +device +label +kind +size +used +state$/);
  });
});
