import { expect, test } from "vitest";
import { openSource } from "../../../src/core/bytes/source.ts";
import { readerOf } from "../../support/formats.ts";

const image = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);

test("openSource() gives bytes from anywhere, and reads the first 68 KiB once", () => {
  const { read, count } = readerOf(image);
  const source = openSource(read, image.length);
  expect(count.reads).toBe(0);
  for (const at of [0, 1024, 65536])
    expect(source.at(at, 4096)).toEqual(image.slice(at, at + 4096));
  expect(count.reads).toBe(1);
  expect(source.at(69_000, 4096)).toEqual(image.slice(69_000, 73_096));
  expect(count).toEqual({ reads: 2, bytes: 69_632 + 4096 });
});

test("openSource() gives nothing, and asks nobody, outside the device", () => {
  const { read, count } = readerOf(image);
  const source = openSource(read, image.length);
  const outside = [
    [-1, 1],
    [99_999, 2],
    [100_000, 1],
    [2 ** 60, 1],
    [Number.NaN, 1],
    [0.5, 1],
  ] as const;
  for (const [at, length] of outside) expect(source.at(at, length)).toBeUndefined();
  expect(count.reads).toBe(0);
});

test("openSource() gives nothing where the device is shorter than it says", () => {
  const source = openSource(readerOf(image.subarray(0, 5000)).read, image.length);
  expect(source.at(0, 4096)).toHaveLength(4096);
  expect(source.at(4096, 4096)).toBeUndefined();
  expect(source.at(80_000, 512)).toBeUndefined();
});
