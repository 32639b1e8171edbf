import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../../../src/core/bytes/utf.ts";
import { type CpioEntry, formatCpio } from "../../../src/core/initramfs/cpio.ts";

const data = encodeUtf8("hello");

test("formatCpio() writes the fields of the newc format", () => {
  const bytes = formatCpio([{ kind: "file", path: "etc/a", mode: 0o644, data }]);
  const text = decodeUtf8(bytes);
  const header = [
    ...["070701", "00000001", "000081a4", "00000000", "00000000", "00000001", "00000000"],
    ...["00000005", "00000000", "00000000", "00000000", "00000000", "00000006", "00000000"],
  ].join("");
  expect(text.slice(0, 124)).toBe(`${header}etc/a\0hello\0\0\0`);
  expect(text.slice(124, 130)).toBe("070701");
  expect(text).toContain("TRAILER!!!\0");
  expect(bytes.length % 512).toBe(0);
});

test("formatCpio() writes kinds and device numbers", () => {
  const entries: CpioEntry[] = [
    { kind: "directory", path: "dev", mode: 0o755 },
    { kind: "character", path: "dev/console", mode: 0o600, major: 5, minor: 1 },
    { kind: "link", path: "sbin", to: "bin" },
  ];
  const headers = decodeUtf8(formatCpio(entries)).split("070701").slice(1, 4);
  expect(headers.map((header) => header.slice(8, 16))).toEqual([
    "000041ed",
    "00002180",
    "0000a1ff",
  ]);
  expect(headers[1]?.slice(72, 88)).toBe("0000000500000001");
});

test("formatCpio() of nothing is an archive that ends", () => {
  expect(decodeUtf8(formatCpio([]))).toContain("TRAILER!!!");
  expect(formatCpio([])).toHaveLength(512);
});
