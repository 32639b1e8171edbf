// A disk as it was at any moment of a recording: the image from before, and what was written since
// according to the log.

import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import type { CutPoint } from "./cut-points.ts";
import type { LogEntry } from "./write-log.ts";

const chunkBytes = 65536;

/** Goes through a recording from its start to its end. */
export class Replay {
  private readonly disk: Buffer;
  /** The chunks that contain something else than zeros, or did. */
  private readonly used: Uint8Array;
  /** The digests of the chunks; undefined for those that were changed since. */
  private readonly digests: (Buffer | undefined)[];
  private readonly log: number;
  private done = 0;

  constructor(
    image: string,
    log: string,
    private readonly entries: readonly LogEntry[],
  ) {
    this.disk = readFileSync(image);
    this.used = new Uint8Array(Math.ceil(this.disk.length / chunkBytes));
    this.digests = Array.from(this.used, () => undefined);
    const zeros = Buffer.alloc(chunkBytes);
    for (let index = 0; index < this.used.length; index++) {
      const chunk = this.chunk(index);
      if (!chunk.equals(zeros.subarray(0, chunk.length))) this.used[index] = 1;
    }
    this.log = openSync(log, "r");
  }

  /**
   * Writes the disk as it is at a point to a file, which is replaced entirely, and returns a digest
   * of it; points must come in their order.
   */
  writeAt(point: CutPoint, to: string): string {
    return this.seeAt(point, () => this.write(to));
  }

  /** Returns a digest of the disk as it is at a point; points must come in their order. */
  digestAt(point: CutPoint): string {
    return this.seeAt(point, () => {});
  }

  private seeAt(point: CutPoint, use: () => void): string {
    if (point.whole < this.done) throw new Error("Cannot go back in a replay");
    for (; this.done < point.whole; this.done++) this.apply(this.done);
    const taken = point.kept.map((index) => this.apply(index, isLast(point, index)));
    use();
    const digest = this.digest();
    for (const { offset, before } of taken.reverse()) {
      before.copy(this.disk, offset);
      this.noteChange(offset, before.length);
    }
    return digest;
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
      this.noteChange(offset, length);
    }
    return { offset, before };
  }

  private noteChange(offset: number, length: number): void {
    const first = Math.floor(offset / chunkBytes);
    const last = Math.floor((offset + length - 1) / chunkBytes);
    this.used.fill(1, first, last + 1);
    this.digests.fill(undefined, first, last + 1);
  }

  private digest(): string {
    const all = createHash("sha1");
    for (const [index, isUsed] of this.used.entries()) {
      if (!isUsed) continue;
      this.digests[index] ??= createHash("sha1").update(this.chunk(index)).digest();
      all.update(`${index} `).update(this.digests[index]);
    }
    return all.digest("hex");
  }

  private write(to: string): void {
    const file = openSync(to, constants.O_RDWR | constants.O_CREAT, 0o644);
    try {
      // Overwriting takes half the time of writing anew, but leaves what is in other chunks.
      const usedBytes = this.used.filter((isUsed) => isUsed).length * chunkBytes;
      if (fstatSync(file).blocks * 512 > usedBytes) ftruncateSync(file, 0);
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
