// A store whose owner has put something else where the boot writes.
import { describe, expect, test } from "vitest";
import { bootMemory } from "../support/booted.ts";
import { ext4 } from "../support/call.ts";
import { directory, link, node, type Tree } from "../support/memory/entry.ts";
import { stick } from "./start.ts";

const store = "persistent_RESCUE1100/x86_64";
const record = `/run/initramfs/backstore/store/${store}/backstore.json`;
const sdc = 8 * 256 + 2 * 16;
/** More than a record has; the rest of a disk in memory is a hole of any size. */
const lookedAt = 1 << 16;

const traps: readonly (readonly [is: string, tree: Tree])[] = [
  ["a link to another disk", { "backstore.json.new": link("/dev/sdc") }],
  ["the device node of another disk", { "backstore.json.new": node("block", sdc) }],
  ["a link to what is not there yet", { "backstore.json.new": link("/run/made") }],
  ["a link in the record's own place", { "backstore.json": link("/dev/sdc") }],
  ["a device node in the record's own place", { "backstore.json": node("block", sdc) }],
];

describe("boot()", () => {
  for (const [is, tree] of traps)
    test(`boot() writes to no other disk where its record would be written through ${is}`, () => {
      const victim = ext4("victim");
      const before = Buffer.from(victim.read(0, lookedAt));
      const { system, content } = bootMemory("cow_label=store", {
        disks: [
          stick(),
          {
            name: "sdb",
            content: ext4("store", { [store]: directory({ upperdir: {}, ...tree }) }),
          },
          { name: "sdc", content: victim },
        ],
      });
      expect(before.equals(content("/dev/sdc").read(0, lookedAt))).toBe(true);
      expect(system.status("/run/made")).toBeUndefined();
      expect(system.linkStatus(`${record}.new`)).toBeUndefined();
      if (!("backstore.json" in tree)) expect(system.linkStatus(record)?.kind).toBe("file");
    });

  test("boot() lets only root enter where the session's mounts are", () => {
    const { system } = bootMemory("cow_label=store", {
      disks: [stick(), { name: "sdb", content: ext4("store") }],
    });
    expect(system.status("/run/initramfs/backstore")?.mode).toBe(0o700);
    const open = system
      .mounts()
      .filter(({ target }) => target.startsWith("/run/initramfs/backstore/"))
      .filter(({ options }) => !/\bnosuid\b.*\bnodev\b/.test(options));
    expect(open.map(({ target }) => target)).toEqual([]);
  });
});
