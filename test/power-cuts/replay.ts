// A disk as it was at any moment of a recording: the image from before, and what was written since
// according to the log.

import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import type { CutPoint } from "./cut-points.ts";
import type { LogEntry } from "./write-log.ts";

const chunkBytes = 65536;

/** Goes through a recording from its start to its end. */
export class Replay {
  private readonly disk: Buffer;
  /** The chunks that contain something else than zeros, or did. */
  private readonly used: Uint8Array;
  private readonly log: number;
  private done = 0;

  constructor(
    image: string,
    log: string,
    private readonly entries: readonly LogEntry[],
  ) {
    this.disk = readFileSync(image);
    this.used = new Uint8Array(Math.ceil(this.disk.length / chunkBytes));
    const zeros = Buffer.alloc(chunkBytes);
    for (let index = 0; index < this.used.length; index++) {
      const chunk = this.chunk(index);
      if (!chunk.equals(zeros.subarray(0, chunk.length))) this.used[index] = 1;
    }
    this.log = openSync(log, "r");
  }

  /**
   * Writes the disk as it is at a point to a file, which is replaced entirely; points must come in
   * their order.
   */
  writeAt(point: CutPoint, to: string): void {
    if (point.whole < this.done) throw new Error("Cannot go back in a replay");
    for (; this.done < point.whole; this.done++) this.apply(this.done);
    const taken = point.kept.map((index) => this.apply(index, isLast(point, index)));
    this.write(to);
    for (const { offset, before } of taken.reverse()) before.copy(this.disk, offset);
  }

  /** Returns whether the disk is the same as a file, once the whole log is replayed. */
  isSameAtEnd(file: string): boolean {
    for (; this.done < this.entries.length; this.done++) this.apply(this.done);
    return this.disk.equals(readFileSync(file));
  }

  close(): void {
    closeSync(this.log);
  }

  private chunk(index: number): Buffer {
    return this.disk.subarray(index * chunkBytes, (index + 1) * chunkBytes);
  }

  private apply(index: number, most = Number.POSITIVE_INFINITY) {
    const { offset, bytes, at } = this.entries[index]!;
    const length = Math.min(bytes, most);
    const before = Buffer.from(this.disk.subarray(offset, offset + length));
    if (before.length !== length) throw new Error(`Cannot replay entry ${index}: it is too far`);
    if (length > 0) {
      readSync(this.log, this.disk, offset, length, at);
      const last = Math.floor((offset + length - 1) / chunkBytes);
      this.used.fill(1, Math.floor(offset / chunkBytes), last + 1);
    }
    return { offset, before };
  }

  private write(to: string): void {
    const file = openSync(to, "w");
    try {
      ftruncateSync(file, this.disk.length);
      for (const [index, isUsed] of this.used.entries())
        if (isUsed) writeSync(file, this.chunk(index), 0, undefined, index * chunkBytes);
    } finally {
      closeSync(file);
    }
  }
}

function isLast({ kept, tornBytes }: CutPoint, index: number): number | undefined {
  return index === kept.at(-1) ? tornBytes : undefined;
}
