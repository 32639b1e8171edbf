import { expect, test } from "vitest";
import { findRisks } from "../../../src/core/session/store-warnings.ts";
import type { LiveRoot } from "../../../src/core/takeover/live-root.ts";
import { device, foundFile } from "../../support/devices.ts";

const host = device("/dev/sda1", { type: "vfat", unclean: ["dirty"] });

/** What linux-live has mounted, from a medium. */
function live(source: string, isWritable: boolean): LiveRoot {
  return {
    root: "/memory/union",
    family: "linux-live",
    layers: ["/memory/bundles/01-core.sb"],
    upper: "/memory/changes/changes",
    unnamed: [],
    traces: { metacopy: false, redirect: false, incomplete: false },
    medium: { target: "/memory/data", source, deviceNumber: "8:1", isWritable, flags: [] },
  };
}

const cases = [
  ["a host that nobody has mounted", undefined, 1],
  ["a host that is the medium, mounted read-only", live("/dev/sda1", false), 1],
  ["a host beside a medium that is mounted for writing", live("/dev/sdb1", true), 1],
  [
    "a host that is the medium, mounted for writing, which sets the bit",
    live("/dev/sda1", true),
    0,
  ],
] as const;
for (const [name, root, count] of cases)
  test(`findRisks() tells of the dirty bit of ${name}: ${count}`, () => {
    expect(findRisks({ live: root }, foundFile(host))).toHaveLength(count);
  });
