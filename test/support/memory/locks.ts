// flock(2) in memory: one holder for each file, and programs that go on with the locks they were started under.
import type { Entry } from "./entry.ts";
import { fail } from "./errors.ts";

/** Knows which files are locked, by their inodes, and by how many processes each lock is held open. */
export class Locks {
  private readonly holders = new Map<number, number>();
  private leftBehind: readonly number[] = [];

  hold<T>({ inode }: Entry, { path, use }: { path: string; use: () => T }): T {
    if (this.holders.has(inode)) fail("EAGAIN", path);
    this.add(inode, 1);
    try {
      return use();
    } finally {
      this.add(inode, -1);
    }
  }

  /** Lets a program that was started now go on: whatever is locked stays so until endLeftBehind(). */
  leaveBehind(): void {
    const held = [...this.holders.keys()];
    for (const inode of held) this.add(inode, 1);
    this.leftBehind = [...this.leftBehind, ...held];
  }

  /** Ends the programs that went on. */
  endLeftBehind(): void {
    for (const inode of this.leftBehind) this.add(inode, -1);
    this.leftBehind = [];
  }

  private add(inode: number, processes: number): void {
    const left = (this.holders.get(inode) ?? 0) + processes;
    if (left > 0) this.holders.set(inode, left);
    else this.holders.delete(inode);
  }
}
