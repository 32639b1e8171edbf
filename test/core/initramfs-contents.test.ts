import { describe, expect, test } from "vitest";
import {
  type Contents,
  chooseCompression,
  planArchive,
} from "../../src/core/initramfs-contents.ts";
import { decodeUtf8 } from "../../src/core/text.ts";

const contents: Contents = {
  program: new Uint8Array([1]),
  index: { release: "6.1.0-test", modules: { loop: {} }, builtin: [] },
  aliases: new Map(),
  modules: [{ name: "loop", data: new Uint8Array([2]) }],
  firmware: [
    { path: "isci/a.bin", data: new Uint8Array([3]) },
    { path: "isci/b.bin.xz", data: new Uint8Array([4]) },
  ],
  defaultOptions: ' backstore="off" ',
};

test("planArchive() packs modules and compressed firmware apart from what is compressed as a whole", () => {
  const segments = planArchive(contents).map(({ isCompressed, entries }) => ({
    isCompressed,
    entries: entries.map(({ kind, path }) => `${kind} ${path}`),
  }));
  expect(segments).toMatchInlineSnapshot(`
    [
      {
        "entries": [
          "directory lib",
          "directory lib/backstore",
          "directory lib/backstore/modules",
          "file lib/backstore/modules/loop.ko.zst",
          "directory lib/firmware",
          "directory lib/firmware/isci",
          "file lib/firmware/isci/b.bin.xz",
        ],
        "isCompressed": false,
      },
      {
        "entries": [
          "directory dev",
          "directory proc",
          "directory run",
          "directory sys",
          "character dev/console",
          "character dev/null",
          "file init",
          "directory sbin",
          "link sbin/modprobe",
          "directory lib",
          "directory lib/backstore",
          "file lib/backstore/modules.json",
          "file lib/backstore/aliases",
          "file lib/backstore/names.json",
          "directory lib/firmware",
          "directory lib/firmware/isci",
          "file lib/firmware/isci/a.bin",
          "file lib/backstore/default-options",
        ],
        "isCompressed": true,
      },
    ]
  `);
});

test("planArchive() keeps the default options as they were given, and no file where there are none", () => {
  const find = (from: Contents) =>
    planArchive(from)
      .flatMap((segment) => segment.entries)
      .find((entry) => entry.path === "lib/backstore/default-options");
  const entry = find(contents);
  expect(entry?.kind === "file" && decodeUtf8(entry.data)).toBe(' backstore="off" ');
  expect(find({ ...contents, defaultOptions: undefined })).toBeUndefined();
});

describe("chooseCompression() takes what the kernel can unpack", () => {
  for (const [release, compression] of [
    ["6.12.4-arch1-1", "zstd"],
    ["5.10.0-30-amd64", "zstd"],
    ["5.9.0", "zstd"],
    ["5.8.18", "gzip"],
    ["4.19.0-27-amd64", "gzip"],
    ["10.0.1", "zstd"],
  ] as const) {
    test(`chooseCompression() takes ${compression} for ${release}`, () => {
      expect(chooseCompression(release)).toBe(compression);
    });
  }
});
