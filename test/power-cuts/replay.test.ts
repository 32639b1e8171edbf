// The log, the points and the replay, on logs made by hand.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type CutPoint, chooseCutPoints, describeCutPoint } from "./cut-points.ts";
import { Replay } from "./replay.ts";
import { type LogEntry, readWriteLog } from "./write-log.ts";

const directory = mkdtempSync(join(tmpdir(), "backstore-replay-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const sector = 512;
const block = 8;
const flags = { flush: 1, fua: 2, discard: 4 };

interface Entry {
  readonly at?: number;
  readonly blocks?: number;
  readonly byte?: number;
  readonly flags?: number;
}

/** Makes a write of blocks of 4096 bytes, all with the same byte. */
function write(at: number, blocks: number, byte: number): Entry {
  return { at, blocks, byte };
}

const flush: Entry = { flags: flags.flush };

function formatEntry({ at = 0, blocks = 0, byte = 0, flags = 0 }: Entry): Buffer {
  const header = Buffer.alloc(sector);
  header.writeBigUInt64LE(BigInt(at * block), 0);
  header.writeBigUInt64LE(BigInt(blocks * block), 8);
  header.writeBigUInt64LE(BigInt(flags), 16);
  return Buffer.concat([header, Buffer.alloc(blocks * block * sector, byte)]);
}

function writeLog(entries: readonly Entry[], magic = 0x6a736677736872n): string {
  const head = Buffer.alloc(sector);
  head.writeBigUInt64LE(magic, 0);
  head.writeBigUInt64LE(1n, 8);
  head.writeBigUInt64LE(BigInt(entries.length), 16);
  head.writeUInt32LE(sector, 24);
  const path = join(directory, "log");
  writeFileSync(path, Buffer.concat([head, ...entries.map(formatEntry)]));
  return path;
}

const entries = [write(0, 2, 1), write(4, 1, 2), flush, write(0, 1, 3), write(6, 2, 4), flush];

describe("readWriteLog()", () => {
  test("reads writes and flushes in their order", () => {
    expect(readWriteLog(writeLog(entries))).toEqual([
      { offset: 0, bytes: 8192, at: 1024, isFlush: false },
      { offset: 16384, bytes: 4096, at: 9728, isFlush: false },
      { offset: 0, bytes: 0, at: 14336, isFlush: true },
      { offset: 0, bytes: 4096, at: 14848, isFlush: false },
      { offset: 24576, bytes: 8192, at: 19456, isFlush: false },
      { offset: 0, bytes: 0, at: 28160, isFlush: true },
    ]);
  });

  const broken: readonly (readonly [is: string, make: () => string, reason: RegExp])[] = [
    ["no log", () => writeLog([], 7n), /no log/],
    ["a discard", () => writeLog([{ flags: flags.discard }]), /no write and no flush/],
    [
      "an entry without its data",
      () => {
        const path = writeLog([write(0, 1, 1)]);
        writeFileSync(path, readFileSync(path).subarray(0, 2000));
        return path;
      },
      /cut off/,
    ],
    [
      "a number of entries that are not there",
      () => {
        const path = writeLog([flush, flush]);
        writeFileSync(path, readFileSync(path).subarray(0, 2 * sector));
        return path;
      },
      /ends at byte/,
    ],
  ];
  for (const [is, make, reason] of broken)
    test(`refuses ${is}`, () => {
      const path = make();
      expect(() => readWriteLog(path)).toThrow(reason);
    });
});

describe("chooseCutPoints()", () => {
  const log = readWriteLog(writeLog(entries));
  const points = chooseCutPoints(log, { least: 20, seed: 1 });

  test("has the start, every flush, and nothing twice", () => {
    const whole = points.filter(({ kept }) => kept.length === 0).map((point) => point.whole);
    expect(whole).toEqual([0, 3, 6]);
    expect(new Set(points.map(describeCutPoint)).size).toBe(points.length);
  });

  test("loses nothing that was flushed, and keeps nothing that came after the next flush", () => {
    for (const { whole, kept } of points)
      for (const index of kept) {
        expect(index).toBeGreaterThanOrEqual(whole);
        expect(index).toBeLessThan(whole === 0 ? 2 : 5);
      }
  });

  test("finds each loss of two writes, and blocks that are missing at the end of one", () => {
    const first = points.filter(({ whole, tornBytes }) => whole === 0 && tornBytes === undefined);
    expect(new Set(first.map(({ kept }) => kept.join()))).toEqual(new Set(["", "0", "1", "0,1"]));
    expect(points).toContainEqual({ whole: 0, kept: [0], tornBytes: 4096 });
  });

  test("is the same for the same seed", () => {
    expect(chooseCutPoints(log, { least: 20, seed: 1 })).toEqual(points);
  });

  test("is in the order in which a replay goes", () => {
    const order = points.map(({ whole }) => whole);
    expect(order).toEqual([...order].sort((one, other) => one - other));
  });
});

describe("Replay", () => {
  const image = join(directory, "image");
  const to = join(directory, "to");

  /** Returns the first byte of each block, after the replay to a point. */
  function replayTo(log: readonly LogEntry[], ...points: readonly CutPoint[]): string[] {
    writeFileSync(image, Buffer.alloc(8 * 4096, 9));
    const replay = new Replay(image, join(directory, "log"), log);
    const seen = points.map((point) => {
      replay.writeAt(point, to);
      const disk = readFileSync(to);
      return Array.from({ length: 8 }, (_, index) => disk[index * 4096]).join("");
    });
    replay.close();
    return seen;
  }

  test("has what was written up to a point, and of the rest what was kept", () => {
    const log = readWriteLog(writeLog(entries));
    const seen = replayTo(
      log,
      { whole: 0, kept: [] },
      { whole: 0, kept: [1] },
      { whole: 0, kept: [0], tornBytes: 4096 },
      { whole: 3, kept: [] },
      { whole: 3, kept: [4] },
      { whole: 3, kept: [3, 4], tornBytes: 4096 },
      { whole: 6, kept: [] },
    );
    expect(seen).toEqual([
      "99999999",
      "99992999",
      "19999999",
      "11992999",
      "11992944",
      "31992949",
      "31992944",
    ]);
  });

  test("leaves nothing of what the file contained", () => {
    writeFileSync(image, Buffer.alloc(3 * 65536));
    const log = readWriteLog(writeLog([write(0, 1, 1), flush]));
    const replay = new Replay(image, join(directory, "log"), log);
    // What a session has written elsewhere on the disk of the point before.
    writeFileSync(to, Buffer.alloc(3 * 65536, 9));
    replay.writeAt({ whole: 2, kept: [] }, to);
    replay.close();
    const wanted = Buffer.alloc(3 * 65536);
    wanted.fill(1, 0, 4096);
    expect(readFileSync(to).equals(wanted)).toBe(true);
  });

  test("gives the same digest for the same contents alone", () => {
    writeFileSync(image, Buffer.alloc(8 * 4096, 9));
    const log = readWriteLog(writeLog([write(0, 1, 1), flush, write(0, 1, 2), write(0, 1, 1)]));
    const replay = new Replay(image, join(directory, "log"), log);
    const points: readonly CutPoint[] = [
      { whole: 0, kept: [] },
      { whole: 0, kept: [0] },
      { whole: 2, kept: [] },
      { whole: 2, kept: [2] },
      { whole: 2, kept: [2, 3] },
    ];
    const [before, kept, flushed, other, again] = points.map((point) => replay.digestAt(point));
    replay.close();
    expect([flushed, again]).toEqual([kept, kept]);
    expect(new Set([before, kept, other]).size).toBe(3);
  });

  test("tells whether the whole log leads to a disk", () => {
    const log = readWriteLog(writeLog(entries));
    replayTo(log, { whole: 6, kept: [] });
    const replay = new Replay(image, join(directory, "log"), log);
    expect(replay.isSameAtEnd(to)).toBe(true);
    writeFileSync(to, Buffer.alloc(8 * 4096, 9));
    expect(replay.isSameAtEnd(to)).toBe(false);
    replay.close();
  });

  test("refuses to go back, and writes behind the disk's end", () => {
    const log = readWriteLog(writeLog([flush, write(7, 2, 1)]));
    expect(() => replayTo(log, { whole: 1, kept: [] }, { whole: 0, kept: [] })).toThrow(/go back/);
    expect(() => replayTo(log, { whole: 2, kept: [] })).toThrow(/too far/);
  });
});
