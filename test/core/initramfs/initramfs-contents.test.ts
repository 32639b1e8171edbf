import { describe, expect, test } from "vitest";
import { decodeUtf8 } from "../../../src/core/bytes/utf.ts";
import {
  type Contents,
  chooseCompression,
  planArchive,
} from "../../../src/core/initramfs/initramfs-contents.ts";

const contents: Contents = {
  program: new Uint8Array([1]),
  index: { release: "6.1.0-test", modules: { loop: {} }, builtin: [] },
  aliases: new Map(),
  modules: [{ name: "loop", data: new Uint8Array([2]) }],
  firmware: [
    { path: "isci/a.bin", data: new Uint8Array([3]) },
    { path: "isci/b.bin.xz", data: new Uint8Array([4]) },
  ],
  checkers: {
    index: { tools: { btrfs: ["/bin/btrfs", "/lib/libc.so.6"] } },
    files: [
      { path: "/bin/btrfs", data: new Uint8Array([5]) },
      { path: "/lib/libc.so.6", data: new Uint8Array([6]) },
    ],
  },
  defaultOptions: ' backstore="off" ',
};

function findEntry(from: Contents, path: string): string | undefined {
  const entry = planArchive(from)
    .flatMap((segment) => segment.entries)
    .find((one) => one.path === path);
  return entry?.kind === "file" ? decodeUtf8(entry.data) : entry?.kind;
}

test("planArchive() packs modules, checkers and compressed firmware apart from what is compressed as a whole", () => {
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
          "directory lib/backstore/checkers",
          "directory lib/backstore/checkers/bin",
          "file lib/backstore/checkers/bin/btrfs.zst",
          "directory lib/backstore/checkers/lib",
          "file lib/backstore/checkers/lib/libc.so.6.zst",
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
          "link tmp",
          "directory lib",
          "directory lib/backstore",
          "file lib/backstore/modules.json",
          "file lib/backstore/aliases",
          "file lib/backstore/names.json",
          "directory lib/firmware",
          "directory lib/firmware/isci",
          "file lib/firmware/isci/a.bin",
          "file lib/backstore/checkers.json",
          "file lib/backstore/default-options",
        ],
        "isCompressed": true,
      },
    ]
  `);
});

test("planArchive() keeps the default options as they were given, and no file where there are none", () => {
  const path = "lib/backstore/default-options";
  expect(findEntry(contents, path)).toBe(' backstore="off" ');
  expect(findEntry({ ...contents, defaultOptions: undefined }, path)).toBeUndefined();
});

test("planArchive() keeps what each checker needs, and no file where there are none", () => {
  const path = "lib/backstore/checkers.json";
  expect(findEntry(contents, path)).toBe('{"tools":{"btrfs":["/bin/btrfs","/lib/libc.so.6"]}}');
  const none = { ...contents, checkers: { index: { tools: {} }, files: [] } };
  expect(findEntry(none, path)).toBeUndefined();
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
