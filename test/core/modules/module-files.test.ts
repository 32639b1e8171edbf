import { describe, expect, test } from "vitest";
import {
  isRelease,
  moduleName,
  normalName,
  parseAliases,
  parseBuiltin,
  parseDependencies,
  parseSoftDependencies,
} from "../../../src/core/modules/module-files.ts";

describe("normalName() makes one spelling of a name", () => {
  for (const [name, normal] of [
    ["nls_iso8859-1", "nls_iso8859_1"],
    ["usb:v0419pAACEd0[0-1]*", "usb:v0419pAACEd0[0-1]*"],
    ["a-[b-c]-d", "a_[b-c]_d"],
    ["a-[b", "a_[b"],
  ] as const) {
    test(`normalName() makes "${normal}" of "${name}"`, () => {
      expect(normalName(name)).toBe(normal);
    });
  }
});

describe("moduleName() takes the name from a file", () => {
  for (const [path, name] of [
    ["kernel/fs/ext4/ext4.ko", "ext4"],
    ["kernel/arch/x86/crypto/crc32c-intel.ko.xz", "crc32c_intel"],
    ["updates/dkms/a.b.ko.zst", "a.b"],
  ] as const) {
    test(`moduleName() makes "${name}" of "${path}"`, () => {
      expect(moduleName(path)).toBe(name);
    });
  }
});

test("isRelease() knows what uname -r can say", () => {
  const names = ["6.1.0-18-amd64", "6.12.4-arch1-1", "6.8.5-301.fc40.x86_64", "5.10.0+", "6.1"];
  expect(names.filter(isRelease)).toEqual(names);
  expect(["kernel", "", "6", "..", "6.1/..", "extra-6.1", "6.1 x"].filter(isRelease)).toEqual([]);
});

test("parseDependencies() reads lines of depmod and leaves out what is not one", () => {
  const text = [
    "kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz kernel/lib/crc-16.ko.xz",
    "kernel/drivers/block/loop.ko:",
    "# a comment",
    "/etc/passwd: a.ko",
    "../../outside.ko: a.ko",
    "",
  ].join("\n");
  expect(parseDependencies(text)).toEqual([
    { name: "ext4", path: "kernel/fs/ext4/ext4.ko.xz", needs: ["jbd2", "crc_16"] },
    { name: "loop", path: "kernel/drivers/block/loop.ko", needs: [] },
  ]);
});

test("parseSoftDependencies() reads what comes before and after, and adds up lines", () => {
  const text = [
    "# Soft dependencies extracted from modules themselves.",
    "softdep ext4 pre: crypto-crc32c post: extra",
    "softdep btrfs pre: sha256",
    "softdep btrfs pre: xxhash64 crypto-crc32c",
    "softdep cifs gcm",
    "softdep",
  ].join("\n");
  expect(parseSoftDependencies(text)).toEqual([
    { module: "ext4", before: ["crypto_crc32c"], after: ["extra"] },
    { module: "btrfs", before: ["sha256", "xxhash64", "crypto_crc32c"], after: [] },
    { module: "cifs", before: [], after: [] },
  ]);
});

test("parseAliases() reads patterns, spaces in them included", () => {
  const text = [
    "# Aliases extracted from modules themselves.",
    "alias fs-ext4 ext4",
    "alias dmi*:svn*A B Inc*:* some-module",
    `alias ${"x".repeat(5000)} long`,
    "alias",
    "alias lonely",
  ].join("\n");
  expect(parseAliases(text)).toEqual([
    { pattern: "fs_ext4", module: "ext4" },
    { pattern: "dmi*:svn*A B Inc*:*", module: "some_module" },
  ]);
});

test("parseBuiltin() gives names", () => {
  expect(parseBuiltin("kernel/fs/fat/v-fat.ko\nkernel/lib/crc32.ko\n")).toEqual(["v_fat", "crc32"]);
});
