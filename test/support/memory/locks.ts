// flock(2) in memory: one holder for each file, and programs that continue with the locks they were
// started under.
import type { Entry } from "./entry.ts";
import { fail } from "./errors.ts";

/** The locked files, by their inodes, and how many processes hold each lock open. */
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

  /**
   * Lets a program that was started now continue: whatever is locked stays locked until
   * endLeftBehind().
   */
  leaveBehind(): void {
    const held = [...this.holders.keys()];
    for (const inode of held) this.add(inode, 1);
    this.leftBehind = [...this.leftBehind, ...held];
  }

  /** Ends the programs that continued. */
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
