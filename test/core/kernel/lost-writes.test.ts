import { expect, test } from "vitest";
import { type BlockRange, countLostWrites } from "../../../src/core/kernel/lost-writes.ts";

const loop: BlockRange = { name: "loop1", part: undefined };
const partition: BlockRange = { name: "sdb1", part: { disk: "sdb", start: 2048, count: 1000 } };

// Lines of Linux 6.1 (User Mode Linux and Debian), 5.10 (the two with other words), 6.12.
const cases: readonly (readonly [line: string, range: BlockRange, count: number])[] = [
  [
    "critical space allocation error, dev loop1, sector 63672 op 0x1:(WRITE) flags 0x4000 phys_seg 20 prio class 2",
    loop,
    1,
  ],
  [
    "<3>[   12.345678] blk_update_request: I/O error, dev loop1, sector 8 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 0",
    loop,
    1,
  ],
  ["I/O error, dev loop10, sector 8 op 0x1:(WRITE) flags 0x0 phys_seg 1 prio class 0", loop, 0],
  ["I/O error, dev loop1, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 0", loop, 0],
  [
    "operation not supported error, dev loop1, sector 8 op 0x9:(WRITE_ZEROES) flags 0x800 phys_seg 0 prio class 2",
    loop,
    0,
  ],
  ["I/O error, dev sdb, sector 2048 op 0x1:(WRITE) flags 0x0", partition, 1],
  ["I/O error, dev sdb, sector 3047 op 0x1:(WRITE) flags 0x0", partition, 1],
  ["I/O error, dev sdb, sector 3048 op 0x1:(WRITE) flags 0x0", partition, 0],
  ["I/O error, dev sdb, sector 2047 op 0x1:(WRITE) flags 0x0", partition, 0],
  ["Buffer I/O error on dev sdb1, logical block 1, lost async page write", partition, 1],
  ["Buffer I/O error on dev sdb1, logical block 1, async page read", partition, 0],
  [
    "EXT4-fs warning (device loop1): ext4_end_bio:343: I/O error 3 writing to inode 21 starting block 9559)",
    loop,
    1,
  ],
  ["XFS (loop1): writeback error on inode 131, offset 0, sector 96", loop, 1],
  ["EXT4-fs (loop1): mounted filesystem with ordered data mode. Quota mode: none.", loop, 0],
  ["", loop, 0],
];
for (const [line, range, count] of cases)
  test(`countLostWrites() finds ${count} for ${range.name} in "${line.slice(0, 60)}"`, () => {
    expect(countLostWrites(`first\n${line}\nlast\n`, range)).toBe(count);
  });
