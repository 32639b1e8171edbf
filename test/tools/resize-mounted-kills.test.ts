// grow and shrink of xfs and btrfs, which the kernel resizes, killed before every call that changes
// something (resize-kill-case.ts).
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import { buildDirectory } from "../../scripts/lib/cache.ts";
import { type KillCase, testKills } from "./resize-kill-case.ts";
import { directory } from "./stores.ts";

// The end of a killed process unmounts what it had mounted.
const isCopied = () => false;

const cases: readonly KillCase[] = [
  { operation: "grow", type: "xfs", from: 300, to: 320, isCopied, limitMs: 240_000 },
  { operation: "grow", type: "btrfs", from: 256, to: 272, isCopied, limitMs: 240_000 },
  {
    operation: "shrink",
    type: "btrfs",
    from: 300,
    to: 264,
    filler: 100,
    isCopied,
    limitMs: 240_000,
  },
];

for (const one of cases) testKills(one, join(directory, "host", "sysrcd.bs"));

const disk = mkdtempSync(join(buildDirectory, "resize-kills-"));
afterAll(() => rmSync(disk, { recursive: true, force: true }));

// On a disk's file system, which clears a range by one call, while memory needs 256 for the log of
// an xfs file system. While the smaller one is made and filled, nothing is written to the store.
testKills(
  {
    operation: "shrink",
    type: "xfs",
    from: 320,
    to: 300,
    isCopied: (call) => /^\w+ (mkfs\.xfs|cp)\b/.test(call),
    limitMs: 400_000,
  },
  join(disk, "host", "sysrcd.bs"),
);
