// Every reader of what others control stands what fuzzing kept: the seeds, and what has reached new
// code since (fuzz/README.md).
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readCorpus } from "../fuzz/corpus.ts";
import { callReader } from "../fuzz/judge.ts";
import { readers } from "../fuzz/readers/readers.ts";
import { seedsOf } from "../fuzz/seeds.ts";

const corpus = join(import.meta.dirname, "../fuzz/corpus");

describe("a reader throws nothing but a Failure, and takes less than a second", () => {
  for (const reader of readers)
    test(`${reader.name} stands its seeds and what was kept`, () => {
      for (const input of [...seedsOf(reader.name), ...readCorpus(corpus, reader.name)])
        expect(callReader(reader, input).wrong).toBeUndefined();
    });
});

describe("long inputs take no longer than their length", () => {
  const pieces = [" ", "\n", "a", "0", "/", '"', "[", "- "];
  for (const reader of readers)
    test(`${reader.name} stands 30,000 times the same`, () => {
      for (const piece of pieces) {
        const input = new Uint8Array(Buffer.from(`${piece.repeat(30_000)}x`));
        expect([piece, callReader(reader, input).wrong]).toEqual([piece, undefined]);
      }
    });
});

test("what is kept is small, and each file of it belongs to a reader", () => {
  const files = readdirSync(corpus);
  expect(files.map((file) => file.replace(/\.txt$/, ""))).toEqual(
    files.flatMap((file) =>
      readers.map(({ name }) => name).filter((name) => `${name}.txt` === file),
    ),
  );
  const sizes = files.map((file) => statSync(join(corpus, file)).size);
  expect(Math.max(...sizes)).toBeLessThan(5000);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
});
