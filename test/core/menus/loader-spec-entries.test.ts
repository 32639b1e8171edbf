import { describe, expect, test } from "vitest";
import { additionOf, planEdits } from "../../../src/core/install/choose-entries.ts";
import { families } from "../../../src/core/install/families.ts";
import { editText } from "../../../src/core/menus/edit.ts";
import { readLoaderSpecEntry } from "../../../src/core/menus/loader-spec-entries.ts";

const file = "loader/entries/a.conf";
const archiso = families.find(({ name }) => name === "archiso");

function change(text: string): string {
  if (archiso === undefined) throw new Error("no family");
  const entry = readLoaderSpecEntry({ file, text });
  return editText(
    text,
    planEdits(entry, additionOf(archiso, { addon: "x.img", words: ["backstore"] })),
  );
}

const added = "rdinit=/backstore-init backstore";
const cases: readonly [what: string, before: string, after: string][] = [
  [
    "an entry",
    "title  A\nlinux  /v\ninitrd  /i\noptions a b\n",
    `title  A\nlinux  /v\ninitrd  /i\ninitrd  /x.img\noptions ${added} a b\n`,
  ],
  [
    "the last of several initramfs",
    "linux /v\ninitrd /u\n  initrd\t/i\noptions a",
    `linux /v\ninitrd /u\n  initrd\t/i\ninitrd\t/x.img\noptions ${added} a`,
  ],
  [
    "lines that end as in DOS",
    "linux /v\r\ninitrd /i\r\noptions a\r\n",
    `linux /v\r\ninitrd /i\r\ninitrd /x.img\r\noptions ${added} a\r\n`,
  ],
  [
    "an entry without options",
    "linux /v\ninitrd /i",
    `linux /v\noptions ${added}\ninitrd /i\ninitrd /x.img`,
  ],
  ["a program of the firmware", "title M\nefi /memtest.efi\n", "title M\nefi /memtest.efi\n"],
  ["a kernel without an initramfs", "linux /v\noptions a\n", "linux /v\noptions a\n"],
  ["a comment", "# linux /v\n# initrd /i\n", "# linux /v\n# initrd /i\n"],
];

describe("readLoaderSpecEntry()", () => {
  for (const [what, before, after] of cases)
    test(`readLoaderSpecEntry() finds the places in ${what}`, () => {
      expect(change(before)).toBe(after);
    });

  for (const [text, obstacle] of [
    ["efi /x", "chain"],
    ["title x", "no-kernel"],
    ["linux /v", "no-initrd"],
    ["linux /v\nlinux /w\ninitrd /i", "not-understood"],
    ["linux /v\ninitrd", "not-understood"],
  ] as const)
    test(`readLoaderSpecEntry() says of ${JSON.stringify(text)}: ${obstacle}`, () => {
      expect(readLoaderSpecEntry({ file, text }).obstacle).toBe(obstacle);
    });
});
