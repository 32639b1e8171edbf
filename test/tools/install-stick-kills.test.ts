// "backstore install" and "backstore uninstall" killed before any of their writes to a stick.
// What they write goes past the page cache, and each write is synced before the next one: each kill
// leaves what a power cut there would leave as well.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { IsoLayout } from "./iso-media.ts";
import { callsOf, killBefore } from "./kill-at.ts";
import { run, tryRun } from "./programs.ts";
import {
  attachPartition,
  detach,
  disk,
  expectPartition,
  extract,
  imageOf,
  makeImages,
  makeStick,
  menus,
  partitionsOf,
  program,
  readImage,
} from "./stick-images.ts";

interface Case {
  readonly layout: IsoLayout;
  readonly command: "install" | "uninstall";
  readonly flags?: readonly string[];
}

// One with a view for the first partition, and one whose first partition begins with the image. One
// with menus in an EFI partition is in test/power-cuts/install-sticks.test.ts.
const cases: readonly Case[] = [
  { layout: "live-build", command: "install", flags: ["--store", "16"] },
  { layout: "live-build", command: "uninstall" },
  { layout: "isohybrid", command: "install" },
  { layout: "isohybrid", command: "uninstall" },
];

makeImages(["live-build", "isohybrid"]);

/** Whatever partition is behind the image is a whole store. */
function expectStores(device: string, layout: IsoLayout, count: number): void {
  const end = readImage(device, layout).length / 512;
  const behind = partitionsOf(device).filter(({ start }) => start >= end);
  expect(behind.length).toBeLessThanOrEqual(count);
  for (const found of behind) {
    const part = attachPartition(found);
    try {
      run(["e2fsck", "-fn", part]);
    } finally {
      detach(part);
    }
  }
}

describe("killed before any of its writes to the stick", () => {
  for (const { layout, command, flags = [] } of cases)
    test(`${layout}: ${command} leaves the old tree or the new one, and the next run goes on`, {
      timeout: 600_000,
    }, () => {
      const image = readFileSync(imageOf(layout));
      const device = makeStick(layout, flags.length > 0 ? 128 : 40);
      const before = extract(device, menus[layout]);
      const plain = readFileSync(disk);
      run([program, "install", device, ...flags]);
      const installed = readFileSync(disk);
      const after = extract(device, menus[layout]);
      const start = command === "install" ? plain : installed;
      const restart = () => {
        writeFileSync(device, start);
        run(["sync", device]);
      };
      restart();
      const words = [program, command, device, ...flags];
      const calls = callsOf(words);
      // Before each write, and behind the last one, is every state that the stick ever has.
      const writes = calls.flatMap((call, index) =>
        call.startsWith("pwrite64") && call.endsWith(` ${device}`) ? [index + 1] : [],
      );
      expect(writes.length).toBeGreaterThan(1);
      const moments = [...writes, (writes.at(-1) ?? 0) + 1];
      for (const [index, number] of moments.entries()) {
        restart();
        const where = killBefore(words, number, calls);
        expect([before, after], where).toContain(extract(device, menus[layout]));
        expectPartition(device, layout, [before, after]);
        expectStores(device, layout, flags.length > 0 ? 1 : 0);
        const table = tryRun(["sfdisk", "--verify", device]);
        expect(table.stderr, where).not.toContain("corrupt");
        if (index % 3 === 0) {
          expect(run([program, "install", device, ...flags]), where).toMatch(/nstalled on/);
          expect(extract(device, menus[layout]), where).toBe(after);
        }
        run([program, "uninstall", device]);
        const found = readImage(device, layout);
        const from = flags.length > 0 ? 64 * 512 : 0;
        expect(found.subarray(from).equals(image.subarray(from)), where).toBe(true);
      }
      detach(device);
    });
});
