import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatMemorySize,
  formatSize,
  parseMemorySize,
  parseStoreSize,
  roundDown,
} from "../../../src/core/text/size.ts";

const MiB = 2 ** 20;
const GiB = 2 ** 30;

describe("parseMemorySize() reads what tmpfs reads", () => {
  const cases: [string, object][] = [
    ["1048576", { bytes: MiB }],
    ["256M", { bytes: 256 * MiB }],
    ["256m", { bytes: 256 * MiB }],
    ["2G", { bytes: 2 * GiB }],
    ["512k", { bytes: 512 * 1024 }],
    ["1.5 GiB", { bytes: 1.5 * GiB }],
    ["500MB", { bytes: 500_000_000 }],
    ["50%", { percent: 50 }],
    [" 100 % ", { percent: 100 }],
    ["1%", { percent: 1 }],
  ];
  for (const [text, size] of cases) {
    test(`parseMemorySize() reads ${JSON.stringify(text)}`, () => {
      expect(parseMemorySize(text)).toEqual(size);
    });
  }
});

describe("parseStoreSize() takes a bare number as megabytes of 2^20 bytes", () => {
  const cases: [string, number][] = [
    ["256", 256 * MiB],
    ["1.5", 1.5 * MiB],
    ["256M", 256 * MiB],
    ["256MiB", 256 * MiB],
    ["256MB", 256_000_000],
    ["1k", 1024],
    ["1K", 1024],
    ["1KiB", 1024],
    ["1kB", 1000],
    ["3G", 3 * GiB],
    ["3GB", 3e9],
    ["2T", 2 ** 41],
    ["2TB", 2e12],
    ["1P", 2 ** 50],
    ["1PB", 1e15],
    ["4096B", 4096],
    ["0.1G", 107_374_182],
    ["8 GiB", 8 * GiB],
    ["007", 7 * MiB],
    ["9007199254740991B", Number.MAX_SAFE_INTEGER],
  ];
  for (const [text, bytes] of cases) {
    test(`parseStoreSize() reads ${JSON.stringify(text)}`, () => {
      expect(parseStoreSize(text)).toBe(bytes);
    });
  }
});

describe("what is no size", () => {
  const cases = [
    ...[
      "",
      " ",
      "lots",
      "M",
      "-1",
      "+1",
      "1e3",
      "0x10",
      "1,5G",
      "1.G",
      ".5G",
      "1..5",
      "1 2",
      "12Q",
    ],
    ...["1KM", "1MiBs", "1M\u0000", "１", "0", "0G", "0.0000001k", "NaN", "Infinity", "$(id)"],
    ...["9007199254740992B", "8P", "99999999999999999", "9999999999999999T"],
  ];
  for (const text of cases) {
    test(`parseMemorySize() and parseStoreSize() refuse ${JSON.stringify(text)}`, () => {
      expect(parseStoreSize(text)).toBeUndefined();
      expect(parseMemorySize(text)).toBeUndefined();
    });
  }
  for (const text of ["0%", "101%", "999%", "1000%", "%", "5.5%", "-5%", "50%%"]) {
    test(`parseMemorySize() refuses the share ${JSON.stringify(text)}`, () => {
      expect(parseMemorySize(text)).toBeUndefined();
    });
  }
  test("parseStoreSize() refuses a share", () => {
    expect(parseStoreSize("50%")).toBeUndefined();
  });
});

describe("formatSize() writes one decimal, rounded down", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [MiB - 1, "1023.9 KiB"],
    [MiB, "1.0 MiB"],
    [3.29 * GiB, "3.2 GiB"],
    [8 * GiB, "8.0 GiB"],
    [2 ** 50, "1.0 PiB"],
    [Number.MAX_SAFE_INTEGER, "7.9 PiB"],
  ];
  for (const [bytes, text] of cases) {
    test(`formatSize() writes ${text}`, () => {
      expect(formatSize(Math.floor(bytes))).toBe(text);
    });
  }
  test("formatMemorySize() writes a share as a share", () => {
    expect([formatMemorySize({ percent: 50 }), formatMemorySize({ bytes: 2 * GiB })]).toEqual([
      "50%",
      "2.0 GiB",
    ]);
  });
  test("formatSize() never promises more than there is, and little less", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        const again = parseStoreSize(formatSize(bytes)) ?? Number.NaN;
        expect(again).toBeLessThanOrEqual(bytes);
        expect(again).toBeGreaterThanOrEqual(bytes * 0.9);
      }),
      { numRuns: 1000 },
    );
  });
  test("parseStoreSize() and parseMemorySize() give a safe whole number or nothing for any text", () => {
    const texts = fc.string({ unit: fc.constantFrom(..."0123456789.kKmMgGtTpPiIbB% ") });
    fc.assert(
      fc.property(texts, (text) => {
        for (const size of [parseStoreSize(text), parseMemorySize(text)]) {
          if (size === undefined) continue;
          const number =
            typeof size === "number" ? size : "bytes" in size ? size.bytes : size.percent;
          expect(Number.isSafeInteger(number) && number > 0).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test("roundDown() gives the largest multiple that is not more", () => {
  expect([0, 1, 4095, 4096, 8191].map((bytes) => roundDown(bytes, 4096))).toEqual([
    0, 0, 0, 4096, 4096,
  ]);
});
