import { describe, expect, test } from "vitest";
import {
  renderInitramfs,
  renderInitramfsNotes,
  renderInitramfsPlan,
} from "../../src/report/initramfs.ts";
import { renderJson } from "../../src/report/json.ts";

const facts = {
  output: "initramfs.img",
  release: "6.1.0",
  compression: "zstd",
  modules: ["ext4", "jbd2", "loop"],
  groups: [
    { group: "file systems", modules: ["ext4"], builtin: ["squashfs"], missing: [] },
    { group: "images", modules: ["loop"], builtin: [], missing: [] },
    { group: "nothing", modules: [], builtin: [], missing: [] },
  ],
  checkers: [],
  baseCheckers: [],
  missingCheckers: [],
} as const;

describe("reports of an initramfs", () => {
  test("renderInitramfsPlan() names each group, what is in the kernel, and what these need", () => {
    expect(renderInitramfsPlan(facts)).toBe(
      [
        'Would write "initramfs.img": 3 modules for kernel 6.1.0, compressed by zstd',
        "  file systems: ext4; built in: squashfs",
        "  images: loop",
        "  nothing: none",
        "  dependencies: jbd2",
        "  file system checkers: none",
        "",
      ].join("\n"),
    );
  });

  const report = { ...facts, bytes: 5 * 2 ** 20, firmware: [], missingFirmware: [] };
  test("renderInitramfs() says what was written", () => {
    expect(renderInitramfs(report)).toBe(
      'Wrote "initramfs.img", 5.0 MiB: 3 modules for kernel 6.1.0\n',
    );
    expect(renderInitramfs({ ...report, modules: ["a"], firmware: ["x.fw"] })).toBe(
      'Wrote "initramfs.img", 5.0 MiB: 1 module for kernel 6.1.0, 1 firmware file\n',
    );
  });

  test("renderInitramfs() counts the checkers", () => {
    const checkers = ["e2fsck", "e2image"];
    expect(renderInitramfs({ ...report, checkers })).toBe(
      'Wrote "initramfs.img", 5.0 MiB: 3 modules for kernel 6.1.0, 2 checkers\n',
    );
    expect(renderInitramfsPlan({ ...facts, checkers })).toContain(
      "\n  file system checkers: e2fsck e2image\n",
    );
    expect(renderInitramfsPlan({ ...facts, baseCheckers: ["btrfs"] })).toContain(
      "\n  file system checkers: none\n  file system checkers of the base: btrfs\n",
    );
  });

  test("renderInitramfsNotes() says what is missing, and nothing where nothing is", () => {
    const nothing = { missingFirmware: [], missingCheckers: [], problems: [] };
    expect(renderInitramfsNotes(nothing)).toBe("");
    const notes = renderInitramfsNotes({
      missingFirmware: ["a.fw", "b.fw"],
      missingCheckers: [
        { tool: "btrfs", reason: "is not installed", package: "btrfs-progs" },
        {
          tool: "e2fsck",
          reason: 'needs the library "liba.so", which was not found',
          package: undefined,
        },
      ],
      problems: ["Cannot use it"],
    });
    expect(notes).toMatchInlineSnapshot(`
      "Warning: in --default: Cannot use it
      Note: left out missing firmware: a.fw, b.fw
      Note: left out "btrfs", which is not installed (install the package "btrfs-progs")
      Note: left out "e2fsck", which needs the library "liba.so", which was not found
      "
    `);
  });
});

test("renderJson() has every key, and null for what is not known", () => {
  expect(renderJson({ a: undefined, b: [undefined, { c: undefined }], d: "x" })).toBe(
    `${JSON.stringify({ a: null, b: [null, { c: null }], d: "x" }, undefined, 2)}\n`,
  );
});
